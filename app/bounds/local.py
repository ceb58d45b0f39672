"""The in-process copy: the first level of the bounds cache."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.bounds.entry import Entry


class LocalCopy:
    """Entries for a short time, at most `size` of them; the least recently used go first.

    Entries older than their time to live stay, as an answer of last resort, for `stale_s` seconds.
    """

    def __init__(self, *, size: int, ttl_s: float, stale_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Times are in seconds of `clock`."""
        self._size = size
        self._ttl_s = ttl_s
        self._stale_s = max(stale_s, ttl_s)
        self._clock = clock
        self._entries: OrderedDict[int, tuple[Entry, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def fresh(self, catalogo_id: int) -> Entry | None:
        """Return the entry if it is within its time to live."""
        return self._younger_than(self._ttl_s, catalogo_id)

    def stale(self, catalogo_id: int) -> Entry | None:
        """Return the entry even after its time to live."""
        return self._younger_than(self._stale_s, catalogo_id)

    def put(self, entry: Entry) -> Entry:
        """Keep the entry unless a newer version is here; returns the newer of both, whose time starts anew."""
        held = self._entries.get(entry.catalogo_id)
        if held is not None and held[0].version > entry.version:
            entry = held[0]
        self._entries[entry.catalogo_id] = (entry, self._clock())
        self._entries.move_to_end(entry.catalogo_id)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return entry

    def drop(self, catalogo_id: int) -> None:
        """Forget the entry."""
        self._entries.pop(catalogo_id, None)

    def _younger_than(self, age_s: float, catalogo_id: int) -> Entry | None:
        held = self._entries.get(catalogo_id)
        if held is None or self._clock() - held[1] >= age_s:
            return None
        self._entries.move_to_end(catalogo_id)
        return held[0]
