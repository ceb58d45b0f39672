"""Features of a collection: pages in the order of their ids, and single ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.mapa import conditions
from app.mapa.boxes import boxes
from app.mapa.conditions import Values
from app.mapa.cql2 import condition
from app.mapa.cql2_text import parse
from app.mapa.errors import UnknownFeatureError
from app.mapa.geojson import feature
from app.mapa.times import span
from app.mapa.view import SELECTED, VIEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import Database, Row
    from app.mapa.collections import Collection
    from app.mapa.ogc_parameters import ItemsParameters

# What is fetched at once, and the size from which on a page ends early: one answer never holds more than both.
_PORTION = 250
_WHOLE_BYTES = 8 * 1024 * 1024

_ONE = f"SELECT {SELECTED} FROM {VIEW} WHERE id = %(id)s::bigint"  # noqa: S608 -- a constant of this package


@dataclass(frozen=True, slots=True)
class Query:
    """Which features are asked for: a condition, and its values."""

    condition: str
    values: dict[str, object]
    whole: bool
    """Whether nothing but the collection narrows it."""

    @classmethod
    def of(cls, collection: Collection, asked: ItemsParameters) -> Query:
        """Build it from a request; raises FilterError where its filter cannot be understood."""
        values = Values()
        parts: list[str] = []
        if collection.categories is not None:
            parts.append(conditions.in_categories(values, collection.categories))
        if asked.bbox is not None:
            parts.append(conditions.in_boxes(values, boxes(asked.bbox)))
        if asked.datetime is not None:
            parts.append(conditions.in_span(values, span(asked.datetime)))
        if asked.filter is not None:
            parts.append(condition(parse(asked.filter, asked.filter_lang), values))
        whole = asked.bbox is None and asked.datetime is None and asked.filter is None
        return cls(" AND ".join(parts) or "true", values.named, whole)


@dataclass(frozen=True, slots=True)
class Page:
    """Some features, and the id after which the next page begins (None: this is the last one)."""

    features: Sequence[bytes]
    next_after: int | None


async def page(database: Database, query: Query, *, after: int, limit: int) -> Page:
    """Return the features with ids greater than `after`, `limit` at most, and fewer where they are large.

    The next page begins behind the last id of this one, so none is skipped or repeated, whatever is added meanwhile.
    """
    statement = (
        f"SELECT {SELECTED} FROM {VIEW} WHERE {query.condition} AND id > %(after)s::bigint"  # noqa: S608
        " ORDER BY id LIMIT "
    )
    found: list[bytes] = []
    size = 0
    while True:
        wanted = min(limit - len(found), _PORTION)
        # One more than wanted tells whether a page follows. The number stands in the text: Postgres plans a statement
        # anew each time, which takes as long as a short page, where it does not know how few rows are wanted.
        rows = await database.fetch(f"{statement}{wanted + 1:d}", {**query.values, "after": after})
        for row in rows[:wanted]:
            found.append(feature(row))
            size += len(found[-1])
            after = row["id"]
            if size > _WHOLE_BYTES:
                break
        # Whether any is left: of these rows, or behind them.
        if not rows or (after == rows[-1]["id"] and len(rows) <= wanted):
            return Page(found, None)
        if len(found) == limit or size > _WHOLE_BYTES:
            return Page(found, after)


async def one(database: Database, collection: Collection, number: int) -> Row:
    """Return the row of a feature of the collection; raises UnknownFeatureError."""
    row = await database.fetch_one(_ONE, {"id": number})
    if row is None or (collection.categories is not None and row["categoria"] not in collection.categories):
        raise UnknownFeatureError(collection.id, number)
    return row
