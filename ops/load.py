"""An open-loop HTTP load: requests are due by the clock, whatever the server does, over kept-alive connections.

A request's latency counts from the moment it was due, so a server that stalls is charged for every request that should
have been sent meanwhile (no coordinated omission). One process does some thousand requests a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import httptools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Source = Iterator["Request"]

TICK_SECONDS = 0.001
"""How finely requests are timed."""

_KEEP_IDLE_SECONDS = 2.0
"""A connection idle for longer is not used again: servers close idle ones (uvicorn after 5 s), perhaps just then."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the target begins with `/`; `kind` is the caller's, to tell outcomes apart."""

    target: str
    kind: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Outcome:
    """What became of one request; times are those of `time.monotonic()`, in seconds.

    Attributes:
        request: what was asked.
        due: when it should have been sent.
        sent: when it was, which tells the generator's own lateness (or its lack of a free connection).
        latency: seconds from due to the last byte of the answer, or to the failure.
        status: of the answer; 0 where there was none.
        cache: the answer's X-Cache.
        stale: whether it had X-Cache-Stale.
        request_id: its X-Request-ID, which the app gives every answer, and a proxy before it none.
        size: bytes of its body.
        error: why there is no answer; empty where there is one.
    """

    request: Request
    due: float
    sent: float = 0.0
    latency: float = 0.0
    status: int = 0
    cache: str = ""
    stale: bool = False
    request_id: str = ""
    size: int = 0
    error: str = ""

    @property
    def failed(self) -> bool:
        """No answer, or the server's own fault."""
        return self.status == 0 or self.status >= 500  # noqa: PLR2004 - the class of HTTP statuses


