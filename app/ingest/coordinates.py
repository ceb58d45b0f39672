"""The coordinates of records straight from their text to EWKB, a whole batch at a time.

Made into Python lists, coordinates cost more than all else that is done with a record. So they are cut out of its text
before it is parsed and go to simdjson, which checks them as strictly as any JSON and gives one array of doubles. What
the brackets between them say is read from the text without its digits. Whatever is out of the ordinary (heights, open
rings, positions outside the world, odd members) is left to the reader that can say what is wrong with it.
"""

import re
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import simdjson
from numpy.typing import NDArray

TOKEN: Final = secrets.token_hex(16)
"""Stands in a record for the coordinates that were cut out; no file can know it."""

_TOKEN_JSON: Final = f'"{TOKEN}"'.encode()
_KEY: Final = b'"coordinates"'
_AFTER_KEY: Final = re.compile(rb"[ \t\r\n]*:")
_DIGITS: Final = b"0123456789+-.eE \t\r\n"
# What the brackets of each type must be, with p for a position of two numbers.
_SHAPES: Final = {
    "Point": re.compile(rb"p"),
    "MultiPoint": re.compile(rb"\[p(?:,p)*\]"),
    "LineString": re.compile(rb"\[p(?:,p)+\]"),
    "MultiLineString": re.compile(rb"\[\[p(?:,p)+\](?:,\[p(?:,p)+\])*\]"),
    "Polygon": re.compile(rb"\[\[p(?:,p)*\](?:,\[p(?:,p)*\])*\]"),
    "MultiPolygon": re.compile(
        rb"\[\[\[p(?:,p)*\](?:,\[p(?:,p)*\])*\](?:,\[\[p(?:,p)*\](?:,\[p(?:,p)*\])*\])*\]",
    ),
}
_SRID: Final = 4326
_WITH_SRID: Final = 0x20000000
_POINT: Final = 1
_LINE: Final = 2
_POLYGON: Final = 3
_MULTI: Final = 3  # what a Multi type's number is above its single type's
_LEAST_RING: Final = 4
_POSITION_BYTES: Final = 16
_WORLD: Final = np.array([180.0, 90.0])
_HEADER: Final = struct.Struct("<BIII")
_COUNTED: Final = struct.Struct("<BII")
_ONE_RING: Final = struct.Struct("<BIIIBIII")
_ALONE: Final = struct.Struct("<BI")
_COUNT: Final = struct.Struct("<I")


@dataclass(slots=True, frozen=True)
class Numbers:
    """The coordinates of one geometry as JSON text, and its GeoJSON type."""

    kind: str
    text: bytes


def cut(text: bytes) -> tuple[bytes, bytes] | None:
    """Cut the first coordinates out of a record; gives the record with TOKEN in their place, and them."""
    at = text.find(_KEY)
    if at < 0:
        return None
    colon = _AFTER_KEY.match(text, at + len(_KEY))
    if colon is None:
        return None
    start = colon.end()
    end = text.find(b"}", start)
    return (text[:start] + _TOKEN_JSON + text[end:], text[start:end]) if end > 0 else None


def ewkb(geometries: Sequence[Numbers], parser: simdjson.Parser) -> list[bytes | None]:
    """Give each geometry as a Multi type in EWKB; None for one that is not wholly ordinary.

    What is given is two-dimensional, finite, inside the world, of closed rings; nothing is said of its validity.
    `parser` is the caller's own: it keeps its memory from one batch to the next, and is not for two threads.
    """
    found: list[bytes | None] = [None] * len(geometries)
    brackets = [item.text.translate(None, _DIGITS).replace(b"[,]", b"p") for item in geometries]
    chosen = [i for i, item in enumerate(geometries) if _SHAPES[item.kind].fullmatch(brackets[i])]
    positions = _positions([geometries[i].text for i in chosen], parser)
    if positions is None:
        chosen = [i for i in chosen if _positions([geometries[i].text], parser) is not None]
        positions = _positions([geometries[i].text for i in chosen], parser)
    if positions is None or not chosen:
        return found
    kinds = [geometries[i].kind for i in chosen]
    brackets = [brackets[i] for i in chosen]
    runs = _Runs.of(positions, brackets, kinds)
    content = memoryview(positions.tobytes())
    at = 0
    for place, (kind, shape) in enumerate(zip(kinds, brackets, strict=True)):
        size = shape.count(b"p") * _POSITION_BYTES
        if place not in runs.refused:
            found[chosen[place]] = _written(kind, shape, runs.sizes_of(place), content[at : at + size])
        at += size
    return found


