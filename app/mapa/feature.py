"""One feature with everything that is known of it, for who clicks on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from app.errors import ServiceError
from app.mapa.view import GEOMETRY, IDENTITY, PROPERTIES, SELECTED, VIEW
from app.serial import dumps

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
_MEASURES = ("area_m2", "perimetro_m")


class NoFeatureError(ServiceError):
    """The map has no such feature."""

    status = 404

    def __init__(self, number: int) -> None:
        """Name the id that was asked for."""
        super().__init__(f"the map has no feature with the id {number}")


async def feature(database: Database, number: int) -> bytes:
    """Return a feature of the map as GeoJSON; raises NoFeatureError."""
    row = await database.fetch_one(_FEATURE, {"id": number})
    if row is None:
        raise NoFeatureError(number)
    names = (*(column.name for column in PROPERTIES), *_MEASURES)
    return dumps(
        {
            "type": "Feature",
            "id": row[IDENTITY.name],
            "bbox": row["bbox"],
            "geometry": orjson.Fragment(row["geometry"]),
            "properties": {name: row[name] for name in names},
        }
    )
