"""Boxes as requests give them: two corners in degrees, perhaps across the antimeridian."""

from __future__ import annotations

import math

_CORNERS = (4, 6)
_WORLD = (-180.0, -90.0, 180.0, 90.0)

Box = tuple[float, float, float, float]


def boxes(text: str) -> tuple[Box, ...]:
    """Return a `bbox` as boxes (west, south, east, north): one, or two where it crosses the antimeridian.

    Heights are passed over, since nothing on the map has one. Raises ValueError.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError("is not four numbers west,south,east,north") from None
    return box_of(numbers)


def box_of(numbers: list[float]) -> tuple[Box, ...]:
    """Return the numbers of a box as boxes inside the world; raises ValueError."""
    if len(numbers) not in _CORNERS or not all(math.isfinite(number) for number in numbers):
        raise ValueError("is not four numbers west,south,east,north")
    half = len(numbers) // 2
    west, south, east, north = (*numbers[:2], *numbers[half : half + 2])
    if south > north:
        raise ValueError("its south is north of its north")
    south, north = max(south, _WORLD[1]), min(north, _WORLD[3])
    south, north = min(south, _WORLD[3]), max(north, _WORLD[1])
    if west > east:
        return (_inside(west, south, _WORLD[2], north), _inside(_WORLD[0], south, east, north))
    return (_inside(west, south, east, north),)


def _inside(west: float, south: float, east: float, north: float) -> Box:
    low, high = _WORLD[0], _WORLD[2]
    return min(max(west, low), high), south, min(max(east, low), high), north