def _positions(texts: Sequence[bytes], parser: simdjson.Parser) -> NDArray[np.float64] | None:
    """Parse coordinates of pairs to one (n, 2) array; None where simdjson refuses (no JSON, beyond a double)."""
    try:
        parsed: Any = parser.parse(b"[" + b",".join(texts) + b"]")
        flat: Any = parsed.as_buffer(of_type="d")
    except (ValueError, RuntimeError):
        return None
    return np.frombuffer(flat, dtype=np.float64).reshape(-1, 2)


@dataclass(slots=True, frozen=True)
class _Runs:
    """The rings, lines and lists of points of a batch, one after the other."""

    sizes: list[int]
    ends: list[int]
    refused: set[int]

    @classmethod
    def of(cls, positions: NDArray[np.float64], brackets: Sequence[bytes], kinds: Sequence[str]) -> "_Runs":
        """Measure the runs, and refuse the geometries with an open ring or a position outside the world."""
        # A lone point is a run too once it has a bracket behind it.
        text = np.frombuffer(b"".join(s if s[:1] == b"[" else b"p]" for s in brackets), dtype=np.uint8)
        is_position = text == ord("p")
        last = np.flatnonzero(is_position[:-1] & (text[1:] == ord("]")))
        behind = np.cumsum(is_position)[last]
        sizes = np.diff(behind, prepend=0)
        counts = np.array([s.count(b"p]") or 1 for s in brackets])
        owners = np.repeat(np.arange(len(brackets)), counts)
        first = behind - sizes
        ring = np.array([kind.endswith("Polygon") for kind in kinds])[owners]
        closed = (positions[first] == positions[behind - 1]).all(axis=1) & (sizes >= _LEAST_RING)
        refused = set(owners[ring & ~closed].tolist())
        outside = (np.abs(positions) > _WORLD).any(axis=1)
        if outside.any():
            refused |= set(np.repeat(owners, sizes)[outside].tolist())
        return cls(sizes.tolist(), np.cumsum(counts).tolist(), refused)

    def sizes_of(self, place: int) -> list[int]:
        """Give how many positions each run of a geometry has."""
        return self.sizes[self.ends[place - 1] if place else 0 : self.ends[place]]


def _written(kind: str, shape: bytes, sizes: Sequence[int], content: memoryview) -> bytes:
    """Write a geometry from the positions of its runs."""
    if kind == "Polygon" and len(sizes) == 1:
        return (
            _ONE_RING.pack(1, _WITH_SRID | (_POLYGON + _MULTI), _SRID, 1, 1, _POLYGON, 1, sizes[0]) + content.tobytes()
        )
    if kind.endswith("Point"):
        points = range(0, len(content), _POSITION_BYTES)
        parts = [piece for at in points for piece in (_ALONE.pack(1, _POINT), content[at : at + _POSITION_BYTES])]
        return b"".join([_header(_POINT, len(points)), *parts])
    if kind.endswith("LineString"):
        lines = [(_COUNTED.pack(1, _LINE, size), run) for size, run in _runs(sizes, content)]
        return b"".join([_header(_LINE, len(lines)), *(piece for line in lines for piece in line)])
    # Each polygon's last ring ends in two brackets.
    rings = [text.count(b"p]") + 1 for text in shape.split(b"]]")[:-1]] if kind == "MultiPolygon" else [len(sizes)]
    parts = [_header(_POLYGON, len(rings))]
    left = _runs(sizes, content)
    for count in rings:
        parts.append(_COUNTED.pack(1, _POLYGON, count))
        for size, run in left[:count]:
            parts += [_COUNT.pack(size), run]
        left = left[count:]
    return b"".join(parts)


def _header(single: int, count: int) -> bytes:
    return _HEADER.pack(1, _WITH_SRID | (single + _MULTI), _SRID, count)


def _runs(sizes: Sequence[int], content: memoryview) -> list[tuple[int, memoryview]]:
    """Pair each run's size with its positions."""
    found = []
    at = 0
    for size in sizes:
        end = at + size * _POSITION_BYTES
        found.append((size, content[at:end]))
        at = end
    return found
