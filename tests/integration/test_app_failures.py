"""What the app does when Redis or Postgres is away: right answers or a clear 503, and never late."""

import asyncio
import contextlib
import time

import httpx
import psycopg
import pytest

from app.settings import Address
from tests.integration.app_parts import Farm, RedisCell, relay_to, serving, settings_for, wait_until

pytest_plugins = ["tests.integration.conftest_app"]

_DEADLINE_S = 0.05


async def _timed(client: httpx.AsyncClient, url: str) -> tuple[httpx.Response, float]:
    started = time.perf_counter()
    answer = await client.get(url)
    return answer, time.perf_counter() - started


async def _until_status(client: httpx.AsyncClient, url: str, status: int, seconds: float) -> httpx.Response:
    until = time.monotonic() + seconds
    while (answer := await client.get(url)).status_code != status:
        assert time.monotonic() < until, f"{url}: {answer.status_code} {answer.text}"
        await asyncio.sleep(0.1)
    return answer


async def test_frozen_redis_fails_nothing_and_opens_the_breaker(
    redis_cell: RedisCell, postgres_app: str, farm: Farm
) -> None:
    settings = settings_for(
        postgres_app, redis_cell.sentinels, redis_cell.password, l1_ttl_ms=0, breaker_recovery_timeout_s=60
    )
    async with serving(settings) as client:
        url = f"/v1/catalogo/{farm.line}/bounds"
        assert (await client.get(url)).status_code == 200
        for port in (6379, 6380):
            redis_cell.signal(port, "STOP")
        times = []
        for _ in range(12):
            answer, seconds = await _timed(client, url)
            assert (answer.status_code, answer.headers["x-cache"]) == (200, "postgres")
            times.append(seconds)
        text = (await client.get("/metrics")).text
        assert 'mundo_breaker_state{state="open"} 1.0' in text
        assert 'mundo_breaker_transitions_total{from_state="closed",to_state="open"} 1.0' in text
        # Reading waits for one deadline at most, and not at all once the breaker is open.
        assert max(times) < _DEADLINE_S + 0.25
        assert sorted(times[-5:])[2] < _DEADLINE_S
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert ready.json()["checks"]["redis"]["status"] == "away"
        for port in (6379, 6380):
            redis_cell.signal(port, "CONT")


async def test_master_killed_no_request_fails_and_the_new_master_is_used(
    redis_cell: RedisCell, postgres_app: str, farm: Farm
) -> None:
    settings = settings_for(postgres_app, redis_cell.sentinels, redis_cell.password, l1_ttl_ms=0)
    async with serving(settings) as client:
        url = f"/v1/catalogo/{farm.line}/bounds"
        await client.get(url)
        old = redis_cell.master_port()
        redis_cell.signal(old, "KILL")
        statuses, slowest, levels = set(), 0.0, []
        until = time.monotonic() + 20
        while time.monotonic() < until:
            answer, seconds = await _timed(client, url)
            statuses.add(answer.status_code)
            slowest = max(slowest, seconds)
            levels.append(answer.headers["x-cache"])
            # Reads may go on at the replica all the while: the end is seen by the new master's name.
            if levels[-1] == "redis" and "master_changes_total 1.0" in (await client.get("/metrics")).text:
                break
            await asyncio.sleep(0.02)
        assert statuses == {200}
        assert levels[-1] == "redis", levels[-5:]
        assert slowest < 0.4
        assert redis_cell.master_port() != old
        assert "mundo_redis_master_changes_total 1.0" in (await client.get("/metrics")).text
        ready = await client.get("/health/ready")
        assert ready.json()["status"] == "ok"


async def test_one_sentinel_is_enough_to_find_the_master(redis_cell: RedisCell, postgres_app: str, farm: Farm) -> None:
    dead: list[Address] = [("127.0.0.1", 1), ("127.0.0.1", 2)]
    settings = settings_for(postgres_app, [*dead, redis_cell.sentinels[2]], redis_cell.password)
    async with serving(settings) as client:
        assert (await client.get(f"/v1/catalogo/{farm.line}/bounds")).status_code == 200
        assert (await client.get("/health/ready")).json()["status"] == "ok"


async def test_without_any_sentinel_everything_is_answered(postgres_app: str, farm: Farm) -> None:
    async with serving(settings_for(postgres_app, [("127.0.0.1", 1)], "x")) as client:
        answer = await client.get(f"/v1/catalogo/{farm.line}/bounds")
        assert (answer.status_code, answer.headers["x-cache"]) == (200, "postgres")
        assert (await client.get("/health/ready")).json()["status"] == "degraded"