class Load:
    """A pool of connections to one server, and the requests that are under way.

    Use as `async with Load(host, port) as load: outcomes = await load.run(requests, rate=500, seconds=30)`.
    """

    def __init__(
        self, host: str, port: int, *, connections: int = 64, timeout: float = 10.0, headers: Sequence[str] = ()
    ) -> None:
        """At most `connections`; a request without an answer `timeout` seconds after it was due has failed.

        `headers` are whole lines (`Name: value`) that go with every request.
        """
        self._host, self._port = host, port
        self._most = connections
        self._timeout = timeout
        self._common = "".join(f"{line}\r\n" for line in (f"Host: {host}:{port}", *headers))
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._waiting: deque[Outcome] = deque()
        self._finished: Callable[[Outcome], None] = _ignore
        self._under_way = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes every connection."""
        opening = list(self._opening)
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        for connection in list(self._all):
            connection.abort()

    async def run(
        self,
        requests: Iterable[Request],
        *,
        rate: float,
        seconds: float,
        on_outcome: Callable[[Outcome], None] | None = None,
        gaps: Iterator[float] | None = None,
    ) -> list[Outcome]:
        """Sends `rate` requests a second for `seconds` and returns what became of each, once all have ended.

        Args:
            requests: what is asked, in order; the run ends early when they do.
            rate: requests a second.
            seconds: how long.
            on_outcome: told of each outcome as it comes.
            gaps: seconds between two requests, for arrivals that are not even (their mean should be 1 / rate).
        """
        outcomes: list[Outcome] = []

        def finished(outcome: Outcome) -> None:
            outcomes.append(outcome)
            if on_outcome is not None:
                on_outcome(outcome)

        self._finished = finished
        begun = time.monotonic()
        offset, step = 0.0, 1 / rate
        for request in requests:
            if offset >= seconds - TICK_SECONDS / 1000:  # sums of fractions are not exact
                break
            due = begun + offset
            while (ahead := due - time.monotonic()) > 0:
                await asyncio.sleep(max(ahead, TICK_SECONDS / 2))
                self._give_up()
            self._send(Outcome(request, due))
            offset += next(gaps) if gaps is not None else step
        while self._under_way:
            await asyncio.sleep(0.005)
            self._give_up()
        return outcomes

    def _send(self, outcome: Outcome) -> None:
        self._under_way += 1
        young = time.monotonic() - _KEEP_IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since > young:
                connection.send(outcome)
                return
            connection.abort()
        self._waiting.append(outcome)
        self._open_for_waiting()

    def _open_for_waiting(self) -> None:
        if len(self._opening) < len(self._waiting) and len(self._all) + len(self._opening) < self._most:
            task = asyncio.create_task(self._open())
            self._opening.add(task)
            task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        if not task.cancelled():
            task.result()
            self._open_for_waiting()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                _, connection = await loop.create_connection(lambda: _Connection(self), self._host, self._port)
        except OSError as error:  # TimeoutError is one
            if self._waiting:
                self._failed(self._waiting.popleft(), str(error) or "no connection in time")
            return
        self._all.add(connection)
        self.free(connection)

    def free(self, connection: _Connection) -> None:
        """Takes a connection back that has nothing to do."""
        if self._waiting:
            connection.send(self._waiting.popleft())
        else:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)

    def gone(self, connection: _Connection, outcome: Outcome | None, why: str) -> None:
        """Forgets a closed connection, with the request that was on it."""
        self._all.discard(connection)
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)
        if outcome is not None:
            self._failed(outcome, why)
        self._open_for_waiting()

    def answered(self, outcome: Outcome) -> None:
        """Takes a complete answer."""
        outcome.latency = time.monotonic() - outcome.due
        self._under_way -= 1
        self._finished(outcome)

    def encode(self, request: Request) -> bytes:
        """The request as it goes over the wire."""
        own = "".join(f"{name}: {value}\r\n" for name, value in request.headers)
        return f"GET {request.target} HTTP/1.1\r\n{self._common}{own}\r\n".encode()

    def _failed(self, outcome: Outcome, why: str) -> None:
        outcome.latency = time.monotonic() - outcome.due
        outcome.status, outcome.error = 0, why
        self._under_way -= 1
        self._finished(outcome)

    def _give_up(self) -> None:
        """Ends what is overdue."""
        late = time.monotonic() - self._timeout
        while self._waiting and self._waiting[0].due < late:
            self._failed(self._waiting.popleft(), "no free connection in time")
        overdue = [connection for connection in self._all if connection.due < late]
        for connection in overdue:
            connection.abort("no answer in time")


def _ignore(_: Outcome) -> None:
    """Nobody runs."""


class _Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request on it."""

    def __init__(self, load: Load) -> None:
        self.idle_since = 0.0
        self._load = load
        self._outcome: Outcome | None = None
        self._why = "connection closed"
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)

    @property
    def due(self) -> float:
        """When its request was due; infinitely late where there is none."""
        return self._outcome.due if self._outcome is not None else float("inf")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a stream protocol
        self._transport = transport

    def send(self, outcome: Outcome) -> None:
        """Sends a request."""
        self._outcome = outcome
        outcome.sent = time.monotonic()
        if self._transport is not None:
            self._transport.write(self._load.encode(outcome.request))

    def abort(self, why: str = "the load ends") -> None:
        """Closes the connection; its request has failed."""
        self._why = why
        if self._transport is not None:
            self._transport.abort()
        self.connection_lost(None)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.abort(f"not HTTP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        outcome, self._outcome = self._outcome, None
        self._load.gone(self, outcome, str(exc) if exc else self._why)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if self._outcome is None:
            return
        match name.lower():
            case b"x-cache":
                self._outcome.cache = value.decode()
            case b"x-cache-stale":
                self._outcome.stale = True
            case b"x-request-id":
                self._outcome.request_id = value.decode()

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        if self._outcome is not None:
            self._outcome.size += len(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        outcome, self._outcome = self._outcome, None
        if outcome is None:
            return
        outcome.status = self._parser.get_status_code()
        self._load.answered(outcome)
        if self._parser.should_keep_alive():
            self._load.free(self)
        elif self._transport is not None:
            self._transport.close()
