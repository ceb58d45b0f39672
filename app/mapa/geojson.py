"""A row of the map as a GeoJSON feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from app.mapa.view import IDENTITY, PROPERTIES
from app.serial import dumps

if TYPE_CHECKING:
    from app.db import Row

_NAMES = tuple(column.name for column in PROPERTIES)


def feature(row: Row, *measures: str, **members: object) -> bytes:
    """Return a feature as GeoJSON: `measures` are columns beyond the view's, `members` come beside its properties."""
    return dumps(
        {
            "type": "Feature",
            "id": row[IDENTITY.name],
            "geometry": orjson.Fragment(row["geometry"]),
            "properties": {name: row[name] for name in (*_NAMES, *measures)},
            **members,
        }
    )
