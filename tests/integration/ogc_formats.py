"""Texts that schemathesis cannot make up from a schema: what their formats allow (a module of its hooks)."""

import schemathesis
from hypothesis import strategies as st

_degrees = st.integers(-90, 90)

schemathesis.openapi.format(
    "ogc-bbox",
    st.tuples(_degrees, st.integers(-90, 0), _degrees, st.integers(0, 90)).map(lambda box: ",".join(map(str, box))),
)
schemathesis.openapi.format(
    "ogc-datetime",
    st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01/..", "../2026-01-01T00:00:00+03:00", "2026-01-31", "../.."]),
)
# In either language: which one it is, another parameter says, so this is what text and JSON share.
schemathesis.openapi.format("ogc-cql2", st.sampled_from(["true", "false"]))
