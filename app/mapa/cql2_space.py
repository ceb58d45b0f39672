"""CQL2's spatial relations between a feature and a geometry of the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from app.mapa.boxes import box_of
from app.mapa.conditions import meets
from app.mapa.errors import FilterError
from app.mapa.view import GEOMETRY

if TYPE_CHECKING:
    from app.mapa.conditions import Values

RELATIONS = {
    "s_intersects": "ST_Intersects",
    "s_equals": "ST_Equals",
    "s_disjoint": "ST_Disjoint",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
    "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses",
    "s_contains": "ST_Contains",
}
_SRID = 4326


def relation(op: str, geometry: object, values: Values, *, swapped: bool) -> str:
    """Tell whether the relation holds; `swapped` where the filter's geometry comes first. Raises FilterError."""
    other = f"ST_GeomFromEWKB({values.add(_wkb(geometry), 'bytea')})"
    exact = meets(RELATIONS[op], other, swapped=swapped)
    # All relations but one need envelopes that meet, which the index knows.
    return exact if op == "s_disjoint" else f"{GEOMETRY} && {other} AND {exact}"


def _wkb(node: object) -> bytes:
    found = _geometry(node)
    if found.is_empty or found.geom_type == "GeometryCollection":
        raise FilterError("a geometry is empty or a collection")
    # Bounds tell of coordinates that are no numbers, too; the message of an invalid geometry names the place.
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004 -- degrees
        raise FilterError("a geometry is outside the world; coordinates are longitude, latitude in degrees")
    if not found.is_valid:
        raise FilterError(f"a geometry is not valid: {shapely.is_valid_reason(found)}")
    wkb: bytes = shapely.to_wkb(shapely.set_srid(shapely.force_2d(found), _SRID), include_srid=True)
    return wkb


def _geometry(node: object) -> BaseGeometry:
    if isinstance(node, dict) and isinstance(node.get("bbox"), list):
        try:
            parts = [shapely.box(*box) for box in box_of([float(number) for number in node["bbox"]])]
        except (TypeError, ValueError) as error:
            raise FilterError(f"a bbox {error}") from None
        return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if isinstance(node, dict) and isinstance(node.get("type"), str):
        try:
            found = shapely.from_geojson(orjson.dumps(node))
        except (shapely.errors.ShapelyError, TypeError, ValueError):
            raise FilterError("a geometry cannot be read") from None
        if isinstance(found, BaseGeometry):
            return found
    raise FilterError("a geometry is missing: a literal of WKT or GeoJSON, or a bbox")
