"""The bounds cache: who is asked in which order, and what happens when somebody does not answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from app.bounds.entry import Answer, Entry
from app.bounds.flight import SingleFlight
from app.errors import DatabaseUnavailableError, NotFoundError, QueryTooSlowError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.bounds.local import LocalCopy
    from app.bounds.store import RedisBounds
    from app.metrics import Metrics

logger = logging.getLogger(__name__)

_MOST_WRITES_WAITING = 500


class RedisBoundsCache:
    """Bounds of catalogue entries, from the nearest level that has them.

    In-process copy, then Redis, then Postgres (`load`); one load a missing key, however many ask. No failure of Redis
    fails a request or delays it beyond Redis' deadline. When Postgres is away, an entry that any level still holds is
    answered, marked stale if it is past its time.
    """

    def __init__(
        self,
        *,
        local: LocalCopy,
        redis: RedisBounds,
        load: Callable[[int], Awaitable[Entry]],
        metrics: Metrics,
    ) -> None:
        """`load` reads Postgres; it raises NotFoundError for an unknown id."""
        self._local = local
        self._redis = redis
        self._load_entry = load
        self._metrics = metrics
        self._flight: SingleFlight[Answer] = SingleFlight()
        self._writes: set[asyncio.Task[bool]] = set()

    def peek(self, catalogo_id: int) -> Answer | None:
        """Return the entry's fresh in-process copy, counted as a lookup; None when there is none. Waits for nothing."""
        held = self._local.fresh(catalogo_id)
        if held is None:
            return None
        self._metrics.lookup("l1")
        return Answer(held, "l1")

    async def get_bounds(self, catalogo_id: int) -> Answer:
        """Return the entry's bounds and where they came from.

        Raises NotFoundError for an unknown id, and DatabaseUnavailableError or QueryTooSlowError when no level holds
        the entry and Postgres cannot tell.
        """
        held = self._local.fresh(catalogo_id)
        if held is not None:
            answer = Answer(held, "l1")
        else:
            answer = await self._flight.get(catalogo_id, self._load)
        self._metrics.lookup(answer.level, stale=answer.stale)
        return answer

    async def stop(self) -> None:
        """End the loads and writes that are under way."""
        await self._flight.stop()
        await asyncio.gather(*self._writes, return_exceptions=True)

    async def _load(self, catalogo_id: int) -> Answer:
        entry = await self._redis.read(catalogo_id)
        if entry is not None:
            return Answer(self._local.put(entry), "redis")
        try:
            entry = await self._load_entry(catalogo_id)
        except NotFoundError:
            self._local.drop(catalogo_id)
            raise
        except (DatabaseUnavailableError, QueryTooSlowError):
            old = self._local.stale(catalogo_id)
            if old is None:
                raise
            return Answer(old, "l1", stale=True)
        entry = self._local.put(entry)
        self._write_later(entry)
        return Answer(entry, "postgres")

    def _write_later(self, entry: Entry) -> None:
        """Send the entry to Redis without making anybody wait; dropped when too many wait (the next load sends it)."""
        if len(self._writes) >= _MOST_WRITES_WAITING:
            return
        task = asyncio.create_task(self._redis.write(entry))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
