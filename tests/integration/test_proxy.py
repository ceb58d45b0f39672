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
from ops.load import Load, Outcome, Request
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
        first, second = catalog.instances(made.context)
        made.start(first)
        made.start_together(second, proxy.service(made.context, catalog.addresses(made.context)))
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


async def asked_while(behind: Cell, port: int, *steps: tuple[str, str]) -> list[Outcome]:
    """Asks all the time while each step (instance, `stop` or `kill`) is done and the instance comes back."""
    done = threading.Event()

    def requests() -> Iterator[Request]:
        yield from itertools.takewhile(lambda _: not done.is_set(), itertools.cycle(PAGES))

    def work() -> None:
        try:
            for name, how in steps:
                one = instance(behind, name)
                one.kill() if how == "kill" else one.stop(timeout=90)
                asks(behind, 1)
                one.start()
                asks(behind, 2)
        finally:
            done.set()

    async with Load("127.0.0.1", port, connections=32, timeout=20) as load:
        flow = asyncio.create_task(load.run(requests(), rate=RATE, seconds=300))
        await asyncio.to_thread(work)
        return await flow


async def test_instances_are_replaced_one_after_the_other_and_no_request_fails(behind: Cell, port: int) -> None:
    before = {name: instance(behind, name).attrs["State"]["StartedAt"] for name in catalog.NAMES}
    outcomes = await asked_while(behind, port, *((name, "stop") for name in catalog.NAMES))
    for name in catalog.NAMES:
        one = instance(behind, name)
        one.reload()
        assert one.attrs["State"]["StartedAt"] != before[name]
        assert "Cancel" not in one.logs().decode(), "it was not left in time, and cut requests off"
    assert len(outcomes) > RATE
    assert [(one.request.target, one.status, one.error) for one in outcomes if one.status != 200] == []


async def test_an_instance_that_is_killed_costs_nobody_a_page(behind: Cell, port: int) -> None:
    outcomes = await asked_while(behind, port, (catalog.NAMES[1], "kill"))
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


def test_letters_that_nobody_encoded_are_the_apps_to_judge(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=45) as peer:
        peer.sendall("GET /v1/catálogo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"\r\nx-request-id: " in answer


def test_a_head_that_comes_too_slowly_is_given_up(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=45) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHo")
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 408")


def test_what_is_kept_of_the_metrics_exists(behind: Cell) -> None:
    given = {line.partition("{")[0] for line in metrics(behind).splitlines() if not line.startswith("#")}
    kept = {name for name in given if re.fullmatch(proxy.METRICS, name)}
    assert len(kept) == proxy.METRICS.count("|") + 1
    assert len(kept) < len(given) / 4


def test_without_an_instance_the_proxy_says_so_and_is_healthy_all_the_same(behind: Cell, port: int) -> None:
    for name in catalog.NAMES:
        instance(behind, name).kill()
    try:
        asks(behind, 0)
        refused = httpx.get(f"http://127.0.0.1:{port}/v1/catalogo")
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["status"] == 503
        checked = behind.running[proxy.NAME].get_wrapped_container().exec_run("healthcheck.sh")
        assert checked.exit_code == 0
    finally:
        for name in catalog.NAMES:
            instance(behind, name).start()
        asks(behind, 2)
