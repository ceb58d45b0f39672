"""A changed setting replaces both instances of the app, while people use it and somebody sends a file.

The last module of its folder: what a busy machine refuses here would stand in the metrics that others look at.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any

import docker
import httpx
import pytest

from components import catalog
from ops.load import Load, Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.e2e.operator import Operator

RATE = 40
NEW = (("Connection", "close"),)
PAGE, SEARCH = "page", "search"
ASKED = tuple(
    Request(path, kind, headers)
    for headers in ((), NEW)
    for path, kind in (("/", PAGE), ("/v1/catalogo?limit=1", SEARCH))
)
"""Over kept connections and over new ones; without the database and with it."""

FIELD = {
    "type": "Feature",
    "id": "M1",
    "properties": {"name": "Talhão enviado durante a troca"},
    "geometry": {"type": "Polygon", "coordinates": [[[-44.1, -17.3], [-44.0, -17.3], [-44.0, -17.2], [-44.1, -17.3]]]},
}

pytestmark = pytest.mark.timeout(900)


def directly(operator: Operator, name: str) -> str:
    """Address of an instance of the app, past the proxy."""
    client = docker.from_env()
    try:
        networks = client.containers.get(operator.containers()[name]).attrs["NetworkSettings"]["Networks"]
    finally:
        client.close()
    (network,) = networks.values()
    return f"http://{network['IPAddress']}:{catalog.PORT}"


async def seen_ending(url: str) -> None:
    """Waits until an instance says that it is to end."""
    async with httpx.AsyncClient(timeout=5) as client:
        while True:
            answer = await client.get(f"{url}/health/live")
            if answer.status_code == 503:
                return
            await asyncio.sleep(0.1)


async def slowly(ending: asyncio.Task[None]) -> AsyncIterator[bytes]:
    """A file of one feature, whose end comes a while after the instance that takes it is told to end."""
    yield b'{"type":"FeatureCollection","features":['
    while not ending.done():
        await asyncio.sleep(0.2)
        yield b" " * 64
    for _ in range(20):
        await asyncio.sleep(0.2)
        yield b"\n"
    yield json.dumps(FIELD).encode() + b"]}"


async def loaded(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """The job of an upload, once it has ended."""
    async with asyncio.timeout(90):
        while True:
            job: dict[str, Any] = (await client.get(path)).json()
            if job["estado"] not in {"pending", "running"}:
                return job
            await asyncio.sleep(0.5)


async def test_a_changed_setting_replaces_the_app_and_no_request_is_dropped(operator: Operator) -> None:
    outputs, before = operator.outputs(), operator.containers()
    url = httpx.URL(outputs["app_url"])
    assert url.port
    operator.succeeds("config", "imports.max_waiting=21")
    done = asyncio.Event()

    def requests() -> Iterator[Request]:
        yield from itertools.takewhile(lambda _: not done.is_set(), itertools.cycle(ASKED))

    ending = asyncio.create_task(seen_ending(directly(operator, catalog.NAMES[0])))
    async with (
        Load(url.host, url.port, connections=32, timeout=30) as load,
        httpx.AsyncClient(
            base_url=url, timeout=300, headers={"Authorization": f"Bearer {outputs['importToken']}"}
        ) as client,
    ):
        flow = asyncio.create_task(load.run(requests(), rate=RATE, seconds=600))
        upload = asyncio.create_task(
            client.post("/v1/importacoes", params={"arquivo": "troca.geojson"}, content=slowly(ending))
        )
        try:
            await asyncio.to_thread(operator.succeeds, "up")
        finally:
            done.set()
        outcomes = await flow
        assert ending.done(), "the instance ended without saying so"
        sent = await upload
        assert sent.status_code == 202, sent.text
        job = await loaded(client, sent.headers["Location"])
    assert (job["estado"], job["resultado"]["armazenadas"]) == ("done", 1), job
    after = operator.containers()
    assert {name for name in before if before[name] != after[name]} == set(catalog.NAMES)
    assert len(outcomes) > RATE
    # Every answer is the app's own. On a machine that is too busy it may refuse to search (503): that is no dropped
    # request, and has tests of its own.
    assert [(one.request, one.status, one.error) for one in outcomes if not one.request_id] == []
    assert {one.status for one in outcomes if one.request.kind == PAGE} == {200}
    assert {200} <= {one.status for one in outcomes if one.request.kind == SEARCH} <= {200, 503}
    assert "no differences" in operator.succeeds("preview")
