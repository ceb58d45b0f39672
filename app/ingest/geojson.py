"""GeoJSON geometry objects to shapely geometries, a whole batch at a time.

All coordinates of one geometry type go to GEOS in one array. When GEOS or numpy refuse the array, it is halved until
the features at fault stand alone, so one bad feature costs log2(n) repetitions and never another feature.
"""

from array import array
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.ingest.batch import Geometries, empty_geometries
from app.ingest.reasons import NO_GEOMETRY, NOT_FINITE, UNKNOWN_TYPE

_Builder = Callable[[Sequence[Any]], NDArray[Any]]
_MAX_DEPTH = 16
_REFUSALS = (TypeError, ValueError, KeyError, OverflowError, shapely.errors.ShapelyError)


class MalformedError(ValueError):
    """Coordinates that are not what the geometry's type asks for; the text is the reason in pt-BR."""


def build(objects: Sequence[Any], depth: int = 0) -> tuple[Geometries, list[str | None], list[str | None]]:
    """Build the geometries of GeoJSON geometry objects.

    Returns:
        The geometries (None where there is a fault), the faults and the repairs made on reading, all in pt-BR and of
        the same length as `objects`. `depth` counts the collections around them.
    """
    geometries = empty_geometries(len(objects))
    faults: list[str | None] = [None] * len(objects)
    notes: list[str | None] = [None] * len(objects)
    by_type: dict[str, list[int]] = {}
    for position, item in enumerate(objects):
        if item is None:
            faults[position] = NO_GEOMETRY
            continue
        kind = item.get("type") if isinstance(item, dict) else None
        if kind == "GeometryCollection":
            geometries[position], faults[position], notes[position] = _collection(item, depth + 1)
        elif isinstance(kind, str) and kind in _BUILDERS:
            by_type.setdefault(kind, []).append(position)
        else:
            faults[position] = UNKNOWN_TYPE.format(str(kind)[:40])
    for kind, positions in by_type.items():
        _halving(_BUILDERS[kind], [objects[i].get("coordinates") for i in positions], positions, geometries, faults)
    for kind in ("Polygon", "MultiPolygon"):
        for position in by_type.get(kind, ()):
            if faults[position] is None and _has_open_ring(kind, objects[position]["coordinates"]):
                notes[position] = "anel aberto foi fechado"
    return geometries, faults, notes


def _halving(
    builder: _Builder,
    coordinates: Sequence[Any],
    positions: Sequence[int],
    geometries: Geometries,
    faults: list[str | None],
) -> None:
    try:
        geometries[list(positions)] = builder(coordinates)
    except _REFUSALS as refusal:
        if len(positions) == 1:
            reason = str(refusal) if isinstance(refusal, MalformedError) else "coordenadas malformadas"
            faults[positions[0]] = reason
            return
        half = len(positions) // 2
        _halving(builder, coordinates[:half], positions[:half], geometries, faults)
        _halving(builder, coordinates[half:], positions[half:], geometries, faults)


def _positions(items: list[Any]) -> NDArray[np.float64]:
    """Make one (n, 2) or, when any has a height, (n, 3) array of positions."""
    sizes = set(map(len, items))
    if sizes and min(sizes) < 2:  # noqa: PLR2004 - a position is at least lon, lat
        raise MalformedError("posição com menos de dois números")
    width = 2
    if sizes - {2}:
        width = 3
        items = [(p[0], p[1], p[2] if len(p) > 2 else 0.0) for p in items]  # noqa: PLR2004
    # array() refuses text and None, which numpy would turn into numbers.
    flat = array("d", list(chain.from_iterable(items)))
    positions = np.frombuffer(flat, dtype=np.float64).reshape(-1, width)
    if not np.isfinite(positions[:, :2]).all():
        raise MalformedError(NOT_FINITE)  # GEOS would say of a ring only that it is not one
    return positions


def _sizes(parts: Sequence[Any], what: str) -> NDArray[np.int64]:
    sizes = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    if (sizes == 0).any():
        raise MalformedError(f"{what} sem coordenadas")
    return sizes


def _owners(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(sizes)), sizes)


def _points(items: Sequence[Any]) -> NDArray[Any]:
    _sizes(items, "ponto")
    return _array(shapely.points(_positions(list(items))))


def _lines(items: Sequence[Any]) -> NDArray[Any]:
    sizes = _sizes(items, "linha")
    if (sizes == 1).any():
        raise MalformedError("linha com uma só posição")
    return _array(shapely.linestrings(_positions(list(chain.from_iterable(items))), indices=_owners(sizes)))


def _polygons(items: Sequence[Any]) -> NDArray[Any]:
    counts = _sizes(items, "polígono")
    rings = list(chain.from_iterable(items))
    sizes = _sizes(rings, "anel")
    built: Any = shapely.linearrings(_positions(list(chain.from_iterable(rings))), indices=_owners(sizes))
    return _array(shapely.polygons(built, indices=_owners(counts)))


def _multi(part: _Builder, join: Callable[..., Any], what: str) -> _Builder:
    def builder(items: Sequence[Any]) -> NDArray[Any]:
        counts = _sizes(items, what)
        return _array(join(part(list(chain.from_iterable(items))), indices=_owners(counts)))

    return builder


def _array(built: Any) -> NDArray[Any]:
    return np.atleast_1d(np.asarray(built, dtype=np.object_))


_BUILDERS: dict[str, _Builder] = {
    "Point": _points,
    "LineString": _lines,
    "Polygon": _polygons,
    "MultiPoint": _multi(_points, shapely.multipoints, "multiponto"),
    "MultiLineString": _multi(_lines, shapely.multilinestrings, "multilinha"),
    "MultiPolygon": _multi(_polygons, shapely.multipolygons, "multipolígono"),
}


def _collection(item: dict[str, Any], depth: int) -> tuple[Any, str | None, str | None]:
    if depth > _MAX_DEPTH:
        return None, "GeometryCollection aninhada demais", None
    members = item.get("geometries")
    if not isinstance(members, list):
        return None, "GeometryCollection sem a lista geometries", None
    geometries, faults, notes = build(members, depth)
    fault = next((text for text in faults if text is not None), None)
    if fault is not None:
        return None, f"GeometryCollection: {fault}", None
    return shapely.GeometryCollection(list(geometries)), None, next((text for text in notes if text), None)


def _has_open_ring(kind: str, coordinates: Any) -> bool:
    polygons = (coordinates,) if kind == "Polygon" else coordinates
    return any(ring[0][:2] != ring[-1][:2] for polygon in polygons for ring in polygon)
