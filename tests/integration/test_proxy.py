"""The real proxy before two real instances of the app, which need no database to serve their pages."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from components import catalog, proxy
from ops.cell import Cell, cell
from ops.load import Load, Request
from tests.integration.redis_group import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

PAGES = (Request("/"), Request("/status", headers=(("Connection", "close"),)))
"""Over kept connections and over new ones."""

RATE = 60


@pytest.fixture(scope="module")
def behind() -> Iterator[Cell]:
    with cell("test-proxy", catalog={"instances": 2}) as made:
        addresses = catalog.addresses(made.context)
        made.start_together(*catalog.instances(made.context), proxy.service(made.context, addresses))
        yield made


@pytest.fixture
def port(behind: Cell) -> int:
    """Where clients come: on loopback, published by the proxy."""
    return int(behind.running[proxy.NAME].get_exposed_port(proxy.PORT))


def instance(behind: Cell, name: str) -> Container:
    return behind.running[name].get_wrapped_container()


def asks(behind: Cell, count: int) -> None:
    """Waits until the proxy asks so many instances."""

    def holds() -> None:
        found = re.search(r'^haproxy_backend_active_servers\{proxy="app"\} (\d+)$', metrics(behind), re.MULTILINE)
        assert found
        assert int(found[1]) == count

    eventually(holds, seconds=60)


def metrics(behind: Cell) -> str:
    return httpx.get(f"http://{behind.context.address(proxy.HOST_NUMBER)}:{proxy.METRICS_PORT}/metrics").text


@pytest.fixture(scope="module")
def slow(behind: Cell) -> Iterator[socket.socket]:
    """A client whose head never comes to its end; other tests pass the time."""
    published = int(behind.running[proxy.NAME].get_exposed_port(proxy.PORT))
    with socket.create_connection(("127.0.0.1", published), timeout=45) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHo")
        yield peer


async def test_an_instance_that_is_killed_costs_nobody_a_page(behind: Cell, port: int, slow: socket.socket) -> None:
    assert slow
    done = threading.Event()

    def requests() -> Iterator[Request]:
        yield from itertools.takewhile(lambda _: not done.is_set(), itertools.cycle(PAGES))

    def work() -> None:
        try:
            one = instance(behind, catalog.NAMES[0])
            one.kill()
            asks(behind, 1)
            one.start()
            asks(behind, 2)
        finally:
            done.set()

    async with Load("127.0.0.1", port, connections=32, timeout=20) as load:
        flow = asyncio.create_task(load.run(requests(), rate=RATE, seconds=300))
        await asyncio.to_thread(work)
        outcomes = await flow
    assert len(outcomes) > RATE
    assert [(one.request.target, one.status, one.error) for one in outcomes if one.status != 200] == []


def test_a_refusal_reaches_who_is_still_sending(port: int) -> None:
    sent = httpx.post(
        f"http://127.0.0.1:{port}/v1/importacoes",
        params={"arquivo": "grande.geojson"},
        content=bytes(8 * 1024 * 1024),
        headers={"Authorization": "Bearer nobody"},
    )
    assert sent.status_code == 401
    assert sent.headers["content-type"] == "application/problem+json"
    assert sent.json()["request_id"] == sent.headers["x-request-id"]


def test_a_head_that_comes_too_slowly_is_given_up(slow: socket.socket) -> None:
    assert b"".join(iter(lambda: slow.recv(65536), b"")).startswith(b"HTTP/1.1 408")


def test_what_is_kept_of_the_metrics_exists(behind: Cell) -> None:
    given = {line.partition("{")[0] for line in metrics(behind).splitlines() if not line.startswith("#")}
    kept = {name for name in given if re.fullmatch(proxy.METRICS, name)}
    assert len(kept) == proxy.METRICS.count("|") + 1
    assert len(kept) < len(given) / 4


def test_without_an_instance_the_proxy_says_so_and_is_healthy_all_the_same(behind: Cell, port: int) -> None:
    """The last one here: nothing comes back."""
    for name in catalog.NAMES:
        instance(behind, name).kill()
    asks(behind, 0)
    refused = httpx.get(f"http://127.0.0.1:{port}/v1/catalogo")
    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["status"] == 503
    assert behind.running[proxy.NAME].get_wrapped_container().exec_run("healthcheck.sh").exit_code == 0
