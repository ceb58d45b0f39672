"""Bounds read from Postgres."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.bounds.entry import Entry
from app.errors import NotFoundError

if TYPE_CHECKING:
    from app.db import Database

# The version counts the transactions that had ended when the statement's snapshot was taken: the ids below xmax that
# are not in progress. Each commit raises it by at least one, so of two reads the one that saw more has the greater
# version. (updated_at cannot tell: a deletion raises no time. Nor can xmin or xmax: a commit may change neither.)
_BOUNDS = """
SELECT
    b.catalogo_id, b.min_lon, b.min_lat, b.max_lon, b.max_lat, b.centroid_lon, b.centroid_lat,
    b.geom_count, b.updated_at,
    pg_snapshot_xmax(seen.snapshot)::text::bigint
    - (SELECT count(*) FROM pg_snapshot_xip(seen.snapshot)) AS version
FROM catalogo_bounds(%(id)s::bigint) AS b
CROSS JOIN (SELECT pg_current_snapshot() AS snapshot) AS seen
"""


async def load_bounds(database: Database, catalogo_id: int) -> Entry:
    """Read the bounds of one entry from its geometries; raises NotFoundError when there is no such entry."""
    row = await database.fetch_one(_BOUNDS, {"id": catalogo_id})
    if row is None:
        raise NotFoundError(catalogo_id)
    has = row["geom_count"] > 0
    return Entry.make(
        catalogo_id=catalogo_id,
        version=row["version"],
        bbox=(row["min_lon"], row["min_lat"], row["max_lon"], row["max_lat"]) if has else None,
        centroid=(row["centroid_lon"], row["centroid_lat"]) if has else None,
        updated_at=row["updated_at"],
        geometries=row["geom_count"],
    )
