"""A GeoPackage, written feature by feature with GDAL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio

from app.mapa.export import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.db import Row
    from app.mapa.view import Column

LAYER = "feicoes"

_UTC = 100  # as GDAL counts time zones

# The file is thrown away whenever something ends before it is sent: nobody has to wait for the disk.
pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF"})


def append(path: Path, rows: Sequence[Row]) -> int:
    """Write features into the file, which is made by the first call; returns its size."""
    fields = [_field(column, [row[column.name] for row in rows]) for column in COLUMNS]
    pyogrio.raw.write(
        path,
        np.array([row["geometry"] for row in rows], dtype=object),
        [values for values, _ in fields],
        [column.name for column in COLUMNS],
        field_mask=[mask for _, mask in fields],
        layer=LAYER,
        driver="GPKG",
        geometry_type="Unknown",
        crs="EPSG:4326",
        append=path.exists(),
        gdal_tz_offsets={column.name: np.full(len(rows), _UTC) for column in COLUMNS if column.kind == "instant"},
    )
    return path.stat().st_size


def _field(column: Column, values: list[Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any] | None]:
    """Return a column as an array, and which of its values are not known."""
    if column.kind == "text":
        return np.array(values, dtype=object), None
    unknown = np.array([value is None for value in values], dtype=bool)
    if column.kind == "instant":
        known = ["NaT" if value is None else value.replace(tzinfo=None) for value in values]
        return np.array(known, dtype="datetime64[ms]"), None
    kind = "int64" if column.kind == "integer" else "bool"
    return np.array([0 if value is None else value for value in values], dtype=kind), unknown