async def test_wrong_redis_password_only_degrades(
    postgres_app: str, redis_sentinels: list[Address], farm: Farm
) -> None:
    async with serving(settings_for(postgres_app, redis_sentinels, "wrong")) as client:
        assert (await client.get(f"/v1/catalogo/{farm.line}/bounds")).status_code == 200
        assert (await client.get("/health/ready")).json()["status"] == "degraded"


@pytest.mark.parametrize("how", ["cut", "freeze"])
async def test_postgres_away_gives_503_and_cached_answers_go_on(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, farm: Farm, how: str
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        relay, conninfo = await stack.enter_async_context(relay_to(postgres_app))
        settings = settings_for(
            conninfo, redis_sentinels, redis_password, l1_ttl_ms=50, postgres_deadline_ms=600, postgres_pool_wait_ms=300
        )
        client = await stack.enter_async_context(serving(settings))
        cached = f"/v1/catalogo/{farm.line}/bounds"
        before = await client.get(cached)
        assert (await client.get("/health/ready")).status_code == 200
        await asyncio.sleep(0.3)
        relay.cut() if how == "cut" else relay.freeze()
        for _ in range(3):
            answer, seconds = await _timed(client, "/v1/catalogo")
            assert answer.status_code == 503, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) >= 1
            assert seconds < 1.5
        for route in ("", "/geometrias"):
            assert (await client.get(f"/v1/catalogo/{farm.line}{route}")).status_code == 503
        answer, seconds = await _timed(client, cached)
        assert (answer.status_code, answer.content) == (200, before.content)
        assert answer.headers["x-cache"] in {"l1", "redis"}
        assert seconds < 0.5
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        assert ready.json()["status"] == "unavailable"
        assert (await client.get("/health/live")).status_code == 200
        if how == "cut":
            await relay.open()
        else:
            relay.thaw()
        await _until_status(client, "/v1/catalogo", 200, 15)
        await _until_status(client, "/health/ready", 200, 15)


async def test_old_copy_is_answered_and_marked_when_nothing_else_is_left(
    redis_cell: RedisCell, postgres_app: str, farm: Farm
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        relay, conninfo = await stack.enter_async_context(relay_to(postgres_app))
        settings = settings_for(
            conninfo, redis_cell.sentinels, redis_cell.password, l1_ttl_ms=50, postgres_pool_wait_ms=200
        )
        client = await stack.enter_async_context(serving(settings))
        url = f"/v1/catalogo/{farm.line}/bounds"
        before = await client.get(url)
        assert "x-cache-stale" not in before.headers
        relay.cut()
        for port in (6379, 6380):
            redis_cell.signal(port, "KILL")
        await asyncio.sleep(0.1)
        answer = await client.get(url)
        assert (answer.status_code, answer.content) == (200, before.content)
        assert (answer.headers["x-cache"], answer.headers["x-cache-stale"]) == ("l1", "true")
        assert (await client.get(f"/v1/catalogo/{farm.many}/bounds")).status_code == 503


async def test_app_starts_before_postgres(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        relay, conninfo = await stack.enter_async_context(relay_to(postgres_app))
        relay.cut()
        client = await stack.enter_async_context(
            serving(settings_for(conninfo, redis_sentinels, redis_password, postgres_pool_wait_ms=200))
        )
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.get("/v1/catalogo")).status_code == 503
        await asyncio.sleep(2)
        await relay.open()
        await _until_status(client, "/v1/catalogo", 200, 10)


async def test_a_database_without_the_schema_is_a_503(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str
) -> None:
    settings = settings_for(postgres_app, redis_sentinels, redis_password, postgres_database="postgres")
    async with serving(settings) as client:
        answer = await client.get("/v1/catalogo")
        assert answer.status_code == 503
        ready = await client.get("/health/ready")
        assert ready.status_code == 503


async def test_slow_statement_ends_in_time(
    postgres_app: str, postgres_owner: str, redis_sentinels: list[Address], redis_password: str, farm: Farm
) -> None:
    settings = settings_for(postgres_app, redis_sentinels, redis_password, postgres_statement_timeout_ms=200)
    url = f"/v1/catalogo/{farm.many}"
    async with serving(settings) as client:
        with psycopg.connect(postgres_owner) as holder:
            holder.execute("LOCK TABLE catalogo IN ACCESS EXCLUSIVE MODE")
            answer, seconds = await _timed(client, url)
            holder.rollback()
        assert answer.status_code == 503
        assert "took too long" in answer.json()["detail"]
        assert "retry-after" in answer.headers
        assert 0.15 < seconds < 1.5
        assert (await client.get(url)).status_code == 200


def test_cell_can_be_waited_for(redis_cell: RedisCell) -> None:
    redis_cell.signal(6379, "KILL")
    wait_until(lambda: redis_cell.master_port() == 6380)
