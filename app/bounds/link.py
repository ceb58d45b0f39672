"""One connection to a Redis server on which many calls are under way at once (pipelining)."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import hiredis

if TYPE_CHECKING:
    from collections.abc import Callable

Reply = Any
"""bytes, int, None, a list of replies, or a hiredis.ReplyError (a refusal of the server, as a value)."""

Command = tuple[str | int | bytes, ...]

# The stub of hiredis speaks of tuples with one part.
pack: Callable[[Command], bytes] = hiredis.pack_command  # type: ignore[assignment]
"""Turn a command into what is sent."""

_MORE = object()


class LinkLostError(ConnectionError):
    """The connection ended before the reply came."""


class Link(asyncio.Protocol):
    """Sends commands as they come and hands out the replies in their order.

    Deadlines are the callers': who no longer waits ignores the reply, which keeps its place in the order.
    """

    def __init__(self) -> None:
        """Made by `connect`."""
        self._reader = hiredis.Reader(notEnoughData=_MORE)
        self._calls: deque[tuple[int, list[Reply], Callable[[list[Reply] | None], None]]] = deque()
        self._transport: asyncio.Transport | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, host: str, port: int) -> Link:
        """Open a connection; raises OSError."""
        _, link = await asyncio.get_running_loop().create_connection(cls, host, port)
        return link

    def send(self, data: bytes, replies: int, done: Callable[[list[Reply] | None], None]) -> None:
        """Send packed commands; `done` is called once, with that many replies or with None when the link is lost."""
        if self._transport is None or self.lost.done():
            done(None)
            return
        self._calls.append((replies, [], done))
        self._transport.write(data)

    async def ask(self, *commands: Command) -> list[Reply]:
        """Send commands together and wait for their replies; raises LinkLostError."""
        answer: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()

        def done(replies: list[Reply] | None) -> None:
            if answer.done():
                return
            if replies is None:
                answer.set_exception(LinkLostError("the connection was lost"))
            else:
                answer.set_result(replies)

        self.send(b"".join(map(pack, commands)), len(commands), done)
        return await answer

    def abort(self) -> None:
        """Close at once; what waits is told."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # a stream: no other comes
        """Called by the event loop (uvloop's transports are no asyncio.Transport by class, only by what they do)."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        reader, calls = self._reader, self._calls
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not _MORE:
                count, replies, done = calls[0]
                replies.append(reply)
                if len(replies) == count:
                    calls.popleft()
                    done(replies)
        except (hiredis.ProtocolError, IndexError):
            self.abort()  # no Redis speaks there, or it says what nobody asked

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        del exc
        if not self.lost.done():
            self.lost.set_result(None)
        calls, self._calls = self._calls, deque()
        for _, _, done in calls:
            done(None)
