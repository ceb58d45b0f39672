"""The short way for bounds and the long way through the framework: nothing differs but speed."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from app.main import create_app
from app.server import make_server
from app.settings import Address, Settings
from tests.integration.app_parts import Farm, relay_to, settings_for

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from app.fast import FastBounds

pytest_plugins = ["tests.integration.conftest_app"]

LONG, PLAIN = "long", "plain"
"""Ways that a test asks for by the header `x-way`: through the framework; short, on a server without extensions."""


@dataclass
class Served:
    """An app and the port on which each way of it can be asked for."""

    app: "FastBounds"
    port: int

    async def ask(self, request: str, *headers: str, way: str = "") -> tuple[int, dict[str, str], bytes]:
        """Send one request line; returns status, headers but for the date, and body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"{request} HTTP/1.1", "host: x", "x-request-id: same", "connection: close", f"x-way: {way}", *headers]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *rest = head.decode().split("\r\n")
        named = {name: value for name, _, value in (line.partition(": ") for line in rest)}
        assert len(named) == len(rest), f"a header twice: {rest}"
        assert named.pop("date")
        return int(status.split()[1]), named, body


@contextlib.asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[Served]:
    """Serve an app so that each request says which way it takes."""
    app = create_app(settings)

    async def chosen(scope: "Scope", receive: "Receive", send: "Send") -> None:
        way = dict(scope.get("headers", ())).get(b"x-way", b"").decode()
        if way == PLAIN:
            del scope["extensions"]
        await (app.api if way == LONG else app)(scope, receive, send)

    server = make_server(chosen, settings, port=0)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not task.done(), "the app did not start"
            await asyncio.sleep(0.01)
        yield Served(app, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await task


@pytest.fixture
def settings(postgres_app: str, redis_sentinels: list[Address], redis_password: str) -> Settings:
    """Copies are fresh for as long as a test takes."""
    return settings_for(postgres_app, redis_sentinels, redis_password, l1_ttl_ms=600_000)


def _paths(farm: Farm) -> list[str]:
    ids = [
        *map(str, (farm.many, farm.bare, farm.line)),
        *("0", "-1", f"0{farm.line}", f"+{farm.line}", f"{farm.line}.0", "abc", "NaN", "%00", "%FF", "%ED%A0%80"),
        *("9223372036854775806", "9223372036854775807", "9223372036854775808", "9" * 19, "9" * 400),
        "".join(f"%{ord(digit):02X}" for digit in str(farm.line)),
        f"%20{farm.line}",
        f"{farm.line}%0A",
        "%D9%A3",
    ]
    paths = [f"/v1/catalogo/{id_}/bounds" for id_ in ids]
    base = f"/v1/catalogo/{farm.line}"
    return [
        *paths,
        *(f"{base}/bounds?a=1", f"{base}/bounds?", f"{base}/bounds/", f"{base}//bounds", f"{base}%2Fbounds"),
        *(f"{base}/Bounds", f"{base}/bound%73", f"{base}/bounds%0A", f"{base}/bounds#x", f"http://x{base}/bounds"),
    ]


async def test_every_answer_is_the_same(settings: Settings, farm: Farm) -> None:
    async with served(settings) as app:
        for path in _paths(farm):
            await app.ask(f"GET {path}")  # what can be kept is kept
            for method in ("GET", "HEAD", "POST", "OPTIONS"):
                long = await app.ask(f"{method} {path}", way=LONG)
                for way in ("", PLAIN):
                    assert await app.ask(f"{method} {path}", way=way) == long, (method, path, way)
        status, headers, body = await app.ask(f"GET /v1/catalogo/{farm.line}/bounds")
        assert (status, headers["x-cache"], json.loads(body)["catalogo_id"]) == (200, "l1", farm.line)


async def test_conditions_are_the_same(settings: Settings, farm: Farm) -> None:
    async with served(settings) as app:
        path = f"/v1/catalogo/{farm.line}/bounds"
        _, headers, _ = await app.ask(f"GET {path}")
        etag = headers["etag"]
        assert re.fullmatch(r'"v\d+"', etag)
        holds = [etag, f"W/{etag}", "*", f'"other", {etag}', f'"a,b",W/{etag} , "c"', f'"x"\r\nif-none-match: {etag}']
        fails = ['"other"', etag.strip('"'), etag[:-1], "", ",", 'W/"', f'"{etag}"', "**", '"v1', "W/*"]
        for conditions, wanted in ((holds, 304), (fails, 200)):
            for condition in conditions:
                for method in ("GET", "HEAD"):
                    long = await app.ask(f"{method} {path}", f"if-none-match: {condition}", way=LONG)
                    assert long[0] == wanted, condition
                    assert long[1]["etag"] == etag
                    for way in ("", PLAIN):
                        short = await app.ask(f"{method} {path}", f"if-none-match: {condition}", way=way)
                        assert short == long, (condition, method, way)
        for others in ("accept-encoding: gzip", "range: bytes=0-1", "if-modified-since: Wed, 25 Nov 2037 00:00:00 GMT"):
            assert await app.ask(f"GET {path}", others) == await app.ask(f"GET {path}", others, way=LONG)


async def test_answers_from_redis_are_the_same(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, farm: Farm
) -> None:
    async with served(settings_for(postgres_app, redis_sentinels, redis_password, l1_ttl_ms=0)) as app:
        path = f"/v1/catalogo/{farm.many}/bounds"
        for _ in range(200):
            _, headers, _ = await app.ask(f"GET {path}")
            if headers["x-cache"] == "redis":
                break
            await asyncio.sleep(0.05)
        answers = [await app.ask(f"GET {path}", way=way) for way in ("", LONG, PLAIN)]
        assert answers[0][1]["x-cache"] == "redis"
        assert answers[0] == answers[1] == answers[2]


async def test_old_answers_and_failures_are_the_same(postgres_app: str, farm: Farm) -> None:
    async with relay_to(postgres_app) as (relay, conninfo):
        nobody = settings_for(conninfo, [("127.0.0.1", 1)], "x", l1_ttl_ms=1, postgres_deadline_ms=300)
        async with served(nobody) as app:
            path = f"/v1/catalogo/{farm.line}/bounds"
            assert (await app.ask(f"GET {path}"))[0] == 200
            relay.cut()
            await asyncio.sleep(0.1)
            for other, status in ((path, 200), (f"/v1/catalogo/{farm.bare}/bounds", 503)):
                for method in ("GET", "HEAD"):
                    answers = [await app.ask(f"{method} {other}", way=way) for way in ("", LONG, PLAIN)]
                    assert answers[0][0] == status
                    assert answers[0] == answers[1] == answers[2]
                    if status == 200:
                        assert answers[0][1]["x-cache-stale"] == "true"
                    else:
                        assert "retry-after" in answers[0][1]


async def test_a_fault_of_ours_is_the_same(settings: Settings, farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(settings) as app:

        async def broken(_: int) -> None:
            raise RuntimeError("secret detail")

        monkeypatch.setattr(app.app.api.state.services.bounds, "get_bounds", broken)
        answers = [await app.ask(f"GET /v1/catalogo/{farm.bare}/bounds", way=way) for way in ("", LONG, PLAIN)]
        assert answers[0] == answers[1] == answers[2]
        assert answers[0][0] == 500
        assert b"secret" not in answers[0][2]


def _counted(text: str) -> dict[str, float]:
    """Series of the bounds route, and of the lookups, but for sums of times and what depends on how fast it was."""
    lines = [line.rpartition(" ") for line in text.splitlines() if "/bounds" in line or "bounds_lookups_total{" in line]
    return {name: float(value) for name, _, value in lines if 'le="0.' not in name and "_sum{" not in name}


async def test_metrics_are_the_same(settings: Settings, farm: Farm) -> None:
    async with served(settings) as app:

        async def counted() -> dict[str, float]:
            _, _, body = await app.ask("GET /metrics")
            return _counted(body.decode())

        async def asks(way: str) -> dict[str, float]:
            before, asked = await counted(), 0
            for path in (f"/v1/catalogo/{farm.line}/bounds", "/v1/catalogo/0/bounds", f"/v1/catalogo/{2**62}/bounds"):
                for method in ("GET", "HEAD"):
                    await app.ask(f"{method} {path}", way=way)
                    await app.ask(f"{method} {path}", "if-none-match: *", way=way)
                    asked += 2
            # A request is counted when its answer is sent: the last one perhaps a moment after it was read here.
            async with asyncio.timeout(10):
                while True:
                    found = {name: value - before.get(name, 0) for name, value in (await counted()).items()}
                    if sum(value for name, value in found.items() if "requests_total{" in name) == asked:
                        return found

        await app.ask(f"GET /v1/catalogo/{farm.line}/bounds")
        short = await asks("")
        assert short == await asks(LONG) == await asks(PLAIN)
        name = 'mundo_http_requests_total{method="GET",route="/v1/catalogo/{catalogo_id}/bounds",status="%d"}'
        assert [short[name % status] for status in (200, 304, 404, 422)] == [1, 1, 2, 2]


async def test_pipelined_requests_are_answered_in_order(settings: Settings, farm: Farm) -> None:
    ids = [farm.many, farm.bare, farm.line] * 5
    async with served(settings) as app:
        reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
        requests = [f"GET /v1/catalogo/{id_}/bounds HTTP/1.1\r\nhost: x\r\n" for id_ in ids]
        writer.write(("\r\n".join(requests) + "connection: close\r\n\r\n").encode())
        answer = await reader.read()
        writer.close()
        assert [int(id_) for id_ in re.findall(rb'"catalogo_id":(\d+)', answer)] == ids
