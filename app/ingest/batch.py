"""What flows through the pipeline: a batch of features, in columns of equal length."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.ingest.limits import MAX_RAW_CHARACTERS

Geometries = NDArray[np.object_]


@dataclass(slots=True)
class Batch:
    """Features as a reader delivers them.

    `faults[i]` (pt-BR) says why feature i cannot be stored, `notes[i]` what was repaired on it; `raw(i)` gives its
    source text, asked for only when it is rejected. `ready[i]` is geometry i as EWKB where it needs no change before it
    is stored (see `coordinates.ewkb`); whoever changes the geometry empties it. `consumed` is how many bytes of the
    source are behind the batch.
    """

    indexes: list[int]
    ids: list[str | None]
    names: list[str]
    kinds: list[str]
    layers: list[str]
    categories: list[str | None]
    descriptions: list[str | None]
    attributes: list[bytes]
    geometries: Geometries
    faults: list[str | None]
    notes: list[str | None]
    raw: Callable[[int], str]
    ready: list[bytes | None]
    consumed: int = 0

    def __len__(self) -> int:
        """Count the features of the batch."""
        return len(self.indexes)


@dataclass(slots=True)
class Source:
    """A file that was recognised: its format, and its features batch by batch.

    `total` is its size in bytes and `consumed` of a batch how many of them are behind it, for a rate and the time
    left. `warnings` may grow while the batches are read.
    """

    format: str
    total: int
    batches: Iterator[Batch]
    warnings: list[str] = field(default_factory=list)


class Numbering:
    """Counts the features of a file from 0, across all its layers and members."""

    def __init__(self) -> None:
        self._next = 0

    def take(self, count: int) -> int:
        """Number the next `count` features; gives the number of the first."""
        first = self._next
        self._next += count
        return first


def note(batch: Batch, position: int, text: str) -> None:
    """Add to what was repaired on a feature."""
    before = batch.notes[position]
    batch.notes[position] = text if before is None else f"{before}; {text}"


def bounded(text: str) -> str:
    """Cut a rejected record's text to what the reject table keeps, free of NUL which Postgres cannot hold."""
    clean = text[:MAX_RAW_CHARACTERS].replace("\x00", "\N{REPLACEMENT CHARACTER}")
    clean = clean.encode("utf-8", "replace").decode()
    return clean if len(text) <= MAX_RAW_CHARACTERS else f"{clean}… ({len(text)} caracteres)"


def empty_geometries(size: int) -> Geometries:
    """Make a column of `size` absent geometries."""
    column: NDArray[Any] = np.empty(size, dtype=np.object_)
    column[:] = None
    return column
