"""Rows of geometries as a client has them: ready to send, so that the clock sees the server and not the client."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.farm import SEED, Farm

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2036, 1, 1, tzinfo=UTC)
_SPAN: Final = int((LAST - FIRST).total_seconds() * 1_000_000)
_YEAR: Final = 365 * 86_400 * 1_000_000
_EPOCH: Final = int((FIRST - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
COLUMNS: Final = ("catalogo_id", "geom", "is_valid", "created_at")
_BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_END: Final = struct.pack(">h", -1)
_KEY: Final = struct.Struct(">hiqi")
_REST: Final = struct.Struct(">ibiq")


@dataclass(frozen=True)
class Row:
    """A geometry, its entry, and its time in microseconds after the start of 2026."""

    entry: int
    geometry: bytes
    microsecond: int

    @property
    def created_at(self) -> datetime:
        """Its time."""
        return FIRST + timedelta(microseconds=self.microsecond)


@dataclass(frozen=True)
class Source:
    """Rounds of rows.

    Attributes:
        farm: where the shapes come from.
        entries: keys of the entries that they belong to, one row an entry, over and over.
        size: rows of a round.
        rounds: rounds that share the ten years when they are in order.
        ordered: whether times only grow, from 2026 to 2035; else they are random within these years.
    """

    farm: Farm
    entries: Sequence[int]
    size: int
    rounds: int
    ordered: bool
    _last: dict[int, list[Row]] = field(default_factory=dict, compare=False, repr=False)

    def round(self, number: int) -> list[Row]:
        """The rows of a round (from 0; -1 is the warm-up's); every arm of a round is given the same."""
        if number not in self._last:
            self._last.clear()
            self._last[number] = self._made(number)
        return self._last[number]

    def _made(self, number: int) -> list[Row]:
        first = (number + 1) * self.size
        if self.ordered:
            step = _SPAN // ((self.rounds + 1) * self.size)
            times = [(first + at) * step for at in range(self.size)]
        else:
            times = np.random.default_rng([SEED, number + 1]).integers(0, _SPAN, size=self.size).tolist()
        return [
            Row(self.entries[(first + at) % len(self.entries)], self.farm.geometry(first + at), time)
            for at, time in enumerate(times)
        ]


def of_year(source: Source, year: int) -> Source:
    """The same rows with times within one year, in round 0."""
    start = int((FIRST.replace(year=year) - FIRST).total_seconds()) * 1_000_000
    batch = [replace(row, microsecond=start + row.microsecond % _YEAR) for row in source.round(0)]
    return replace(source, _last={0: batch})


def binary_copy(rows: Sequence[Row]) -> bytes:
    """The rows as COPY (FORMAT BINARY) of `COLUMNS` takes them; validity is stated, as the ingest does."""
    parts = [_BEGIN]
    for row in rows:
        parts += [
            _KEY.pack(4, 8, row.entry, len(row.geometry)),
            row.geometry,
            _REST.pack(1, 1, 8, _EPOCH + row.microsecond),
        ]
    parts.append(_END)
    return b"".join(parts)
