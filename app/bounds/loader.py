"""Bounds read from Postgres: one entry, or the changes since a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.bounds.entry import UNVERSIONED, Entry
from app.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.db import Database

_BOUNDS = """
SELECT catalogo_id, min_lon, min_lat, max_lon, max_lat, centroid_lon, centroid_lat, geom_count, updated_at, version
FROM catalogo_bounds_versioned(%(id)s::bigint)
"""


async def load_bounds(database: Database, catalogo_id: int) -> Entry:
    """Read the bounds of one entry as they are now; raises NotFoundError when there is no such entry.

    While a change of it is not folded yet the entry is UNVERSIONED: right now, but not to be kept.
    """
    row = await database.fetch_one(_BOUNDS, {"id": catalogo_id})
    if row is None:
        raise NotFoundError(catalogo_id)
    return entry_of(row)


def entry_of(row: Mapping[str, Any]) -> Entry:
    """Build an entry from a row with the columns of catalogo_bounds_versioned()."""
    has = row["geom_count"] > 0
    return Entry.make(
        catalogo_id=row["catalogo_id"],
        version=UNVERSIONED if row["version"] is None else row["version"],
        bbox=(row["min_lon"], row["min_lat"], row["max_lon"], row["max_lat"]) if has else None,
        centroid=(row["centroid_lon"], row["centroid_lat"]) if has else None,
        updated_at=row["updated_at"],
        geometries=row["geom_count"],
    )
