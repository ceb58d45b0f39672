"""Ending the app: whatever was accepted is answered, connections close in good order, a successor takes over."""

import asyncio
import contextlib
import itertools
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from ops.load import Load, Outcome, Request
from tests.integration.app_parts import Farm
from tests.integration.app_process import running

pytest_plugins = ["tests.integration.conftest_app", "tests.integration.conftest_process"]

RATE = 300


def _requests(farm: Farm) -> list[Request]:
    base = "/v1/catalogo"
    targets = [
        *(f"{base}/{id_}/bounds" for id_ in (farm.many, farm.bare, farm.line) * 5),
        *(f"{base}/{farm.line}", f"{base}?query={farm.word}", f"{base}/{farm.many}/geometrias?limit=300"),
    ]
    return [Request(target) for target in targets]


async def test_a_successor_takes_over_and_no_request_is_dropped(
    environment: dict[str, str], farm: Farm, tmp_path: Path
) -> None:
    """Both listen on one address; the first is told to end in the middle of an open-loop load."""
    # A busy machine may be slow here, but not too busy to answer: that refusal (503) has tests of its own.
    patient = dict.fromkeys(("POOL_WAIT_MS", "STATEMENT_TIMEOUT_MS", "DEADLINE_MS"), "15000")
    environment |= {f"MUNDO_POSTGRES_{name}": value for name, value in patient.items()} | {"MUNDO_REUSE_PORT": "true"}
    ended = asyncio.Event()

    def requests() -> Iterator[Request]:
        for request in itertools.cycle(_requests(farm)):
            if ended.is_set():
                return
            yield request

    with running(environment, log=tmp_path / "first.log") as first, contextlib.ExitStack() as stack:
        async with Load("127.0.0.1", int(environment["MUNDO_PORT"]), connections=128, timeout=20) as load:
            flow = asyncio.create_task(load.run(requests(), rate=RATE, seconds=30))
            second = await asyncio.to_thread(stack.enter_context, running(environment, log=tmp_path / "second.log"))
            first.send_signal(signal.SIGTERM)
            told = time.monotonic()
            assert await asyncio.to_thread(first.wait, 15) == 0
            ended.set()
            outcomes = await flow
            assert second.poll() is None
    assert min(outcome.due for outcome in outcomes) < told < max(outcome.due for outcome in outcomes)
    _all_well(outcomes)


def _all_well(outcomes: list[Outcome]) -> None:
    bad = [(outcome.request.target, outcome.status, outcome.error) for outcome in outcomes if outcome.status != 200]
    assert not bad, f"{len(bad)} of {len(outcomes)}: {bad[:10]}"


def _ask(peer: socket.socket, path: str) -> bytes:
    """Ask on a kept connection; returns the whole answer."""
    peer.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    found = b""
    while (length := re.search(rb"content-length: (\d+)\r\n(?:.+\r\n)*\r\n", found)) is None or (
        len(found) < length.end() + int(length[1])
    ):
        part = peer.recv(65536)
        assert part, f"closed without an answer: {found!r}"
        found += part
    return found


@pytest.mark.parametrize("path", ["/v1/catalogo/{}/bounds", "/v1/catalogo/{}"])
def test_kept_connections_get_their_last_answer(
    process: subprocess.Popen[str], environment: dict[str, str], farm: Farm, path: str
) -> None:
    address = ("127.0.0.1", int(environment["MUNDO_PORT"]))
    path = path.format(farm.line)
    with (
        socket.create_connection(address, timeout=10) as busy,
        socket.create_connection(address, timeout=10) as silent,
        socket.create_connection(address, timeout=10) as begun,
    ):
        for peer in (busy, silent):
            assert b"connection: close" not in _ask(peer, path)
        begun.sendall(f"GET {path} HTTP/1.1\r\nHo".encode())
        process.send_signal(signal.SIGTERM)
        time.sleep(0.4)
        last = _ask(busy, path)
        assert last.startswith(b"HTTP/1.1 200")
        assert b"\r\nconnection: close\r\n" in last
        assert busy.recv(1) == b""
        begun.sendall(b"st: x\r\n\r\n")
        finished = b"".join(iter(lambda: begun.recv(65536), b""))
        assert finished.startswith(b"HTTP/1.1 200")
        assert b"\r\nconnection: close\r\n" in finished
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=10)
        assert silent.recv(1) == b""
    process.communicate(timeout=15)
    assert process.returncode == 0


def test_who_chooses_is_told_before_the_address_is_given_up(environment: dict[str, str], farm: Farm) -> None:
    """While the app leaves, it says so where a proxy asks, and answers whoever comes all the same."""
    port = int(environment["MUNDO_PORT"])
    with running(environment | {"MUNDO_LEAVE_S": "2"}) as process, httpx.Client(timeout=10) as client:
        url = f"http://127.0.0.1:{port}"
        assert client.get(f"{url}/health/live").json()["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 10
        while (told := client.get(f"{url}/health/live")).status_code == 200:
            assert time.monotonic() < until
        assert (told.status_code, told.json()["status"]) == (503, "ending")
        assert client.get(f"{url}/health/ready").json()["status"] == "ending"
        kept = client.get(f"{url}/v1/catalogo/{farm.line}")
        assert (kept.status_code, kept.headers.get("connection")) == (200, None)
        assert httpx.get(f"{url}/v1/catalogo/{farm.line}/bounds").status_code == 200
        process.communicate(timeout=30)
        assert process.returncode == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/health/live")


def test_asked_in_a_row_before_the_end_all_are_answered(
    process: subprocess.Popen[str], environment: dict[str, str], farm: Farm
) -> None:
    """Requests that were sent without waiting for answers, when the end comes."""
    with socket.create_connection(("127.0.0.1", int(environment["MUNDO_PORT"])), timeout=10) as peer:
        line = f"GET /v1/catalogo/{farm.many}/geometrias?limit=300 HTTP/1.1\r\nHost: x\r\n\r\n"
        peer.sendall((line * 5).encode())
        found = peer.recv(65536)
        process.send_signal(signal.SIGTERM)
        while part := peer.recv(65536):
            found += part
    assert found.count(b"HTTP/1.1 200 OK") == found.count(b'"numberReturned":300') == 5
    assert found.count(b"connection: close") <= 1  # none where all were answered before the end was noticed
    process.communicate(timeout=15)
    assert process.returncode == 0


async def test_who_cannot_be_waited_for_is_told(
    environment: dict[str, str], farm: Farm, tmp_path: Path, postgres_owner: str
) -> None:
    """A request that outlasts the grace gets a problem, not a broken connection."""
    slow = {"MUNDO_SHUTDOWN_GRACE_S": "1", "MUNDO_POSTGRES_STATEMENT_TIMEOUT_MS": "20000"}
    environment |= slow | {"MUNDO_POSTGRES_DEADLINE_MS": "20000"}
    with running(environment, log=tmp_path / "app.log") as process, psycopg.connect(postgres_owner) as blocker:
        blocker.execute("LOCK TABLE catalogo_origem IN ACCESS EXCLUSIVE MODE")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{environment['MUNDO_PORT']}", timeout=15) as client:
            waiting = asyncio.create_task(client.get(f"/v1/catalogo/{farm.line}"))
            await asyncio.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            answer = await waiting
        blocker.rollback()
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["connection"] == "close"
        await asyncio.to_thread(process.wait, 15)
