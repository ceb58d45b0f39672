"""Reads of many requests in one round trip."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import hiredis

from app.bounds.breaker import BreakerOpenError, RedisBreaker
from app.bounds.entry import BadEntryError, Entry
from app.bounds.link import pack

if TYPE_CHECKING:
    from app.bounds.link import Reply
    from app.bounds.node import Node
    from app.bounds.nodes import Nodes
    from app.metrics import Metrics

logger = logging.getLogger(__name__)

MOST_TOGETHER = 128
"""Reads in one round trip: more go in several ones, perhaps to several servers."""
MOST_WAITING = 4096
"""Reads under way at once: more are not asked."""

# A timer that is late because this process was busy finds the answer in the socket: it gets the time to be read.
_GRACE_S = 0.001
# The server says so of itself, not of the key.
_NOT_SERVING = ("LOADING", "MASTERDOWN", "NOAUTH", "NOPERM", "BUSY")


class Reads:
    """Collects the reads of one turn of the event loop and sends them together (see Batch)."""

    def __init__(self, nodes: Nodes, breaker: RedisBreaker, metrics: Metrics, *, deadline_s: float) -> None:
        """`deadline_s` is for the whole way, a second server included."""
        self.nodes = nodes
        self.breaker = breaker
        self.metrics = metrics
        self.deadline_s = deadline_s
        self.waiting = 0
        self._open: Batch | None = None

    def get(self, catalogo_id: int) -> asyncio.Future[Entry | None]:
        """Ask for an entry with the next batch; None when Redis does not have it or gives no answer in time."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Entry | None] = loop.create_future()
        if self.waiting >= MOST_WAITING:
            self.metrics.redis_failure("busy")
            future.set_result(None)
            return future
        batch = self._open
        if batch is None:
            batch = self._open = Batch(self, loop)
            loop.call_soon(self._send, batch)
        self.waiting += 1
        batch.ids.append(catalogo_id)
        batch.futures.append(future)
        if len(batch.ids) >= MOST_TOGETHER:
            self._send(batch)
        return future

    def _send(self, batch: Batch) -> None:
        if self._open is batch:
            self._open = None
            batch.start()


class Batch:
    """Some reads that go to one server together, and to another one when that one is late or lost.

    The first answer counts. To the breaker, the batch is one call: it fails when no server has answered in time.
    """

    __slots__ = ("_loop", "_out", "_over", "_packed", "_reads", "_ticket", "_timer", "_tried", "futures", "ids")

    def __init__(self, reads: Reads, loop: asyncio.AbstractEventLoop) -> None:
        """Empty, to be filled before `start`."""
        self.ids: list[int] = []
        self.futures: list[asyncio.Future[Entry | None]] = []
        self._reads = reads
        self._loop = loop
        self._packed = b""
        self._tried: list[Node] = []
        self._out = 0
        self._over = False
        self._ticket = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Send the reads."""
        reads = self._reads
        try:
            self._ticket = reads.breaker.begin()
        except BreakerOpenError:
            self._finish("breaker_open")
            return
        self._packed = b"".join([pack((b"HMGET", b"bounds:%d" % number, b"data", b"version")) for number in self.ids])
        reads.metrics.redis_batches.inc()
        self._timer = self._loop.call_later(reads.deadline_s / 2, self._again, self._slow)
        self._go_on()

    def _go_on(self) -> None:
        """Send to the next server; without one, wait for those that were asked, or give up."""
        node = self._reads.nodes.pick(self._tried)
        if node is not None:
            if self._tried:
                self._reads.metrics.redis_resent.inc()
            self._tried.append(node)
            self._out += 1
            node.send(self._packed, len(self.ids), lambda replies: self._replied(node, replies))
        elif not self._out:
            self._fail("connection", ConnectionError("no Redis server is connected"))

    def _replied(self, node: Node, replies: list[Reply] | None) -> None:
        self._out -= 1
        if replies is not None and node.suspect:
            node.answered()
        if self._over:
            return
        if replies is None:
            self._go_on()
        elif _refusal(replies[0]).startswith(_NOT_SERVING):
            node.late()
            self._go_on()
        else:
            self._reads.breaker.settle(self._ticket)
            self._end()
            for number, future, reply in zip(self.ids, self.futures, replies, strict=True):
                if not future.done():
                    future.set_result(self._entry(number, reply))

    def _again(self, what: object) -> None:
        """Do `what` after one more look at the sockets."""
        self._timer = self._loop.call_later(_GRACE_S, what)  # type: ignore[arg-type]  # one of the two methods below

    def _slow(self) -> None:
        """Half of the time is over: ask another server too."""
        self._timer = self._loop.call_later(self._reads.deadline_s / 2 - _GRACE_S, self._again, self._late)
        self._tried[-1].late()
        self._go_on()

    def _late(self) -> None:
        for node in self._tried:
            node.late()
        self._fail("timeout", TimeoutError("no Redis server has answered in time"))

    def _fail(self, reason: str, error: Exception) -> None:
        self._reads.breaker.settle(self._ticket, error)
        self._finish(reason)

    def _finish(self, reason: str) -> None:
        self._end()
        for future in self.futures:
            if not future.done():
                self._reads.metrics.redis_failure(reason)
                future.set_result(None)

    def _end(self) -> None:
        self._over = True
        self._reads.waiting -= len(self.ids)
        if self._timer is not None:
            self._timer.cancel()

    def _entry(self, number: int, reply: Reply) -> Entry | None:
        if isinstance(reply, hiredis.ReplyError):
            self._reads.metrics.redis_failure("refused")
            return None
        data, version = reply
        if data is None or version is None:
            return None
        try:
            return Entry.parse(number, data, version)
        except BadEntryError as error:
            logger.warning("%s", error)
            self._reads.metrics.redis_failure("bad_entry")
            return None


def _refusal(reply: Reply) -> str:
    return str(reply) if isinstance(reply, hiredis.ReplyError) else ""
