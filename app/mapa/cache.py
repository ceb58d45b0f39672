"""What was answered before, kept up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable


class Sized(Protocol):
    """Something that says how many bytes it takes."""

    @property
    def size(self) -> int:
        """Bytes that keeping it takes."""


V = TypeVar("V", bound=Sized)


class ByteCache(Generic[V]):
    """Values by key, at most `most` bytes of them; the least recently used go first."""

    def __init__(self, most: int) -> None:
        """What alone is larger than `most` is never kept."""
        self._most = most
        self._held: OrderedDict[Hashable, V] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Hashable) -> V | None:
        """Return the value of a key, which counts as a use."""
        value = self._held.get(key)
        if value is not None:
            self._held.move_to_end(key)
        return value

    def put(self, key: Hashable, value: V) -> None:
        """Keep a value in place of the one before."""
        self.drop(key)
        if value.size > self._most:
            return
        self._held[key] = value
        self.size += value.size
        while self.size > self._most:
            _, gone = self._held.popitem(last=False)
            self.size -= gone.size

    def drop(self, key: Hashable) -> None:
        """Forget a key."""
        held = self._held.pop(key, None)
        if held is not None:
            self.size -= held.size
