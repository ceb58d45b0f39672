"""Texts that schemathesis cannot make up from a schema: what their formats allow (a module of its hooks)."""

from typing import Any

import schemathesis
from hypothesis import strategies as st

from app.mapa.ogc_parameters import ItemsParameters

_degrees = st.integers(-90, 90)

schemathesis.openapi.format(
    "ogc-bbox",
    st.tuples(_degrees, st.integers(-90, 0), _degrees, st.integers(0, 90)).map(lambda box: ",".join(map(str, box))),
)
schemathesis.openapi.format(
    "ogc-datetime",
    st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01/..", "../2026-01-01T00:00:00+03:00", "2026-01-31", "../.."]),
)
# Which language it is, another parameter says: this is what text and JSON share.
schemathesis.openapi.format("ogc-cql2", st.sampled_from(["true", "false"]))

_EXAMPLE = ItemsParameters.model_fields["filter"].examples


@schemathesis.hook
def before_call(_context: object, case: Any, _kwargs: object) -> None:
    """Put what both languages share in the place of the description's example, where it stands beside the other one."""
    query = case.query or {}
    if query.get("filter-lang") == "cql2-json" and [query.get("filter")] == _EXAMPLE:
        query["filter"] = "true"
