"""A row of the map as a GeoJSON feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from app.mapa.view import IDENTITY
from app.serial import dumps

if TYPE_CHECKING:
    from app.db import Row


def feature(row: Row, **members: object) -> bytes:
    """Return a feature as GeoJSON: its properties are the row's other columns; `members` come beside them."""
    properties = row.copy()
    number, geometry = properties.pop(IDENTITY.name), properties.pop("geometry")
    return dumps(
        {
            "type": "Feature",
            "id": number,
            "geometry": orjson.Fragment(geometry),
            "properties": properties,
            **members,
        }
    )
