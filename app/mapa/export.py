"""What a download holds: features chosen as the catalogue's search finds them, read page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from app.errors import InvalidValueError
from app.mapa.conditions import Values, in_categories
from app.mapa.view import GEOMETRY, IDENTITY, PROPERTIES, VIEW
from app.search import search

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from app.db import Database, Row
    from app.mapa.collections import Collections
    from app.mapa.export_models import ExportParameters

COLUMNS = (IDENTITY, *PROPERTIES)
"""The columns of every download, in their order; the geometry comes apart."""

# A page is what a slow client makes this process hold: so many features, and fewer where they are large.
_PAGE_FEATURES = 500
_PAGE_BYTES = 2 * 1024 * 1024
_ENTRIES_TOGETHER = 500
_FOUND_TOGETHER = 500
_STRETCH = 1000
_LONGEST_STRETCH = 32_000

_LAST = "SELECT coalesce(max(id), 0) AS last FROM catalogo_geometrias_particionada"

_NAMES = ", ".join(column.name for column in COLUMNS)


class TooMuchError(InvalidValueError):
    """More is asked for than a download may hold."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which features: of these entries (None: any), of these categories (None: all), of this type (None: any)."""

    entries: Sequence[int] | None
    categories: Sequence[str] | None
    kind: str | None


async def select(database: Database, collections: Collections, asked: ExportParameters, most: int) -> Selection:
    """Find out which features are asked for; raises TooMuchError when the search finds more than `most` entries."""
    categories: Sequence[str] | None = None
    if asked.categoria:
        found = (await collections.overview()).collections.get(asked.categoria)
        categories = [asked.categoria] if found is None else found.categories
    if not asked.query or not asked.query.strip():
        return Selection(None, categories, asked.tipo or None)
    entries: set[int] = set()
    offset: int | None = 0
    while offset is not None:
        page = await search(database, asked.search(limit=_FOUND_TOGETHER, offset=offset))
        entries.update(row["id"] for row in cast("list[Row]", page["items"]))
        if len(entries) > most:
            raise TooMuchError(f"the search finds more than {most} entries: ask for less, or for a category or type")
        offset = cast("int | None", page["next_offset"])
    return Selection(sorted(entries), categories, None)


async def pages(database: Database, selection: Selection, geometry: str) -> AsyncIterator[list[Row]]:
    """Give the features, each once: every column, and `geometry` (an expression over the geometry) under that name.

    Without a search they come in the order of their ids, else entry by entry. Each page is a statement of its own, so
    nothing is held in the database between two of them, and what is changed meanwhile comes as it was or as it is.
    """
    if selection.entries is None:
        async for page in _through(database, selection, geometry):
            yield page
        return
    for first in range(0, len(selection.entries), _ENTRIES_TOGETHER):
        together = selection.entries[first : first + _ENTRIES_TOGETHER]
        after = 0
        while rows := await database.fetch(*_statement(selection, geometry, after, entries=together)):
            yield rows
            after = rows[-1][IDENTITY.name]


async def _through(database: Database, selection: Selection, geometry: str) -> AsyncIterator[list[Row]]:
    """Walk through all ids there are now, in stretches that grow where little is found.

    So a statement costs what its stretch does, whatever the planner thinks of the conditions.
    """
    last = (await database.fetch(_LAST, {}))[0]["last"]
    after, stretch = 0, _STRETCH
    while after < last:
        until = min(after + stretch, last)
        rows = await database.fetch(*_statement(selection, geometry, after, until=until))
        if rows:
            yield rows
        # A page may end before its stretch does.
        after = rows[-1][IDENTITY.name] if rows else until
        stretch = _STRETCH if len(rows) > _PAGE_FEATURES // 2 else min(2 * stretch, _LONGEST_STRETCH)


def _statement(
    selection: Selection, geometry: str, after: int, *, until: int | None = None, entries: Sequence[int] | None = None
) -> tuple[str, dict[str, object]]:
    values = Values()
    conditions = [f"{IDENTITY.name} > {values.add(after, 'bigint')}"]
    if until is not None:
        conditions.append(f"{IDENTITY.name} <= {values.add(until, 'bigint')}")
    if selection.categories is not None:
        conditions.append(in_categories(values, selection.categories))
    if selection.kind is not None:
        conditions.append(f"tipo = {values.add(selection.kind, 'text')}")
    few = ""
    if entries is not None:
        conditions.append(f"catalogo_id = ANY({values.add(list(entries), 'bigint[]')})")
        few = " OFFSET 0"  # entries are looked up first, whatever the planner thinks of reading all in order of id
    # What comes from outside is among the values; the text is made of this package's words.
    statement = f"""
SELECT {_NAMES}, {geometry} AS geometry
FROM (
    SELECT *, sum(ST_MemSize({GEOMETRY})) OVER (ORDER BY {IDENTITY.name}) - ST_MemSize({GEOMETRY}) AS bytes_before
    FROM (SELECT * FROM {VIEW} WHERE {" AND ".join(conditions)}{few}) AS wanted
    ORDER BY {IDENTITY.name}
    LIMIT {_PAGE_FEATURES}
) AS page
WHERE bytes_before < {_PAGE_BYTES}
ORDER BY {IDENTITY.name}
"""  # noqa: S608
    return statement, values.named
