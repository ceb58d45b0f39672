"""What watches the cache during a drill: a writer that notes each acknowledgement, and who names which master when."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import redis
import redis.sentinel
from redis.exceptions import RedisError

from components.cache_config import MASTER_NAME, SENTINEL_PORT

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ops.drills.stage import Stage

EVERY_SECONDS = 0.01
"""Pause between two attempts to write."""

_ANSWER_SECONDS = 0.25
_ASK_SECONDS = 0.02
_LATE_SECONDS = 5.0
_KEEP_SECONDS = 3600
_CHUNK = 1000


def longest_pause(moments: list[float], since: float) -> tuple[float, float] | None:
    """The longest stretch between two of the (ordered) moments that ends after `since`; None where there is none."""
    pairs = [(before, after) for before, after in itertools.pairwise(moments) if after > since]
    return max(pairs, key=lambda pair: pair[1] - pair[0], default=None)


@dataclass
class Writer:
    """Tries to write to all three servers, whichever is the master, and notes what was acknowledged when."""

    stage: Stage
    run: str
    acknowledged: list[tuple[float, str]] = field(default_factory=list)

    def tasks(self) -> list[Coroutine[object, object, None]]:
        """One task a server: one that hangs keeps nobody from the others."""
        return [self._write(ip) for ip in self.stage.servers]

    async def _write(self, ip: str) -> None:
        number, due = 0, time.monotonic()
        async with self.stage.server(ip) as client:
            while True:
                number += 1
                key = f"drill:{self.run}:{ip}:{number}"
                with contextlib.suppress(RedisError, OSError):
                    async with asyncio.timeout(_ANSWER_SECONDS):
                        await client.set(key, "1", ex=_KEEP_SECONDS)
                    self.acknowledged.append((time.monotonic(), key))
                due = max(due + EVERY_SECONDS, time.monotonic())
                await asyncio.sleep(due - time.monotonic())

    @property
    def moments(self) -> list[float]:
        """When writes were acknowledged, in order."""
        return sorted(moment for moment, _ in self.acknowledged)

    async def lost(self, master: str) -> list[float]:
        """When those were acknowledged that the master does not have."""
        missing = []
        async with self.stage.server(master) as client:
            for begin in range(0, len(self.acknowledged), _CHUNK):
                chunk = self.acknowledged[begin : begin + _CHUNK]
                values = await client.mget([key for _, key in chunk])
                missing += [moment for (moment, _), value in zip(chunk, values, strict=True) if value is None]
        return sorted(missing)


@dataclass
class Names:
    """Which master each Sentinel names, asked all the time."""

    stage: Stage
    changes: list[tuple[float, str, str | None]] = field(default_factory=list)

    def tasks(self) -> list[Coroutine[object, object, None]]:
        """One task a Sentinel."""
        return [self._ask(ip) for ip in self.stage.sentinels]

    async def _ask(self, sentinel: str) -> None:
        last: str | None = ""
        async with self.stage.sentinel(sentinel) as client:
            while True:
                named = None
                with contextlib.suppress(RedisError, OSError):
                    async with asyncio.timeout(_ANSWER_SECONDS):
                        answer: Any = await client.sentinel_get_master_addr_by_name(MASTER_NAME)
                        named = str(answer[0]) if answer else None
                if named != last:
                    self.changes.append((time.monotonic(), sentinel, named))
                    last = named
                await asyncio.sleep(_ASK_SECONDS)

    def agreed(self, since: float, old: str) -> float | None:
        """When all Sentinels that answered first named one and the same master other than `old`; None: never."""
        says: dict[str, str | None] = {}
        for moment, sentinel, named in sorted(self.changes):
            says[sentinel] = named
            heard = {name for name in says.values() if name is not None}
            if moment > since and len(heard) == 1 and heard != {old}:
                return moment
        return None

    def promotions(self, since: float, old: str) -> list[float]:
        """When a Sentinel first named another master than the one before, `old` at first; one moment a promotion."""
        named = old
        moments: list[float] = []
        past = {old}
        for moment, _, master in sorted(self.changes, key=lambda change: change[0]):
            if moment <= since or master is None or master == named:
                continue
            # A Sentinel that is late, or was away, still names one of those before.
            if master in past and moments and moment - moments[-1] < _LATE_SECONDS:
                continue
            named = master
            past.add(master)
            moments.append(moment)
        return moments


class Stock:
    """redis-py's own Sentinel client with its defaults, as the peer: one writer in a thread."""

    def __init__(self, stage: Stage, run: str) -> None:
        """Does nothing before `start`."""
        self.moments: list[float] = []
        self._key = f"drill:{run}:stock"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        sentinels: Any = redis.sentinel.Sentinel(  # type: ignore[no-untyped-call]  # redis-py's own
            [(ip, SENTINEL_PORT) for ip in stage.sentinels],
            sentinel_kwargs={"password": stage.password},
            password=stage.password,
        )
        self._client = sentinels.master_for(MASTER_NAME)

    def start(self) -> None:
        """Begins to write."""
        self._thread.start()

    async def stop(self) -> None:
        """Ends; a call that hangs is waited for, since its end is what is measured."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join)
        self._client.close()

    def _write(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(RedisError, OSError):
                self._client.set(self._key, "1", ex=_KEEP_SECONDS)
                self.moments.append(time.monotonic())
            time.sleep(EVERY_SECONDS)
