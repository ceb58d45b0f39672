"""Changes of bounds brought to Redis.

Redis holds the number of the last change it has, written after the changes up to it. So a promoted replica that lacks
the last changes lacks their number too, and gets them again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from typing import TYPE_CHECKING

from app.bounds.changes import CHANGES, PAGE, page_of
from app.errors import ServiceError

if TYPE_CHECKING:
    from app.bounds.cache import RedisBoundsCache
    from app.bounds.pulse import Pulse
    from app.bounds.store import RedisBounds
    from app.db import Database

logger = logging.getLogger(__name__)


class Sharing:
    """Brings the changes to Redis, from the number on that its master holds."""

    def __init__(
        self, *, database: Database, cache: RedisBoundsCache, redis: RedisBounds, pulse: Pulse, interval_s: float
    ) -> None:
        """Prepare; `start` begins. `interval_s` is the time between two attempts."""
        self._database = database
        self._cache = cache
        self._redis = redis
        self._pulse = pulse
        self._interval_s = interval_s
        self._wake = asyncio.Event()
        self.shared = asyncio.Event()
        self._position: int | None = None
        self._brought: int | None = None
        self._target = 0
        self._masters = 0
        self._task: asyncio.Task[None] | None = None
        redis.on_switch(self.ask_again)

    def start(self) -> None:
        """Begin to share."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End the task."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def due(self, seq: int) -> None:
        """There are changes up to this number."""
        self._target = max(self._target, seq)
        self._wake.set()

    def ask_again(self) -> None:
        """Redis may hold less than was written to it: ask it, and bring it what it lacks."""
        self._masters += 1
        self._position = None
        self._pulse.shared = False
        self.shared.clear()
        self._wake.set()

    def behind(self, seen: int | None) -> float:
        """How many numbers Redis is behind this process; NaN while that is not known."""
        if self._position is None or seen is None:
            return math.nan
        return max(0, seen - self._position)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                done = await self._catch_up()
            except ServiceError:
                done = False
            except Exception:
                logger.exception("changes of bounds are not brought to redis")
                done = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if done else self._interval_s):
                    await self._wake.wait()

    async def _catch_up(self) -> bool:
        """Bring Redis all changes there are; False when that could not be done, or has to begin again."""
        masters = self._masters
        position = self._position
        if position is None:
            position = await self._redis.applied()
            if position is None:
                return False
            # Another process may have brought it further, and this one may have written over what it has not brought.
            position = position if self._brought is None else min(position, self._brought)
        while True:
            page = page_of(await self._database.fetch(CHANGES, {"after": position, "page": PAGE}), position)
            if page.newest < position:
                # Its number is of another database, and perhaps so are its entries.
                logger.error(
                    "redis holds bounds of another database: empty it", extra={"newest": page.newest, "seen": position}
                )
                position = 0
                continue
            if page.changes:
                self._cache.take(page.changes)
                entries = [change.entry for change in page.changes if change.entry is not None]
                gone = [(change.catalogo_id, change.version) for change in page.changes if change.entry is None]
                if not await self._redis.apply(entries, gone, page.last):
                    return False
            if masters != self._masters:
                return False
            self._position = self._brought = position = page.last
            if not page.full:
                self._pulse.shared = True
                self.shared.set()
                return position >= self._target
