"""The bounds cache: who is asked in which order, and what happens when somebody does not answer."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from app.bounds.entry import UNVERSIONED, Answer, Entry
from app.bounds.flight import SingleFlight
from app.bounds.floors import Floors
from app.bounds.pulse import GRACE_S, Pulse
from app.errors import DatabaseUnavailableError, NotFoundError, QueryTooSlowError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from app.bounds.changes import Change
    from app.bounds.local import Kept, LocalCopy
    from app.bounds.store import RedisBounds
    from app.metrics import Metrics

logger = logging.getLogger(__name__)

_MOST_WRITES_WAITING = 500
_MOST_RENEWALS = 4
_AWAY = (DatabaseUnavailableError, QueryTooSlowError)


class RedisBoundsCache:
    """Bounds of catalogue entries, from the nearest level that has them.

    In-process copy, then Redis, then Postgres (`load`); one load a missing key, however many ask. No failure of Redis
    fails a request or delays it beyond Redis' deadline. `take` brings the changes. While nobody does (`pulse`), what a
    level holds is answered all the same, marked stale: at once from the in-process copy, which a few loads in the
    background then renew, and as a last resort past its time when Postgres is away.
    """

    def __init__(
        self,
        *,
        local: LocalCopy,
        redis: RedisBounds,
        load: Callable[[int], Awaitable[Entry]],
        metrics: Metrics,
        pulse: Pulse,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`load` reads Postgres; it raises NotFoundError for an unknown id. `clock` is that of `local` and `pulse`."""
        self._local = local
        self._redis = redis
        self._load_entry = load
        self._metrics = metrics
        self._pulse = pulse
        self._clock = clock
        self._floors = Floors()
        self._flight: SingleFlight[Answer] = SingleFlight()
        self._writes: set[asyncio.Task[None]] = set()
        self._renewals: dict[int, asyncio.Task[None]] = {}

    def peek(self, catalogo_id: int) -> Answer | None:
        """Return the in-process copy, counted as a lookup; None when there is none to use. Waits for nothing."""
        kept = self._local.get(catalogo_id)
        if kept is None:
            return None
        now = self._clock()
        if now >= self._pulse.seen_at + GRACE_S:
            return self._unwatched(kept, now)
        if now >= kept.fresh_until:
            return None
        self._metrics.lookup("l1")
        return kept.answer

    async def get_bounds(self, catalogo_id: int) -> Answer:
        """Return the entry's bounds and where they came from.

        Raises NotFoundError for an unknown id, and DatabaseUnavailableError or QueryTooSlowError when no level holds
        the entry and Postgres cannot tell.
        """
        answer = self.peek(catalogo_id)
        if answer is not None:
            return answer
        joined = catalogo_id in self._flight
        try:
            answer = await self._flight.get(catalogo_id, self._load)
        except NotFoundError:
            if not joined:
                raise
            # That load may have looked before the entry was made, and whoever asks after that must find it.
            answer = await self._flight.get(catalogo_id, self._load)
        self._metrics.lookup(answer.level, stale=answer.stale)
        return answer

    def take(self, changes: Iterable[Change]) -> None:
        """Take in changes, in their order or again: nothing older is answered or written from now on."""
        now = self._clock()
        for change in changes:
            self._floors.put(change.catalogo_id, change.version)
            if change.entry is None:
                self._local.drop(change.catalogo_id)
            else:
                self._local.renew(change.entry, known_at=now)

    def forget(self) -> None:
        """Drop the in-process copy and all that is known of changes: some may have been missed."""
        self._local.clear()
        self._floors.clear()

    async def stop(self) -> None:
        """End the loads and writes that are under way."""
        await self._flight.stop()
        await asyncio.gather(*self._writes, *self._renewals.values(), return_exceptions=True)

    async def _load(self, catalogo_id: int) -> Answer:
        entry = await self._redis.read(catalogo_id)
        if entry is None or not self._floors.allow(entry):
            return await self._load_from_postgres(catalogo_id)
        if not self._pulse.shared:
            return Answer(entry, "redis", stale=True)  # nor kept: a change of it may be on its way to Redis
        return Answer(self._local.put(entry), "redis", stale=not self._pulse.well(self._clock()))

    async def _load_from_postgres(self, catalogo_id: int) -> Answer:
        # Once more when a change came in while it was read, so that even then the answer is kept.
        for _ in range(2):
            began = self._clock()
            try:
                entry = await self._load_entry(catalogo_id)
            except NotFoundError:
                self._local.drop(catalogo_id)
                raise
            except _AWAY:
                old = self._local.stale(catalogo_id)
                if old is None:
                    raise
                return Answer(old, "l1", stale=True)
            if entry.version == UNVERSIONED:
                break
            if self._floors.allow(entry):
                entry = self._local.put(entry, known_at=began)
                self._write_later(entry)
                break
        return Answer(entry, "postgres")

    def _unwatched(self, kept: Kept, now: float) -> Answer | None:
        """Answer from the copy while nobody knows whether it has changed, and have it looked after."""
        if now < kept.known_at + GRACE_S:
            if now >= kept.fresh_until:
                return None
            self._metrics.lookup("l1")
            return kept.answer
        if now >= kept.stale_until:
            return None
        self._renew_later(kept.entry.catalogo_id)
        self._metrics.lookup("l1", stale=True)
        return Answer(kept.entry, "l1", stale=True)

    def _renew_later(self, catalogo_id: int) -> None:
        """Load the entry anew without making anybody wait; few at once, since it mostly is Postgres that is away."""
        if len(self._renewals) >= _MOST_RENEWALS or catalogo_id in self._renewals:
            return
        task = asyncio.create_task(self._renew(catalogo_id))
        self._renewals[catalogo_id] = task
        task.add_done_callback(lambda _: self._renewals.pop(catalogo_id, None))

    async def _renew(self, catalogo_id: int) -> None:
        try:
            await self._flight.get(catalogo_id, self._load_from_postgres)
        except (NotFoundError, *_AWAY):
            pass
        except Exception:
            logger.exception("bounds not renewed", extra={"catalogo_id": catalogo_id})

    def _write_later(self, entry: Entry) -> None:
        """Send the entry to Redis without making anybody wait; dropped when too many wait (the next load sends it)."""
        if len(self._writes) >= _MOST_WRITES_WAITING:
            return
        task = asyncio.create_task(self._write(entry))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _write(self, entry: Entry) -> None:
        if not self._floors.allow(entry):
            return
        await self._redis.write(entry)
        version = self._floors.version(entry.catalogo_id)
        if version > entry.version:
            # A change came meanwhile. Redis had nothing of the entry to bring up to date then, and may have it now.
            await self._redis.apply((), ((entry.catalogo_id, version),), 0)
