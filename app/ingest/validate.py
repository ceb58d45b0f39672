"""Make every geometry of a batch storable, or say why it cannot be.

Storable means: MultiPolygon, MultiLineString or MultiPoint; two-dimensional; finite coordinates within lon [-180, 180]
and lat [-90, 90]; not empty; valid to GEOS. What is altered beyond the promotion to a Multi type is noted as a repair.
Everything runs on whole columns; only the features at fault are looked at one by one.
"""

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from app.ingest import reasons
from app.ingest.batch import Batch, Geometries, note

_POINT: Final = 0
_LINE: Final = 1
_RING: Final = 2
_POLYGON: Final = 3
_COLLECTION: Final = 7
_WORDS: Final = {2: "polígonos", 1: "linhas", 0: "pontos"}
_LON: Final = 180.0
_LAT: Final = 90.0


def validate(batch: Batch) -> None:
    """Check and repair `batch.geometries` in place, filling `faults` and `notes`.

    Afterwards a feature has either a fault or a storable geometry, never both and never neither.
    """
    geometries = batch.geometries
    for i in np.flatnonzero(np.array([fault is not None for fault in batch.faults], dtype=bool)):
        geometries[i] = None
    _reject(batch, np.array([g is None for g in geometries], dtype=bool), reasons.NO_GEOMETRY)
    if None in batch.ready:
        _reject(batch, shapely.is_empty(geometries), reasons.EMPTY)
        _check_coordinates(batch)
        _flatten(batch)
        for i in np.flatnonzero(shapely.get_type_id(geometries) == _COLLECTION):
            _extract(batch, int(i))
    for i in np.flatnonzero(~shapely.is_valid(geometries) & shapely.is_geometry(geometries)):
        _repair(batch, int(i))
    if None in batch.ready:
        _promote(geometries)


def _reject(batch: Batch, where: NDArray[np.bool_], reason: str) -> None:
    """Fault the features of a mask that have none yet."""
    for i in np.flatnonzero(where):
        if batch.faults[i] is None:
            batch.faults[i] = reason
        batch.geometries[i] = None


def _check_coordinates(batch: Batch) -> None:
    coordinates, owners = shapely.get_coordinates(batch.geometries, return_index=True)
    finite = np.isfinite(coordinates).all(axis=1)
    if not finite.all():
        _reject_positions(batch, owners[~finite], None)
    with np.errstate(invalid="ignore"):
        outside = finite & ((np.abs(coordinates[:, 0]) > _LON) | (np.abs(coordinates[:, 1]) > _LAT))
    if outside.any():
        _reject_positions(batch, owners[outside], coordinates[outside])


def _reject_positions(batch: Batch, owners: NDArray[np.int64], coordinates: NDArray[np.float64] | None) -> None:
    features, first = np.unique(owners, return_index=True)
    for i, at in zip(features, first, strict=True):
        if batch.faults[i] is None:
            batch.faults[i] = (
                reasons.NOT_FINITE
                if coordinates is None
                else reasons.out_of_range(float(coordinates[at, 0]), float(coordinates[at, 1]))
            )
        batch.geometries[i] = None


def _flatten(batch: Batch) -> None:
    """Drop heights and measures; a height that says something (not 0, not NaN) is noted."""
    deep = shapely.has_z(batch.geometries) | shapely.has_m(batch.geometries)
    if not deep.any():
        return
    where = np.flatnonzero(deep)
    coordinates, owners = shapely.get_coordinates(batch.geometries[where], include_z=True, return_index=True)
    heights = coordinates[:, 2]
    telling = np.isfinite(heights) & (heights != 0)
    for i in np.unique(owners[telling]):
        note(batch, int(where[i]), "altitude (Z) descartada")
    batch.geometries[where] = shapely.force_2d(batch.geometries[where])


def _extract(batch: Batch, i: int) -> None:
    """Keep the parts of highest dimension of a collection: polygons, else lines, else points."""
    parts = _leaves(batch.geometries[i])
    dimension = max(int(shapely.get_dimensions(part)) for part in parts)
    kept = [part for part in parts if shapely.get_dimensions(part) == dimension]
    batch.geometries[i] = _join(kept, dimension)
    dropped = f", {len(parts) - len(kept)} partes de outro tipo descartadas" if len(kept) < len(parts) else ""
    note(batch, i, f"GeometryCollection: {len(kept)} {_WORDS[dimension]} extraídos{dropped}")


def _repair(batch: Batch, i: int) -> None:
    before = batch.geometries[i]
    reason = reasons.geos(str(shapely.is_valid_reason(before)))
    dimension = int(shapely.get_dimensions(before))
    mended = _mended(before, dimension)
    if mended is None:
        batch.faults[i] = f"{reason}; {reasons.NOT_STORABLE}"
        batch.geometries[i] = None
        return
    batch.geometries[i] = mended
    batch.ready[i] = None
    note(
        batch,
        i,
        f"{reason}; make_valid: vértices {_count(before)} → {_count(mended)},"
        f" partes {_parts(before)} → {_parts(mended)}",
    )


def _mended(geometry: Any, dimension: int) -> Any:
    """Give the valid geometry of the same dimension, or None."""
    try:
        made = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    except shapely.errors.GEOSException:
        return None
    kept = [part for part in _leaves(made) if shapely.get_dimensions(part) == dimension]
    if not kept:
        return None
    joined = _join(kept, dimension)
    return joined if shapely.is_valid(joined) else None


def _leaves(geometry: Any) -> list[Any]:
    """List the single, non-empty geometries inside, however deep they are nested."""
    found: list[Any] = []
    waiting = [geometry]
    while waiting:
        item = waiting.pop()
        if shapely.get_type_id(item) >= 4:  # noqa: PLR2004 - the Multi types and collections
            waiting.extend(reversed(shapely.get_parts(item)))
        elif not shapely.is_empty(item):
            found.append(item)
    return found


def _join(parts: list[Any], dimension: int) -> Any:
    if dimension == 2:  # noqa: PLR2004
        return shapely.multipolygons(parts)
    return shapely.multilinestrings(parts) if dimension == 1 else shapely.multipoints(parts)


def _count(geometry: Any) -> int:
    return int(shapely.get_num_coordinates(geometry))


def _parts(geometry: Any) -> int:
    return int(shapely.get_num_geometries(geometry))


def _promote(geometries: Geometries) -> None:
    types = shapely.get_type_id(geometries)
    for single, join in (
        ((_POINT,), shapely.multipoints),
        ((_LINE, _RING), shapely.multilinestrings),
        ((_POLYGON,), shapely.multipolygons),
    ):
        where = np.flatnonzero(np.isin(types, single))
        if len(where):
            geometries[where] = join(geometries[where], indices=np.arange(len(where)))
