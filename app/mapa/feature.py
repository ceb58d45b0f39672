"""One feature with everything that is known of it, for who clicks on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.mapa.collections import ALL
from app.mapa.errors import UnknownFeatureError
from app.mapa.geojson import feature
from app.mapa.view import GEOMETRY, IDENTITY, SELECTED, VIEW

if TYPE_CHECKING:
    from app.db import Database

# Areas and lengths on the ellipsoid; the box of all points as they are.
_FEATURE = f"""
SELECT
    {SELECTED},
    ST_Area({GEOMETRY}::geography) AS area_m2,
    CASE WHEN ST_Dimension({GEOMETRY}) = 2 THEN ST_Perimeter({GEOMETRY}::geography)
    ELSE ST_Length({GEOMETRY}::geography) END AS perimetro_m,
    ARRAY[ST_XMin({GEOMETRY}), ST_YMin({GEOMETRY}), ST_XMax({GEOMETRY}), ST_YMax({GEOMETRY})] AS bbox
FROM {VIEW}
WHERE {IDENTITY.name} = %(id)s::bigint
"""  # noqa: S608 -- constants of this package


async def measured(database: Database, number: int) -> bytes:
    """Return a feature of the map as GeoJSON; raises UnknownFeatureError."""
    row = await database.fetch_one(_FEATURE, {"id": number})
    if row is None:
        raise UnknownFeatureError(ALL, number)
    return feature(row, bbox=row.pop("bbox"))
