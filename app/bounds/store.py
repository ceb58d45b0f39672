"""The Redis level of the bounds cache: short deadlines, a breaker, and no failure that anybody else would see."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING

import hiredis

from app.bounds.breaker import RedisBreaker
from app.bounds.link import LinkLostError
from app.bounds.node import NodeTimes
from app.bounds.nodes import Nodes
from app.bounds.reads import Reads
from app.bounds.scripts import ADVANCE, ADVANCE_NAME, PUT, PUT_NAME
from app.bounds.sentinel import SentinelWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.bounds.entry import Entry
    from app.bounds.link import Command, Reply
    from app.bounds.node import Node
    from app.metrics import Metrics
    from app.settings import Address, Settings

logger = logging.getLogger(__name__)

APPLIED_KEY = "bounds:applied"
"""Holds the number of the last change that the group's data has seen (see RedisBounds.apply)."""

_PATIENCE_S = 1.0
_CHECK_S = 0.5
_MOST_TOGETHER = 256


class RedisBounds:
    """Reads entries at the master and its replicas, writes them at the master.

    Nothing here raises. `read` and `write` take no longer than the deadline and give nothing while the breaker is open;
    a write that fails is no failure for the breaker, since reads may go on at the replicas.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        """Prepare; `start` begins to look for the servers."""
        password = settings.redis_password.get_secret_value()
        self._deadline_s = settings.redis_deadline_ms / 1000
        self._ttl_s = settings.bounds_ttl_s
        self._jitter = settings.bounds_ttl_jitter
        self._metrics = metrics
        self._callbacks: list[Callable[[], None]] = []
        self._met: Address | None = None
        self.breaker = RedisBreaker(
            failure_threshold=settings.breaker_failure_threshold,
            recovery_timeout=settings.breaker_recovery_timeout_s,
            metrics=metrics,
        )
        self.nodes = Nodes(
            password,
            NodeTimes(patience_s=_PATIENCE_S, check_s=_CHECK_S, rest_s=settings.redis_rest_ms / 1000),
            on_master=self._switched,
            on_connection=metrics.redis_connections.inc,
        )
        metrics.watch_redis(lambda: self.nodes.readable, lambda: self.watch.epoch)
        self._reads = Reads(self.nodes, self.breaker, metrics, deadline_s=self._deadline_s)
        self.watch = SentinelWatch(
            settings.sentinel_addresses,
            master=settings.redis_master,
            password=password,
            poll_s=settings.sentinel_poll_ms / 1000,
            deadline_s=settings.sentinel_deadline_ms / 1000,
            on_change=self._use,
        )

    async def start(self, *, wait_s: float = 0.5) -> None:
        """Begin to watch the Sentinels; waits at most `wait_s` for the first server, since Redis is not needed."""
        self.watch.start()
        try:
            async with asyncio.timeout(wait_s):
                await self.nodes.found.wait()
        except TimeoutError:
            logger.warning("redis is not found yet")

    async def stop(self) -> None:
        """Close every connection."""
        await self.watch.stop()
        await self.nodes.stop()

    def on_switch(self, callback: Callable[[], None]) -> None:
        """Have `callback` called in the event loop whenever the master may hold less than was written.

        That is: at the first connection to a master, when another one is named, and when the connection to the same one
        was made anew (it may have lost its last writes with its process).
        """
        self._callbacks.append(callback)

    async def read(self, catalogo_id: int) -> Entry | None:
        """Return the entry, or None when Redis has none (a tombstone included) or does not answer in time.

        Many reads begun in one turn of the event loop are one round trip. A replica may answer: it may be a moment
        behind what was written.
        """
        if not self.nodes.found.is_set():
            self._metrics.redis_failure("no_master")
            return None
        return await self._reads.get(catalogo_id)

    async def write(self, entry: Entry) -> bool:
        """Store the entry over an older one; returns False when it was not stored."""
        stored = await self._write_one(_put(entry.catalogo_id, entry.version, self._ttl(), "write", entry.body))
        self._metrics.bounds_write("failed" if stored is None else "stored" if stored else "older")
        return bool(stored)

    async def apply(self, entries: Sequence[Entry], tombstones: Sequence[tuple[int, int]], seq: int) -> bool:
        """Bring the changes up to number `seq` to the master; returns False when that must be done again.

        Entries replace older ones that are there and no others; a tombstone `(catalogo_id, version)` is put down in any
        case, so that nobody puts the deleted entry back. Then `seq` is noted at the master, unless a greater one is.
        Whether a change was the newer one makes no difference to the result. Applying twice does no harm.
        """
        commands = [
            *(_put(entry.catalogo_id, entry.version, self._ttl(), "refresh", entry.body) for entry in entries),
            *(_put(catalogo_id, version, self._ttl(), "tombstone") for catalogo_id, version in tombstones),
        ]
        node = self.nodes.master
        if node is None or not node.usable:
            return False
        for first in range(0, len(commands), _MOST_TOGETHER):
            if not await self._all_accepted(node, commands[first : first + _MOST_TOGETHER]):
                return False
        # The master that has the changes gets the number, be it the master still or not.
        return await self._all_accepted(node, [("EVALSHA", ADVANCE_NAME, 1, APPLIED_KEY, seq)])

    async def applied(self) -> int | None:
        """Return the number that the master holds, 0 when it holds none; None when it does not answer."""
        node = self.nodes.master
        if node is None or not node.usable:
            return None
        replies = await self._patiently(node, [("GET", APPLIED_KEY)])
        if replies is None or isinstance(replies[0], hiredis.ReplyError):
            return None
        text: bytes | None = replies[0]
        return int(text) if text and text.isdigit() else 0

    async def ping(self, seconds: float) -> None:
        """Ask the master directly, whatever the breaker says; raises OSError or TimeoutError."""
        node = self.nodes.master
        if node is None:
            raise ConnectionError("no Sentinel has named a master")
        async with asyncio.timeout(seconds):
            await node.ask(("PING",))

    async def _write_one(self, command: Command) -> int | None:
        """Run a command at the master within the deadline; None when it failed (the metric says why)."""
        if self.breaker.state != "closed":
            self._metrics.redis_failure("breaker_open")
            return None
        node = self.nodes.master
        if node is None or not node.usable:
            self._metrics.redis_failure("no_master" if node is None else "connection")
            return None
        try:
            async with asyncio.timeout(self._deadline_s):
                (reply,) = await node.ask(command)
        except TimeoutError:
            node.late()
            self._metrics.redis_failure("timeout")
            return None
        except LinkLostError:
            self._metrics.redis_failure("connection")
            return None
        if isinstance(reply, hiredis.ReplyError):
            # Redis is well and said no (NOREPLICAS, OOM, READONLY): skipped, never retried.
            await self._refused(node, reply)
            return None
        return int(reply)

    async def _all_accepted(self, node: Node, commands: Sequence[Command]) -> bool:
        replies = await self._patiently(node, commands)
        if replies is None:
            return False
        refusal = next((reply for reply in replies if isinstance(reply, hiredis.ReplyError)), None)
        if refusal is not None:
            await self._refused(node, refusal)
        return refusal is None

    async def _refused(self, node: Node, refusal: hiredis.ReplyError) -> None:
        self._metrics.redis_failure("refused")
        text = str(refusal)
        if text.startswith("READONLY"):
            self.watch.ask_now()
        elif text.startswith("NOSCRIPT"):  # somebody has emptied the server's scripts
            await self._patiently(node, [("SCRIPT", "LOAD", PUT), ("SCRIPT", "LOAD", ADVANCE)])

    async def _patiently(self, node: Node, commands: Sequence[Command]) -> list[Reply] | None:
        """Run commands for which nobody waits; None when there was no answer."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await node.ask(*commands)
        except TimeoutError:
            node.late()
            self._metrics.redis_failure("timeout")
        except LinkLostError:
            self._metrics.redis_failure("connection")
        return None

    def _use(self, master: Address, servers: frozenset[Address]) -> None:
        known = self.nodes.master
        if known is not None and known.address != master:
            self._metrics.master_changes.inc()
        self.nodes.use(master, servers)

    def _switched(self) -> None:
        if self._met not in {None, self.watch.address}:
            self.breaker.try_again()
        self._met = self.watch.address
        for callback in self._callbacks:
            callback()

    def _ttl(self) -> int:
        """Seconds to live, spread so that entries written together do not expire together."""
        return round(self._ttl_s * (1 - self._jitter * random.random())) or 1  # noqa: S311 -- no secret


def _put(catalogo_id: int, version: int, ttl_s: int, how: str, body: bytes | None = None) -> Command:
    command: Command = ("EVALSHA", PUT_NAME, 1, f"bounds:{catalogo_id}", version, ttl_s, how)
    return command if body is None else (*command, body)
