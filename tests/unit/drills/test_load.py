"""The open-loop load, against a small server that answers, stalls or goes away as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import TYPE_CHECKING

import pytest

from ops.load import Load, Outcome, Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Cache: redis\r\nX-Cache-Stale: true\r\n\r\nok"

pytestmark = pytest.mark.timeout(60)


class Server:
    """Answers every request, unless it is stalled."""

    def __init__(self, answer: bytes = OK) -> None:
        self.answer = answer
        self.free = asyncio.Event()
        self.free.set()
        self.connections = 0
        self.requests = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.requests += 1
                await self.free.wait()
                if not self.answer:
                    break
                writer.write(self.answer)
        writer.close()


@contextlib.asynccontextmanager
async def serving(server: Server) -> AsyncIterator[int]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


def asked(target: str = "/x") -> itertools.repeat[Request]:
    return itertools.repeat(Request(target, "warm"))


async def run(port: int, *, rate: float = 200, seconds: float = 0.5, **options: float) -> list[Outcome]:
    async with Load("127.0.0.1", port, **options) as load:  # type: ignore[arg-type]  # numbers only
        return await load.run(asked(), rate=rate, seconds=seconds)


@pytest.mark.asyncio
async def test_every_request_is_due_by_the_clock_and_says_what_it_got() -> None:
    server = Server()
    async with serving(server) as port:
        outcomes = await run(port)
    assert len(outcomes) == server.requests == 100
    dues = sorted(outcome.due for outcome in outcomes)
    assert [round(due - dues[0], 6) for due in dues] == [round(number / 200, 6) for number in range(100)]
    for outcome in outcomes:
        assert (outcome.status, outcome.cache, outcome.stale, outcome.size) == (200, "redis", True, 2)
        assert not outcome.failed
        assert outcome.sent >= outcome.due
        assert outcome.latency >= outcome.sent - outcome.due
    assert server.connections < 64  # they are kept


@pytest.mark.asyncio
async def test_a_stall_is_charged_to_each_request_that_was_due_meanwhile() -> None:
    server = Server()
    async with serving(server) as port:
        server.free.clear()
        asyncio.get_running_loop().call_later(0.5, server.free.set)
        outcomes = await run(port, rate=100, seconds=0.5, connections=4)
    assert len(outcomes) == 50
    # Due at 0, 10, 20 … ms and answered at 500 ms at the earliest, also those that had no connection.
    for outcome in outcomes:
        assert outcome.latency > 0.49 - (outcome.due - outcomes[0].due)
    assert server.connections == 4
    waited = [outcome for outcome in outcomes if outcome.sent - outcome.due > 0.05]
    assert len(waited) > 20


@pytest.mark.asyncio
async def test_failures_have_a_reason() -> None:
    async with serving(Server(answer=b"")) as port:
        outcomes = await run(port, rate=100, seconds=0.1)
    assert {outcome.error for outcome in outcomes} == {"connection closed"}
    outcomes = await run(port, rate=100, seconds=0.1)  # nobody listens any more
    assert len(outcomes) == 10
    assert all(outcome.failed and "onnect" in outcome.error for outcome in outcomes)
    async with serving(Server(answer=b"nonsense\r\n\r\n")) as port:
        outcomes = await run(port, rate=100, seconds=0.1)
    assert all(outcome.error.startswith("not HTTP") for outcome in outcomes)
    async with serving(Server(answer=b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) as port:
        outcomes = await run(port, rate=100, seconds=0.1)
    assert all(outcome.failed and outcome.status == 503 for outcome in outcomes)


@pytest.mark.asyncio
async def test_a_silent_server_is_given_up() -> None:
    server = Server()
    async with serving(server) as port:
        server.free.clear()
        outcomes = await run(port, rate=50, seconds=0.2, connections=2, timeout=0.4)
        server.free.set()
    assert len(outcomes) == 10
    assert {outcome.error for outcome in outcomes} <= {"no answer in time", "no free connection in time"}
    assert all(0.4 <= outcome.latency < 5 for outcome in outcomes)


@pytest.mark.asyncio
async def test_uneven_arrivals_and_a_run_that_ends_with_its_requests() -> None:
    seen: list[Outcome] = []
    async with serving(Server()) as port, Load("127.0.0.1", port) as load:
        requests = [Request(f"/{number}") for number in range(3)]
        outcomes = await load.run(
            requests, rate=10, seconds=60, gaps=itertools.cycle([0.02, 0.03]), on_outcome=seen.append
        )
    assert seen == outcomes
    dues = [outcome.due for outcome in outcomes]
    assert [round(due - dues[0], 6) for due in dues] == [0, 0.02, 0.05]
    assert [outcome.request.target for outcome in outcomes] == ["/0", "/1", "/2"]
