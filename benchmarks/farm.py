"""Geometries and catalogue entries like the farm's, of any number: the same numbers give the same bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SEED: Final = 1973
SHAPES: Final = 413
"""Different shapes, as many as the farm has features."""

# Vertices of the farm's features: share of features with at most so many. The mean there is 111.
_SHARES: Final = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
_VERTICES: Final = (4, 5, 6, 12, 36, 59, 71, 117, 215, 400, 900, 2500)
_LONGITUDE: Final = -43.94
_LATITUDE: Final = -17.36
_CELL_DEGREES: Final = 0.004
_SIDE: Final = 1000
_HEADER: Final = struct.Struct("<BIII")
_POLYGON: Final = struct.Struct("<BIII")
_MULTIPOLYGON_WITH_SRID: Final = 0x20000006
_POLYGON_TYPE: Final = 3

WORDS: Final = {
    "cerca": 0.37,
    "mata": 0.33,
    "divisa": 0.08,
    "curral": 0.04,
    "brejo": 0.01,
    "jatobá": 0.001,
    "buritizal": 0.0001,
}
"""Words of names and the share of entries that have each."""

_FILLERS: Final = tuple(
    word
    for line in (
        "área pasto norte sul leste oeste represa estrada aceiro capim lote reserva nascente vereda grota trilha",
        "porteira cocho galpão casa sede poço linha morro baixada chapada campo roça piquete retiro",
    )
    for word in line.split()
)


@dataclass(frozen=True)
class Farm:
    """The farm's shapes around the origin, in a fixed disorder."""

    shapes: tuple[NDArray[np.float64], ...]

    @classmethod
    def make(cls) -> Farm:
        """Star-shaped rings inside their own cell: valid by construction, vertices as on the farm."""
        rng = np.random.default_rng(SEED)
        shares = rng.permutation((np.arange(SHAPES) + 0.5) / SHAPES)
        return cls(tuple(_ring(rng, int(count)) for count in np.interp(shares, _SHARES, _VERTICES)))

    @property
    def mean_vertices(self) -> float:
        """Mean number of vertices of a shape."""
        return sum(len(shape) for shape in self.shapes) / len(self.shapes)

    def geometry(self, number: int) -> bytes:
        """Geometry `number` as EWKB: a MultiPolygon of one ring, in a cell of its own."""
        shape = self.shapes[number % SHAPES]
        cell = place(number)
        return (
            _HEADER.pack(1, _MULTIPOLYGON_WITH_SRID, 4326, 1)
            + _POLYGON.pack(1, _POLYGON_TYPE, 1, len(shape))
            + (shape + cell).tobytes()
        )


def place(number: int) -> tuple[float, float]:
    """Longitude and latitude of the middle of geometry `number`."""
    return (
        _LONGITUDE + (number % _SIDE - _SIDE / 2) * _CELL_DEGREES,
        _LATITUDE + (number // _SIDE % _SIDE - _SIDE / 2) * _CELL_DEGREES,
    )


def entries(first: int, count: int) -> Iterator[tuple[str, str, str]]:
    """Name, description and type of `count` entries from number `first` on."""
    rng = np.random.default_rng([SEED, first])
    words = list(WORDS)
    drawn = rng.random((count, len(words))) < np.array(list(WORDS.values()))
    # Fillers follow a power law, as words do.
    fillers = np.minimum(rng.zipf(1.4, size=(count, 12)) - 1, len(_FILLERS) - 1)
    for row in range(count):
        named = [word for word, there in zip(words, drawn[row], strict=True) if there]
        text = [_FILLERS[at] for at in fillers[row]]
        name = " ".join([*named, *text[:2], f"{first + row:06d}"])
        yield name, " ".join(text[2:]), (named or text)[0].upper()


def _ring(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """A closed ring of `count` points (four or more)."""
    corners = count - 1
    angles = 2 * np.pi * (np.arange(corners) + 0.8 * rng.random(corners)) / corners
    radii = rng.uniform(0.4, 0.48, size=corners) * _CELL_DEGREES
    points = np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None]
    ring: NDArray[np.float64] = np.round(np.vstack([points, points[:1]]), 9).astype(np.float64)
    return ring
