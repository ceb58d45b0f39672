"""GeoPackage, Shapefile, KML and FlatGeobuf, all layers, through pyogrio (GDAL)."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from app.ingest import reasons
from app.ingest.attributes import describe, encode
from app.ingest.batch import Batch, Numbering, bounded, note
from app.ingest.crs import Reprojection
from app.ingest.errors import IngestError
from app.ingest.limits import BATCH_FEATURES, MIB

# Such as a file name without the suffix that GDAL expects; what matters is raised, or seen in the count of features.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"pyogrio\.")

_ERRORS = (CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError, UnicodeDecodeError)
_COLLECTION = 7
_READ_FEATURES = 50_000
_READ_BYTES = 64 * MIB

DRIVERS = {
    "GeoPackage": frozenset({"GPKG"}),
    "Shapefile": frozenset({"ESRI Shapefile"}),
    "KML": frozenset({"KML", "LIBKML"}),
    "FlatGeobuf": frozenset({"FlatGeobuf"}),
}
"""What GDAL must make of a file that we took for a format, or it is refused."""


@dataclass(slots=True, frozen=True)
class _Layer:
    """A layer being read: where it lies, what it is called, and what goes before its feature ids."""

    path: Path
    kind: str
    name: str
    prefix: str
    count: int


def read_layers(path: Path, kind: str, numbering: Numbering, remarks: list[str]) -> Iterator[Batch]:
    """Read all spatial layers of a file in batches of bounded size, reprojected to EPSG:4326.

    Raises:
        IngestError: GDAL cannot read it, reads it as something else than `kind`, or finds fewer features than the
            file promises (cut off).
    """
    try:
        layers = [(str(name), geometry) for name, geometry in pyogrio.list_layers(path)]
        spatial = [name for name, geometry in layers if geometry is not None]
        infos = {name: pyogrio.read_info(path, layer=name, force_feature_count=True) for name in spatial}
    except _ERRORS as error:
        raise _unreadable(path, kind, error) from None
    if not spatial:
        raise IngestError(f"{path}: cannot be read as {kind}: it has no layer with geometries")
    for info in infos.values():
        if info["driver"] not in DRIVERS[kind]:
            raise IngestError(f"{path}: looks like {kind} but is {info['driver']}, which is not accepted")
    remarks.extend(f"layer {name} has no geometries and was left out" for name, geometry in layers if geometry is None)
    total = sum(int(info["features"]) for info in infos.values())
    size = path.stat().st_size
    done = 0
    for name, info in infos.items():
        if info["crs"] is None and info["features"]:
            remarks.append(f"layer {name} declares no coordinate system; taken as EPSG:4326")
        reprojection = Reprojection(info["crs"], f"{path}, layer {name}")
        prefix = f"{name}." if len(spatial) > 1 else ""
        for batch in _read_layer(_Layer(path, kind, name, prefix, int(info["features"])), numbering):
            batch.geometries = reprojection.apply(batch.geometries)
            done += len(batch)
            batch.consumed = size * done // max(total, 1)
            yield batch


def _read_layer(layer: _Layer, numbering: Numbering) -> Iterator[Batch]:
    step = max(1, min(_READ_FEATURES, _READ_BYTES * layer.count // max(layer.path.stat().st_size, 1)))
    delivered = 0
    while delivered < layer.count:
        try:
            meta, fids, wkb, columns = pyogrio.raw.read(
                layer.path,
                layer=layer.name,
                skip_features=delivered,
                max_features=step,
                return_fids=True,
                datetime_as_string=True,
            )
        except _ERRORS as error:
            raise _unreadable(layer.path, layer.kind, error) from None
        if len(fids) == 0:
            raise IngestError(
                f"{layer.path}: cut off: layer {layer.name} promises {layer.count} features and holds {delivered};"
                " nothing was stored"
            )
        delivered += len(fids)
        values = [_plain_column(column) for column in columns]
        names = [str(field) for field in meta["fields"]]
        for start in range(0, len(fids), BATCH_FEATURES):
            part = slice(start, start + BATCH_FEATURES)
            rows = [dict(zip(names, row, strict=True)) for row in zip(*(v[part] for v in values), strict=True)]
            yield _batch(layer, fids[part], wkb[part], rows or [{} for _ in fids[part]], numbering)


def _batch(
    layer: _Layer, fids: NDArray[np.int64], wkb: NDArray[Any], rows: list[dict[str, Any]], numbering: Numbering
) -> Batch:
    size = len(fids)
    first = numbering.take(size)
    found = [
        describe(row, f"{layer.prefix}{fid}", layer.name, index)
        for index, (row, fid) in enumerate(zip(rows, fids, strict=True), first)
    ]
    geometries = np.atleast_1d(np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=np.object_))
    batch = Batch(
        indexes=list(range(first, first + size)),
        ids=[item.identity for item in found],
        names=[item.name for item in found],
        kinds=[item.kind for item in found],
        layers=[item.layer for item in found],
        categories=[item.category for item in found],
        descriptions=[item.description for item in found],
        attributes=[b"{}"] * size,
        geometries=geometries,
        faults=[None] * size,
        notes=[None] * size,
        raw=lambda i: bounded(_raw(rows[i], wkb[i])),
        ready=[None] * size,
    )
    for i, row in enumerate(rows):
        try:
            batch.attributes[i] = encode(row)
        except TypeError:
            batch.faults[i] = "atributos com texto ou número que não se pode guardar"
        if geometries[i] is None and wkb[i] is not None:
            _retry(batch, i, wkb[i])
    for i in np.flatnonzero(shapely.get_type_id(geometries) == _COLLECTION).tolist():
        # GEOS reads curves inside a collection, and then can do nothing with them.
        try:
            shapely.get_coordinates(geometries[i])
        except shapely.errors.ShapelyError:
            batch.faults[i] = reasons.UNREADABLE_WKB
            geometries[i] = None
    return batch


def _retry(batch: Batch, i: int, wkb: bytes) -> None:
    """Read a geometry once more with its open rings closed."""
    try:
        mended: Any = shapely.from_wkb(wkb, on_invalid="fix")
    except shapely.errors.ShapelyError:
        mended = None
    if mended is None:
        batch.faults[i] = batch.faults[i] or reasons.UNREADABLE_WKB
        return
    batch.geometries[i] = mended
    note(batch, i, "anel aberto foi fechado")


def _plain_column(column: NDArray[Any]) -> list[Any]:
    """Give a column as Python values; GDAL's missing numbers (NaN) and dates (NaT) become None."""
    values: list[Any] = column.tolist()
    if column.dtype.kind == "f":
        return [None if value != value else value for value in values]  # noqa: PLR0124 - NaN differs from itself
    if column.dtype.kind == "M":
        return [None if value is None else str(value) for value in values]
    return values


def _raw(row: dict[str, Any], wkb: bytes | None) -> str:
    return json.dumps({**row, "wkb": None if wkb is None else wkb[:2048].hex()}, ensure_ascii=False, default=str)


def _unreadable(path: Path, kind: str, error: Exception) -> IngestError:
    reason = " ".join(str(error).split()).replace(str(path), path.name)
    return IngestError(f"{path}: cannot be read as {kind}: {reason[:300]}")
