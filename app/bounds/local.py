"""The in-process copy: the first level of the bounds cache."""

from __future__ import annotations

import math
import random
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.bounds.entry import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.bounds.entry import Entry


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry with the answer made from it, and until when it is of use.

    `known_at` is when Postgres itself said so; what comes from Redis never had such a moment.
    """

    entry: Entry
    answer: Answer
    fresh_until: float
    stale_until: float
    known_at: float


class LocalCopy:
    """At most `size` entries, each fresh for its time to live; the least recently used go first.

    Entries older than that stay, as an answer of last resort, for `stale_s` seconds in all.
    """

    def __init__(
        self,
        *,
        size: int,
        ttl_s: float,
        stale_s: float,
        jitter: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Times are in seconds of `clock`; each time to live is shorter by up to `jitter` of it."""
        self._size = size
        self._ttl_s = ttl_s
        self._stale_s = max(stale_s, ttl_s)
        self._jitter = jitter
        self._clock = clock
        self._entries: OrderedDict[int, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, catalogo_id: int) -> Kept | None:
        """Return what is held of the entry, whatever its age."""
        kept = self._entries.get(catalogo_id)
        if kept is not None:
            self._entries.move_to_end(catalogo_id)
        return kept

    def fresh(self, catalogo_id: int) -> Entry | None:
        """Return the entry if it is within its time to live."""
        kept = self.get(catalogo_id)
        return kept.entry if kept is not None and self._clock() < kept.fresh_until else None

    def stale(self, catalogo_id: int) -> Entry | None:
        """Return the entry even after its time to live."""
        kept = self.get(catalogo_id)
        return kept.entry if kept is not None and self._clock() < kept.stale_until else None

    def put(self, entry: Entry, *, known_at: float = -math.inf) -> Entry:
        """Keep the entry unless a newer version is here; returns the newer of both, whose time starts anew."""
        held = self._entries.get(entry.catalogo_id)
        if held is not None:
            if held.entry.version > entry.version:
                entry = held.entry
            known_at = max(known_at, held.known_at)
        now = self._clock()
        ttl = self._ttl_s * (1 - self._jitter * random.random())  # noqa: S311 -- spreads expiry, no secret
        self._entries[entry.catalogo_id] = Kept(entry, Answer(entry, "l1"), now + ttl, now + self._stale_s, known_at)
        self._entries.move_to_end(entry.catalogo_id)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return entry

    def renew(self, entry: Entry, *, known_at: float) -> None:
        """Take over a newer version of an entry that is held; it is used no more lately for that."""
        held = self._entries.get(entry.catalogo_id)
        if held is not None and held.entry.version < entry.version:
            self._entries[entry.catalogo_id] = Kept(
                entry, Answer(entry, "l1"), held.fresh_until, held.stale_until, known_at
            )

    def drop(self, catalogo_id: int) -> None:
        """Forget the entry."""
        self._entries.pop(catalogo_id, None)

    def clear(self) -> None:
        """Forget all of them."""
        self._entries.clear()
