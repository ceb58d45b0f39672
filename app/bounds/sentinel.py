"""Finding the Redis servers: asks the Sentinels in the background, so that no request ever waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from math import nan
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis.asyncio.client import PubSub

    from app.settings import Address

logger = logging.getLogger(__name__)

View = tuple[int, "Address"]


def plain_client(address: Address, password: str, *, deadline_s: float, connections: int) -> Redis:
    """Return a client of one server that never retries and asks nothing of the server beyond the password.

    Only connecting has a deadline here; callers put theirs around the whole command. (redis-py's own socket timeout
    uses `asyncio.wait_for`, which loses cancellations in Python 3.11, and with them the caller's deadline.)
    """
    return Redis(
        host=address[0],
        port=address[1],
        password=password,
        socket_timeout=None,
        socket_connect_timeout=deadline_s,
        max_connections=connections,
        retry=Retry(NoBackoff(), 0),
        driver_info=None,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )


class MasterView:
    """Which master to believe, out of what the Sentinels say one by one.

    Every promotion has a greater configuration epoch. A greater one is believed at once; an older one only when most
    Sentinels agree on it (they were made anew), so a Sentinel that was cut off cannot lead back to a dead master.
    """

    def __init__(self, sentinels: int) -> None:
        """`sentinels` is how many there are in all."""
        self._majority = sentinels // 2 + 1
        self._views: dict[Address, View] = {}
        self._servers: dict[Address, frozenset[Address]] = {}
        self.current: View | None = None

    @property
    def servers(self) -> frozenset[Address]:
        """Every server that a Sentinel has named, the master included."""
        named = frozenset().union(*self._servers.values())
        return named | {self.current[1]} if self.current else named

    def knows(self, sentinel: Address, servers: frozenset[Address]) -> None:
        """Take in the servers that a Sentinel knows (it never forgets one by itself, nor does a silent one)."""
        self._servers[sentinel] = servers

    def lost(self, sentinel: Address) -> None:
        """Forget what a Sentinel said that no longer answers."""
        self._views.pop(sentinel, None)

    def heard(self, sentinel: Address, epoch: int, master: Address) -> bool:
        """Take in what a Sentinel says; returns whether the master to use is now another one."""
        view = (epoch, master)
        self._views[sentinel] = view
        if view == self.current:
            return False
        newer = self.current is None or epoch > self.current[0]
        if not newer and sum(other == view for other in self._views.values()) < self._majority:
            return False
        changed = self.current is None or self.current[1] != master
        self.current = view
        return changed


class SentinelWatch:
    """Keeps the servers' addresses: a poll of every Sentinel each `poll_s`, and at once on its `+switch-master`."""

    def __init__(
        self,
        sentinels: Sequence[Address],
        *,
        master: str,
        password: str,
        poll_s: float,
        deadline_s: float,
        on_change: Callable[[Address, frozenset[Address]], None],
    ) -> None:
        """`on_change` is called in the event loop with the master and all servers, whenever they are others."""
        self._sentinels = tuple(sentinels)
        self._master = master
        self._password = password
        self._poll_s = poll_s
        self._deadline_s = deadline_s
        self._on_change = on_change
        self._view = MasterView(len(self._sentinels))
        self._wake = {address: asyncio.Event() for address in self._sentinels}
        self._tasks: list[asyncio.Task[None]] = []
        self._found = asyncio.Event()

    @property
    def address(self) -> Address | None:
        """The master to use, or None before any Sentinel has answered."""
        return self._view.current[1] if self._view.current else None

    @property
    def epoch(self) -> float:
        """Its configuration epoch, greater after every promotion; NaN before any Sentinel has answered."""
        return self._view.current[0] if self._view.current else nan

    def start(self) -> None:
        """Begin to watch."""
        for address in self._sentinels:
            self._tasks.append(asyncio.create_task(self._poll(address)))
            self._tasks.append(asyncio.create_task(self._listen(address)))

    async def wait_found(self, seconds: float) -> bool:
        """Wait for the first answer, at most `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._found.wait()
        return self._found.is_set()

    def ask_now(self) -> None:
        """Ask all Sentinels at once, without waiting for the next poll."""
        for event in self._wake.values():
            event.set()

    async def stop(self) -> None:
        """Stop watching."""
        pending = set(self._tasks)
        # Cancelled again until they end: a connection attempt of redis-py may swallow a cancellation.
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=0.2)
        self._tasks.clear()

    async def _poll(self, sentinel: Address) -> None:
        client = plain_client(sentinel, self._password, deadline_s=self._deadline_s, connections=1)
        wake = self._wake[sentinel]
        reachable = True
        try:
            while True:
                wake.clear()
                problem = await self._ask(client, sentinel)
                if problem and reachable:
                    logger.warning("sentinel does not help", extra={"sentinel": _text(sentinel), "error": problem})
                    self._view.lost(sentinel)
                reachable = not problem
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_s):
                        await wake.wait()
        finally:
            await client.aclose()

    async def _ask(self, client: Redis, sentinel: Address) -> str | None:
        try:
            async with asyncio.timeout(self._deadline_s):
                answer: Any = await client.sentinel_master(self._master)
                others: Any = await client.sentinel_slaves(self._master)
            epoch, master = int(answer["config-epoch"]), _address(answer)
            servers = frozenset({master, *map(_address, others)})
        except (RedisError, OSError, KeyError, TypeError, ValueError) as error:
            return str(error) or type(error).__name__
        known = self._view.servers
        self._view.knows(sentinel, servers)
        changed = self._view.heard(sentinel, epoch, master)
        if changed:
            logger.info("redis master", extra={"master": _text(master), "epoch": epoch, "sentinel": _text(sentinel)})
        if self.address and (changed or self._view.servers != known):
            self._on_change(self.address, self._view.servers)
        self._found.set()
        return None

    async def _listen(self, sentinel: Address) -> None:
        while True:
            client = plain_client(sentinel, self._password, deadline_s=self._deadline_s, connections=1)
            try:
                async with client.pubsub(ignore_subscribe_messages=True) as channel:
                    async with asyncio.timeout(self._deadline_s):
                        await channel.subscribe("+switch-master")
                    await self._follow(channel, sentinel)
            except (RedisError, OSError):
                await asyncio.sleep(self._poll_s)
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await client.aclose()

    async def _follow(self, channel: PubSub, sentinel: Address) -> None:
        prefix = f"{self._master} ".encode()
        while True:
            message = await channel.get_message(timeout=30)
            if message is None:
                await channel.ping()  # makes the network tell when the Sentinel has vanished
            elif message["type"] == "message" and message["data"].startswith(prefix):
                self._wake[sentinel].set()


def _address(state: dict[str, Any]) -> Address:
    return str(state["ip"]), int(state["port"])


def _text(address: Address) -> str:
    return f"{address[0]}:{address[1]}"
