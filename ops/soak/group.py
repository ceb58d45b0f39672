"""One Redis group under a soak: started, listened to, probed and written to."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from components import cache
from components.cache_config import MASTER_NAME, REDIS_PORT, SENTINEL_PORT
from images import builder

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ops.cell import Cell
    from ops.soak.report import Outcome

PROBE_SECONDS = 0.05
_KEYS = 2_000
_BODY = b"x" * 300
_READY = r"Ready to accept connections|\+monitor"
_SETTLE_SECONDS = 60


def start(own: Cell, *, check_every: int | None = None) -> None:
    """Starts the six members of `own`, and waits for what they log instead of Docker's next check of their health.

    Args:
        own: where to.
        check_every: seconds between Docker's checks; as declared where nothing is given.
    """
    services = [make(own.context, index) for make in (cache.server, cache.sentinel) for index in range(3)]
    for service in services:
        health = replace(service.health, interval=check_every or service.health.interval)
        image = builder.ensure(service.image)
        own.placement.hand_over(service, image)
        address = own.context.address(service.host_number)
        container = own.placement.place(replace(service, health=health), image, address)
        container.waiting_for(LogMessageWaitStrategy(_READY))
        container.start()
        own.running[service.name] = container


@dataclass
class Watched:
    """A started group, and what is counted of it."""

    own: Cell
    outcome: Outcome
    writes_per_second: float
    switches: Counter[str] = field(default_factory=Counter)

    def _client(self, ip: str, port: int) -> Redis:
        password = self.own.context.secrets.redisPassword.get_secret_value()
        return Redis(
            host=ip,
            port=port,
            password=password,
            socket_timeout=None,  # a silence is measured whole
            retry=Retry(NoBackoff(), 0),
            single_connection_client=True,
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )

    def tasks(self) -> list[Coroutine[object, object, None]]:
        """Everything that goes on while it is watched; each runs until it is cancelled."""
        context = self.own.context
        return [
            *(self._listen(ip) for ip in cache.sentinel_addresses(context)),
            *(self._probe(ip) for ip in cache.server_addresses(context)),
            self._write(cache.server_addresses(context)),
        ]

    async def settle(self) -> int:
        """Waits until every Sentinel knows all members; the configuration epoch they are at.

        Raises:
            TimeoutError: they do not within a minute.
        """
        async with asyncio.timeout(_SETTLE_SECONDS):
            while True:
                states = [await self._state(ip) for ip in cache.sentinel_addresses(self.own.context)]
                if all(state[:3] == ("master", 2, 2) for state in states):
                    return states[0][3]
                await asyncio.sleep(0.5)

    async def epoch(self) -> int:
        """The greatest configuration epoch that a Sentinel knows; each promotion has one of its own."""
        return max([(await self._state(ip))[3] for ip in cache.sentinel_addresses(self.own.context)])

    async def _state(self, sentinel: str) -> tuple[str, int, int, int]:
        client = self._client(sentinel, SENTINEL_PORT)
        try:
            state: Any = await client.sentinel_master(MASTER_NAME)
        except (RedisError, OSError):
            return ("unreachable", 0, 0, 0)
        finally:
            await client.aclose()
        return (
            str(state["flags"]),
            int(state["num-slaves"]),
            int(state["num-other-sentinels"]),
            int(state["config-epoch"]),
        )

    async def _listen(self, sentinel: str) -> None:
        while True:
            with contextlib.suppress(RedisError, OSError):
                async with self._client(sentinel, SENTINEL_PORT) as client, client.pubsub() as channel:
                    await channel.psubscribe("*")
                    async for message in channel.listen():
                        if message["type"] == "pmessage":
                            self._hear(sentinel, message["channel"].decode(), message["data"].decode())
            await asyncio.sleep(0.1)

    def _hear(self, sentinel: str, event: str, about: str) -> None:
        self.outcome.hear(event, about)
        if event == "+switch-master":
            self.switches[sentinel] += 1

    async def _probe(self, server: str) -> None:
        async with self._client(server, REDIS_PORT) as client:
            while True:
                sent = time.monotonic()
                try:
                    await client.ping()
                except (RedisError, OSError):
                    await asyncio.sleep(0.1)
                waited = time.monotonic() - sent
                self.outcome.silence_ms = max(self.outcome.silence_ms, 1000 * waited)
                await asyncio.sleep(max(0.0, PROBE_SECONDS - waited))

    async def _write(self, servers: list[str]) -> None:
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(self._client(ip, REDIS_PORT)) for ip in servers]
            number, at = 0, 0
            due = time.monotonic()
            while True:
                due = max(due + 1 / self.writes_per_second, time.monotonic() - 1)
                await asyncio.sleep(due - time.monotonic())
                number += 1
                try:
                    await clients[at].hset(f"bounds:{number % _KEYS}", "data", _BODY)
                    self.outcome.writes += 1
                except (RedisError, OSError):
                    self.outcome.refused += 1
                    at = (at + 1) % len(clients)
