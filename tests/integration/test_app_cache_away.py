"""What the cache answers while Postgres is away, after the app was away, and beside a replica that lags.

With a Redis of their own: no other app brings the changes to it.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator

import pytest

from app.bounds.pulse import GRACE_S
from app.errors import DatabaseUnavailableError
from app.services import Services
from app.settings import Settings
from tests.integration.app_parts import RedisCell, redis_cell_running, relay_to, settings_for
from tests.integration.cache_parts import Writer, edge, running, seen, stalled, until, west

pytest_plugins = ["tests.integration.conftest_app", "tests.integration.conftest_cache"]

_MASTER = 6379


@pytest.fixture(scope="module")
def calm_cell() -> Iterator[RedisCell]:
    """A Redis that nobody breaks."""
    with redis_cell_running() as cell:
        yield cell


def _settings(cell: RedisCell, conninfo: str, **others: object) -> Settings:
    """Settings for the cell, patient with Redis so that a busy machine does not change what is seen."""
    return settings_for(conninfo, cell.sentinels, cell.password, redis_deadline_ms=2000, **others)


async def test_without_postgres_answers_go_on_marked_and_are_right_again_after_it(
    calm_cell: RedisCell, postgres_app: str, writer: Writer
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        relay, conninfo = await stack.enter_async_context(relay_to(postgres_app))
        settings = _settings(calm_cell, conninfo, postgres_pool_wait_ms=200)
        services = await stack.enter_async_context(running(settings))
        other = await stack.enter_async_context(running(settings.model_copy(update={"l1_ttl_ms": 0})))
        assert await west(services, writer.id) == -44
        assert not (await services.bounds.get_bounds(writer.id)).stale
        relay.cut()
        writer.move(-46)
        writer.fold()
        await until(lambda: not services.bounds._pulse.well(time.monotonic()))
        await asyncio.sleep(GRACE_S)  # the entry itself was read from Postgres not much earlier
        for _ in range(20):
            answer = services.bounds.peek(writer.id)
            assert answer is not None
            assert (answer.level, answer.stale, edge(answer)) == ("l1", True, -44)
            await asyncio.sleep(0.02)
        other.bounds._local.clear()
        answer = await other.bounds.get_bounds(writer.id)
        assert (answer.level, answer.stale, edge(answer)) == ("redis", True, -44)
        with pytest.raises(DatabaseUnavailableError):
            await services.bounds.get_bounds(2**60)
        text = services.metrics.render().decode()
        assert "mundo_bounds_stale_total 2" in text
        await relay.open()
        assert await seen(services, writer.id, -46) < 10
        await until(lambda: services.bounds._pulse.well(time.monotonic()))
        answer = await services.bounds.get_bounds(writer.id)
        assert (answer.stale, edge(answer)) == (False, -46)


async def test_what_changed_while_the_app_was_down_is_right_when_it_is_back(
    calm_cell: RedisCell, postgres_app: str, writer: Writer
) -> None:
    key, settings, master = f"bounds:{writer.id}", _settings(calm_cell, postgres_app), calm_cell.client(_MASTER)
    async with running(settings) as services:
        assert await west(services, writer.id) == -44
        await until(lambda: bool(master.exists(key)))
    writer.move(-46)
    writer.fold()
    # As if it had been long ago: nothing of it is among the changes of the last minute.
    writer.connection.execute("UPDATE catalogo_bounds_changes SET changed_at = changed_at - interval '1 day'")
    assert json.loads(master.hget(key, "data") or b"{}")["bbox"][0] == -44
    services = Services.make(settings)
    reached, go_on = asyncio.Event(), asyncio.Event()
    applied = stalled(services.redis.applied, reached=reached, go_on=go_on, before=True)
    services.redis.applied = applied  # type: ignore[method-assign, assignment]
    await services.start()
    try:
        await reached.wait()
        for _ in range(2):
            answer = await services.bounds.get_bounds(writer.id)
            assert (answer.level, answer.stale, edge(answer)) == ("redis", True, -44), "an old answer is marked"
        go_on.set()
        await until(lambda: services.bounds._pulse.shared)
        answer = await services.bounds.get_bounds(writer.id)
        assert (answer.stale, edge(answer)) == (False, -46)
        await until(lambda: master.hget(key, "version") == b"%d" % writer.version())
    finally:
        await services.stop()


async def test_a_lagging_replica_and_an_old_entry_are_passed_over(
    calm_cell: RedisCell, postgres_app: str, writer: Writer
) -> None:
    settings = _settings(calm_cell, postgres_app, l1_ttl_ms=0)
    async with running(settings) as services:
        assert await west(services, writer.id) == -44
        old = (await services.bounds.get_bounds(writer.id)).entry
        writer.move(-46)
        await seen(services, writer.id, -46)
        await until(lambda: services.bounds._floors.version(writer.id) == writer.version())
        with calm_cell.client(_MASTER) as master:
            # Whoever wrote it: what is known to be older is neither answered nor left to decide.
            master.hset(f"bounds:{writer.id}", mapping={"version": old.version, "data": old.body})
            for _ in range(5):
                assert await west(services, writer.id) == -46
            await until(lambda: master.hget(f"bounds:{writer.id}", "version") == b"%d" % writer.version())
