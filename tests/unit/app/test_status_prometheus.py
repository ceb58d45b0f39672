"""The client of Prometheus: what it believes, how long it waits, how much it reads."""

import asyncio
import gzip
import math
import time

import orjson
import pytest

from app.status import prometheus
from app.status.prometheus import MAX_BYTES, AwayError, Prometheus
from tests.unit.app.web_server import Behaviour, answer, drip, hang, hang_up, serving


def _vector(*values: str) -> bytes:
    result = [{"metric": {"__name__": "x"}, "value": [1.5, value]} for value in values]
    return orjson.dumps({"status": "success", "data": {"resultType": "vector", "result": result}})


async def test_values_are_read_as_prometheus_writes_them() -> None:
    async with serving(answer(_vector("0.25", "NaN", "+Inf"))) as server:
        client = Prometheus(server.url)
        found = [sample.value[1] for sample in await client.instant('x{a="b c"}')]
        await client.close()
    assert found[0] == 0.25
    assert math.isnan(found[1])
    assert found[2] == math.inf
    assert server.asked == ["/api/v1/query?query=x%7Ba%3D%22b+c%22%7D"]


async def test_windows_and_alerts_are_read() -> None:
    matrix = {"resultType": "matrix", "result": [{"metric": {}, "values": [[10, "1"], [40, "2"]]}]}
    async with serving(answer(orjson.dumps({"status": "success", "data": matrix}))) as server:
        client = Prometheus(server.url)
        (line,) = await client.span("x", start=10, end=40, step=30)
        assert line.values == [(10, 1), (40, 2)]
        await client.recent("x", 45)
        await client.close()
    assert server.asked == [
        "/api/v1/query_range?query=x&start=10&end=40&step=30",
        "/api/v1/query?query=x%5B45s%5D",
    ]
    alert = {
        "labels": {"alertname": "A"},
        "annotations": {},
        "state": "firing",
        "activeAt": "2026-03-01T12:00:00.123456789Z",
        "value": "1e+00",
    }
    async with serving(answer(orjson.dumps({"status": "success", "data": {"alerts": [alert]}}))) as server:
        client = Prometheus(server.url)
        (found,) = await client.alerts()
        await client.close()
    assert found.activeAt.isoformat().startswith("2026-03-01T12:00:00.123456")


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (answer(b"<html>"), "not understood"),
        (answer(b""), "not understood"),
        (answer(b'{"status":"error","errorType":"bad_data","error":"x"}'), "not understood"),
        (answer(_vector("many")), "not understood"),
        (answer(b'{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}'), "not understood"),
        (answer(_vector("1"), "503 Service Unavailable"), "HTTP 503"),
        (answer(b"", "302 Found", "Location: http://127.0.0.1:1/"), "HTTP 302"),
        (answer(b"no gzip", "200 OK", "Content-Encoding: gzip"), "DecodingError"),
        (answer(b" " * (MAX_BYTES + 1)), "longer than"),
        (answer(gzip.compress(b" " * 50 * MAX_BYTES), "200 OK", "Content-Encoding: gzip"), "longer than"),
        (hang_up, "RemoteProtocolError"),
    ],
)
async def test_what_is_no_answer_is_none(behaviour: Behaviour, told: str) -> None:
    async with serving(behaviour) as server:
        client = Prometheus(server.url)
        with pytest.raises(AwayError, match=told):
            await client.instant("x")
        await client.close()


@pytest.mark.parametrize("behaviour", [hang, drip])
async def test_nobody_waits_longer_than_the_deadline(monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour) -> None:
    monkeypatch.setattr(prometheus, "DEADLINE_S", 0.3)
    async with serving(behaviour) as server:
        client = Prometheus(server.url)
        started = time.monotonic()
        # More than there are connections to keep: who gave up has given its connection back.
        for _ in range(6):
            with pytest.raises(AwayError):
                await client.instant("x")
        assert 1.5 < time.monotonic() - started < 6
        await client.close()


async def test_it_answers_again_after_many_gave_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "DEADLINE_S", 0.3)
    behaves: Behaviour = hang

    async def behave(writer: asyncio.StreamWriter) -> None:
        await behaves(writer)

    async with serving(behave) as server:
        client = Prometheus(server.url)
        for _ in range(3):
            given_up = await asyncio.gather(*(client.instant("x") for _ in range(60)), return_exceptions=True)
            assert all(isinstance(error, AwayError) for error in given_up)
        behaves = answer(_vector("1"))
        (sample,) = await client.instant("x")
        assert sample.value[1] == 1
        await client.close()


async def test_nobody_there_is_told_at_once() -> None:
    client = Prometheus("http://127.0.0.1:1")
    started = time.monotonic()
    with pytest.raises(AwayError, match="ConnectError"):
        await client.alerts()
    assert time.monotonic() - started < 1
    await client.close()
