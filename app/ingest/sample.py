"""A synthetic farm of any size, for people without the real file: the same seed and size give the same bytes.

Paddocks lie on a grid around the real farm's place, each within its own cell, so they do not overlap. A few in a
hundred are streams, railways (lines) and wells (points), and one in a hundred crosses itself and gets repaired.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from app.ingest.errors import IngestError
from app.ingest.limits import MAX_SAMPLE

LONGITUDE: Final = -43.94
LATITUDE: Final = -17.36
SEED: Final = 1973
INVALID_SHARE: Final = 0.01
"""Share of the polygons that cross themselves."""

_CELL_DEGREES: Final = 0.004  # about 430 m: paddocks of some 10 ha, as on the farm
_CHUNK: Final = 10_000
_DECIMALS: Final = 9

# Categories as on the farm, with their shares there (a little more for the rare ones).
_POLYGONS: Final = (
    ("CERCAS", 0.37),
    ("MATA", 0.33),
    ("AREA", 0.06),
    ("RL", 0.05),
    ("PIVO", 0.05),
    ("CURRAL", 0.04),
    ("CASA", 0.04),
    ("BREJO", 0.03),
    ("CONFINAMENTO", 0.02),
    ("LAGOA", 0.01),
)
_LINES: Final = ("CORREGO", "FERROVIA", "ESTRADA")
_LINE_SHARE: Final = 0.03
_POINT_SHARE: Final = 0.05


def write_sample(path: Path, count: int, on_written: Callable[[int], None] = lambda _: None) -> None:
    """Write a farm of `count` features as newline-delimited GeoJSON.

    Raises:
        IngestError: `count` is not within 1 to MAX_SAMPLE.
    """
    if not 1 <= count <= MAX_SAMPLE:
        raise IngestError(f"a sample of {count} features: N must be from 1 to {MAX_SAMPLE}")
    written = 0
    with path.open("wb") as file:
        for lines in _chunks(count):
            file.write(b"".join(lines))
            written += len(lines)
            on_written(written)


def _chunks(count: int) -> Iterator[list[bytes]]:
    side = int(np.ceil(np.sqrt(count)))
    for start in range(0, count, _CHUNK):
        numbers = np.arange(start, min(start + _CHUNK, count))
        # A seed for each chunk: no state runs through the whole farm.
        yield _chunk(np.random.default_rng([SEED, start]), numbers, side)


def _chunk(rng: np.random.Generator, numbers: NDArray[np.int64], side: int) -> list[bytes]:
    size = len(numbers)
    centres = np.column_stack(
        [
            LONGITUDE + (numbers % side - side / 2) * _CELL_DEGREES,
            LATITUDE + (numbers // side - side / 2) * _CELL_DEGREES,
        ]
    )
    names = [name for name, _ in _POLYGONS]
    kinds = rng.choice(len(names), size=size, p=[share for _, share in _POLYGONS])
    vertices = rng.integers(6, 24, size=size)
    draw = rng.random(size)
    crossed = rng.random(size) < INVALID_SHARE
    # Angles in order and radii below half a cell: a star-shaped ring inside its cell, valid by construction.
    offsets = np.sort(rng.random((size, 24)), axis=1)
    radii = rng.uniform(0.25, 0.48, size=(size, 24)) * _CELL_DEGREES
    lines = []
    for i, number in enumerate(numbers.tolist()):
        n = int(vertices[i])
        if draw[i] < _POINT_SHARE:
            category, geometry = "POCO", {"type": "Point", "coordinates": _rounded(centres[i])}
        elif draw[i] < _POINT_SHARE + _LINE_SHARE:
            category = _LINES[number % len(_LINES)]
            track = np.column_stack([(offsets[i, :n] - 0.5) * _CELL_DEGREES, radii[i, :n] / 4])
            geometry = {"type": "LineString", "coordinates": _rounded(centres[i] + track)}
        else:
            category = names[kinds[i]]
            angles = 2 * np.pi * (np.arange(n) + 0.8 * offsets[i, :n]) / n
            ring = centres[i] + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[i, :n, None]
            if crossed[i]:
                ring[[0, n // 2]] = ring[[n // 2, 0]]
            geometry = {"type": "Polygon", "coordinates": [_rounded(np.vstack([ring, ring[:1]]))]}
        lines.append(_line(number, category, geometry))
    return lines


def _rounded(coordinates: NDArray[np.float64]) -> list[Any]:
    rounded: list[Any] = np.round(coordinates, _DECIMALS).tolist()
    return rounded


def _line(number: int, category: str, geometry: dict[str, Any]) -> bytes:
    return orjson.dumps(
        {
            "type": "Feature",
            "id": number + 1,
            "properties": {
                "name": f"{category} {number + 1:04d}",
                "layer_name": f"{category}_{number % 400 + 1:02d}",
                "category": category,
                "subcategory": None,
            },
            "geometry": geometry,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
