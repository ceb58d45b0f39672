"""The Redis level of the bounds cache: short deadlines, a breaker, and no failure that anybody else would see."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from typing import TYPE_CHECKING, Any

from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.bounds.breaker import BreakerOpenError, RedisBreaker
from app.bounds.entry import BadEntryError, Entry
from app.bounds.sentinel import SentinelWatch, plain_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from redis.asyncio import Redis

    from app.metrics import Metrics
    from app.settings import Address, Settings

logger = logging.getLogger(__name__)

_PATIENCE_S = 1.0
_PAUSE_S = 0.25

# Writes only over older versions, so that a slow loader never puts an old answer back.
WRITE_IF_NEWER = """
local held = tonumber(redis.call('HGET', KEYS[1], 'version') or '')
if held and held > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'data', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


class RedisBounds:
    """Reads and writes entries at the current master. Nothing here raises or takes longer than the deadline."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        """Prepare; `start` begins to look for the master."""
        self._password = settings.redis_password.get_secret_value()
        self._deadline_s = settings.redis_deadline_ms / 1000
        self._ttl_s = settings.bounds_ttl_s
        self._jitter = settings.bounds_ttl_jitter
        self._connections = settings.redis_pool_size
        self._slots = asyncio.Semaphore(settings.redis_pool_size)
        self._metrics = metrics
        self._client: Redis | None = None
        self._write: Any = None
        self._background: set[asyncio.Task[None]] = set()
        self.breaker = RedisBreaker(
            failure_threshold=settings.breaker_failure_threshold,
            recovery_timeout=settings.breaker_recovery_timeout_s,
            metrics=metrics,
        )
        self.watch = SentinelWatch(
            settings.sentinel_addresses,
            master=settings.redis_master,
            password=self._password,
            poll_s=settings.sentinel_poll_ms / 1000,
            deadline_s=settings.sentinel_deadline_ms / 1000,
            on_change=self._use,
        )

    async def start(self, *, wait_s: float = 0.5) -> None:
        """Begin to watch the Sentinels; waits at most `wait_s` for the first answer, since Redis is not needed."""
        self.watch.start()
        await self.watch.wait_found(wait_s)

    async def stop(self) -> None:
        """Close every connection."""
        await self.watch.stop()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def read(self, catalogo_id: int) -> Entry | None:
        """Return the entry, or None when Redis does not have it or does not answer in time."""
        found = await self._hop(lambda client: client.hmget(_key(catalogo_id), ["data", "version"]))
        if not found or found[0] is None or found[1] is None:
            return None
        try:
            return Entry.parse(catalogo_id, found[0], found[1])
        except BadEntryError as error:
            logger.warning("%s", error)
            self._metrics.redis_failure("bad_entry")
            return None

    async def write(self, entry: Entry) -> bool:
        """Store the entry over an older one; returns False when it was not stored."""
        ttl = round(self._ttl_s * (1 - self._jitter * random.random())) or 1  # noqa: S311 -- spreads expiry, no secret
        write = self._write
        stored = await self._hop(
            lambda client: write(keys=[_key(entry.catalogo_id)], args=[entry.version, entry.body, ttl], client=client)
        )
        self._metrics.bounds_write("failed" if stored is None else "stored" if stored else "older")
        return bool(stored)

    async def ping(self, seconds: float) -> None:
        """Ask the master directly, whatever the breaker says; raises RedisError, OSError or TimeoutError."""
        if self._client is None:
            raise ConnectionError("no Sentinel has named a master")
        async with asyncio.timeout(seconds):
            await self._client.ping()

    async def _hop(self, command: Callable[[Redis], Awaitable[Any]]) -> Any:
        """Run one command within the deadline; None when it failed (the metric says why)."""
        client = self._client
        if client is None:
            self._metrics.redis_failure("no_master")
            return None
        until = asyncio.get_running_loop().time() + self._deadline_s
        try:
            async with asyncio.timeout_at(until):
                await self._slots.acquire()
        except TimeoutError:
            self._metrics.redis_failure("busy")
            return None
        try:
            with self.breaker.guard():
                try:
                    async with asyncio.timeout_at(until):
                        return await command(client)
                except ResponseError as error:
                    # Redis is well and said no (NOREPLICAS, OOM, WRONGTYPE): skipped, never retried, no failure of it.
                    if isinstance(error, ReadOnlyError):
                        self.watch.ask_now()
                    self._metrics.redis_failure("refused")
                    return None
        except BreakerOpenError:
            self._metrics.redis_failure("breaker_open")
        except (TimeoutError, RedisTimeoutError):
            self._metrics.redis_failure("timeout")
        except (RedisError, OSError):
            self._metrics.redis_failure("connection")
        finally:
            self._slots.release()
        return None

    def _use(self, address: Address) -> None:
        """Talk to another master from now on; calls that are under way end at the old one."""
        old = self._client
        client = plain_client(address, self._password, deadline_s=self._deadline_s, connections=self._connections + 8)
        self._write = client.register_script(WRITE_IF_NEWER)
        self._client = client
        self._start(self._meet(client))
        if old is not None:
            self._metrics.master_changes.inc()
            self._start(_close_later(old, self._deadline_s * 2))

    async def _meet(self, client: Redis) -> None:
        """Wait patiently for the new master's first answer, then let the breaker try it.

        A request's probe, with its short deadline and no connection yet, could fail on a busy machine, and Redis would
        stay unused for the whole recovery time.
        """
        while self._client is client:
            with contextlib.suppress(RedisError, OSError):
                async with asyncio.timeout(_PATIENCE_S):
                    await client.ping()
                self.breaker.try_again()
                return
            await asyncio.sleep(_PAUSE_S)

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def _close_later(client: Redis, seconds: float) -> None:
    try:
        await asyncio.sleep(seconds)
    finally:
        await client.aclose()


def _key(catalogo_id: int) -> str:
    return f"bounds:{catalogo_id}"
