"""Conditions of a query: text that is made of this package's words only, and the values beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.mapa.view import CATEGORY, GEOMETRY, INSTANT, NO_CATEGORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.mapa.boxes import Box
    from app.mapa.times import Span

# Areas stay areas, and no collection comes of it, which most relations refuse.
_REPAIR = "'method=structure keepcollapsed=false'"


@dataclass(slots=True)
class Values:
    """Values of a statement by name; whatever comes from outside becomes one of them and never a part of the text."""

    named: dict[str, object] = field(default_factory=dict)

    def add(self, value: object, kind: str) -> str:
        """Keep a value; returns its place in the text, of that type of Postgres."""
        name = f"v{len(self.named)}"
        self.named[name] = value
        return f"%({name})s::{kind}"


def in_categories(values: Values, categories: Sequence[str]) -> str:
    """Tell features of these categories.

    Of the view's category no index and no statistics know; of the files' categories both do.
    """
    named = values.add(list(categories), "text[]")
    if NO_CATEGORY in categories:
        return f"{CATEGORY} = ANY({named})"
    return f"catalogo_id IN (SELECT catalogo_id FROM catalogo_origem WHERE categoria = ANY({named}))"  # noqa: S608


def in_boxes(values: Values, boxes: Sequence[Box]) -> str:
    """Tell features that meet one of the boxes."""
    return f"({' OR '.join(_in_box(values, box) for box in boxes)})"


def _in_box(values: Values, box: Box) -> str:
    corners = ", ".join(values.add(number, "double precision") for number in box)
    envelope = f"ST_MakeEnvelope({corners}, 4326)"
    # A feature whose own envelope lies within the box meets it: most are told without a look at their points.
    return f"({GEOMETRY} && {envelope} AND ({GEOMETRY} @ {envelope} OR {meets('ST_Intersects', envelope)}))"


def meets(function: str, other: str, *, swapped: bool = False) -> str:
    """Tell whether a relation holds between the feature's geometry and another one.

    GEOS may refuse a geometry that is not valid, which would fail the whole answer: it looks at a repaired one.
    """

    def call(geometry: str) -> str:
        return f"{function}({other}, {geometry})" if swapped else f"{function}({geometry}, {other})"

    return f"CASE WHEN is_valid THEN {call(GEOMETRY)} ELSE {call(f'ST_MakeValid({GEOMETRY}, {_REPAIR})')} END"


def in_span(values: Values, span: Span) -> str:
    """Tell features that came to be within the time."""
    parts = [
        f"{INSTANT} {comparison} {values.add(end, 'timestamptz')}"
        for comparison, end in ((">=", span.start), ("<=", span.end))
        if end is not None
    ]
    return " AND ".join(parts) or "true"
