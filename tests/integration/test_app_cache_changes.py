"""Changes reach every copy of bounds: in time, and whatever is killed, emptied or slow in between."""

import asyncio
import json
import logging
import statistics

import psycopg
import pytest
import redis

from app.bounds.entry import Entry
from app.bounds.loader import load_bounds
from app.errors import NotFoundError
from app.settings import Address, Settings
from ops.cell import Cell
from tests.integration.app_parts import settings_for
from tests.integration.cache_parts import SQUARE, Writer, edge, running, seen, stalled, until, west

pytest_plugins = ["tests.integration.conftest_app", "tests.integration.conftest_cache"]

logger = logging.getLogger(__name__)

_PROMISE_S = 1.0
_MOVE = (
    "UPDATE catalogo_geometrias_particionada SET geom = ST_Multi(ST_MakeEnvelope(%s, -17, -43, -16, 4326))"
    " WHERE catalogo_id = %s AND ST_XMin(geom) = %s"
)
_REMOVE = "DELETE FROM catalogo_geometrias_particionada WHERE catalogo_id = %s AND ST_XMin(geom) = %s"


async def test_a_reader_sees_every_kind_of_change_within_a_second(own_settings: Settings, writer: Writer) -> None:
    times = []
    async with running(own_settings) as first, running(own_settings) as second:
        for services in (first, second):
            assert await west(services, writer.id) == -44
            assert first.bounds.peek(writer.id), "it is held in the process"
        for round_ in range(3):
            added = -45.0 - round_
            changes: list[tuple[str, tuple[object, ...], float | None]] = [
                (SQUARE, (writer.id, added), added),
                (_MOVE, (added - 5, writer.id, added), added - 5),
                (_REMOVE, (writer.id, added - 5), -44),
            ]
            for statement, values, wanted in changes:
                writer.connection.execute(statement.encode(), values)
                times += await asyncio.gather(*(seen(services, writer.id, wanted) for services in (first, second)))
        writer.connection.execute("DELETE FROM catalogo WHERE id = %s", (writer.id,))
        times += await asyncio.gather(*(seen(services, writer.id, None) for services in (first, second)))
        writer.connection.execute("INSERT INTO catalogo (id, nome, tipo) VALUES (%s, 'again', 'Teste')", (writer.id,))
        writer.connection.execute(SQUARE, (writer.id, -50))
        times += await asyncio.gather(*(seen(services, writer.id, -50) for services in (first, second)))
        metrics = first.metrics.render().decode()
    logger.info("seen after %.3f s in the median, %.3f s at worst", statistics.median(times), max(times))
    assert max(times) < _PROMISE_S
    assert 'mundo_bounds_invalidations_total{kind="changed"}' in metrics
    assert 'mundo_bounds_invalidations_total{kind="deleted"} 0.0' not in metrics


async def test_an_entry_without_a_version_is_answered_and_kept_nowhere(
    own_settings: Settings, writer: Writer, postgres_owner: str, master: redis.Redis
) -> None:
    async with running(own_settings) as services:
        with psycopg.connect(postgres_owner) as blocker:
            # Nobody folds.
            blocker.execute("SELECT pg_advisory_xact_lock(hashtextextended('mundo.fold', 0))")
            writer.move(-47)
            first = await services.bounds.get_bounds(writer.id)
            assert (first.level, edge(first), first.entry.version) == ("postgres", -47, 0)
            assert services.bounds.peek(writer.id) is None
            assert not services.bounds._writes
            assert not master.exists(f"bounds:{writer.id}")
        writer.fold()
        second = await services.bounds.get_bounds(writer.id)
        assert second.entry.version == writer.version()
        assert second.entry.body == first.entry.body
        assert second.entry.etag != first.entry.etag


async def test_nothing_is_lost_when_the_connection_is_killed_in_between(
    own_settings: Settings, writer: Writer, database: Cell
) -> None:
    container = database.running["postgres"].get_wrapped_container()
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mundo-catalog-changes'"
    async with running(own_settings) as services:
        for turn in range(3):
            assert await west(services, writer.id) == (-44 - turn)
            code, output = container.exec_run(["psql", "-X", "-q", "-d", "mundo", "-c", kill])
            assert code == 0, output
            writer.move(-45 - turn)
            assert await seen(services, writer.id, -45 - turn) < _PROMISE_S


async def test_an_emptied_redis_gets_no_old_answer(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, writer: Writer, master: redis.Redis
) -> None:
    settings = settings_for(postgres_app, redis_sentinels, redis_password, redis_deadline_ms=2000, l1_ttl_ms=0)
    key = f"bounds:{writer.id}"
    async with running(settings) as services:
        assert await west(services, writer.id) == -44
        await until(lambda: bool(master.exists(key)))
        master.delete(*master.scan_iter())
        writer.move(-46)
        assert await seen(services, writer.id, -46) < _PROMISE_S
        while not master.exists(key):
            assert await west(services, writer.id) == -46
            await asyncio.sleep(0.01)
        writer.move(-48)
        assert await seen(services, writer.id, -48) < _PROMISE_S
        await until(lambda: master.hget(key, "version") == b"%d" % writer.version())
        assert json.loads(master.hget(key, "data") or b"{}")["bbox"][0] == -48
        await until(lambda: int(master.get("bounds:applied") or 0) > 0)


@pytest.mark.parametrize("where", ["between load and copy", "between copy and redis"])
async def test_a_slow_loader_never_puts_the_old_answer_back(
    own_settings: Settings, writer: Writer, master: redis.Redis, where: str
) -> None:
    key = f"bounds:{writer.id}"
    master.delete(key)
    reached, go_on = asyncio.Event(), asyncio.Event()
    async with running(own_settings) as services:
        cache = services.bounds
        if where == "between load and copy":
            cache._load_entry = stalled(cache._load_entry, reached=reached, go_on=go_on, before=False)  # type: ignore[assignment]
        else:
            write = stalled(services.redis.write, reached=reached, go_on=go_on, before=True)
            services.redis.write = write  # type: ignore[method-assign, assignment]
        asked = asyncio.create_task(cache.get_bounds(writer.id))
        await reached.wait()
        old = writer.version()
        writer.move(-46)
        # Until the change has been taken in and brought to Redis, which holds nothing of the entry to bring up to date.
        await until(lambda: writer.version() > old and cache._floors.version(writer.id) == writer.version())
        last = writer.connection.execute("SELECT max(seq) FROM catalogo_bounds_changes").fetchone()
        assert last is not None
        await until(lambda: int(master.get("bounds:applied") or 0) >= last[0])
        assert not master.exists(key)
        go_on.set()
        answer = await asked
        assert edge(answer) == (-46 if where == "between load and copy" else -44), "the second had been asked before"
        assert await west(services, writer.id) == -46
        await asyncio.gather(*cache._writes)
        held = master.hgetall(key)
        assert int(held[b"version"]) == writer.version()
        assert b"data" not in held or json.loads(held[b"data"])["bbox"][0] == -46
        cache._local.drop(writer.id)
        assert await west(services, writer.id) == -46


async def test_an_entry_made_while_it_is_looked_for_is_found(own_settings: Settings, postgres_owner: str) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()
    calls = 0

    async with running(own_settings) as services:
        identity = 2**61

        async def load(catalogo_id: int) -> Entry:
            nonlocal calls
            calls += 1
            try:
                return await load_bounds(services.database, catalogo_id)
            except NotFoundError:
                if calls == 1:
                    reached.set()
                    await go_on.wait()
                raise

        services.bounds._load_entry = load
        early = asyncio.create_task(services.bounds.get_bounds(identity))
        await reached.wait()
        with psycopg.connect(postgres_owner, autocommit=True) as connection:
            connection.execute("INSERT INTO catalogo (id, nome, tipo) VALUES (%s, 'new', 'Teste')", (identity,))
            try:
                late = [asyncio.create_task(services.bounds.get_bounds(identity)) for _ in range(20)]
                await asyncio.sleep(0)
                go_on.set()
                with pytest.raises(NotFoundError):
                    await early
                assert {answer.entry.catalogo_id for answer in await asyncio.gather(*late)} == {identity}
                assert calls == 2
            finally:
                connection.execute("DELETE FROM catalogo WHERE id = %s", (identity,))
                connection.execute("SELECT fold_catalogo_changes(NULL, true)")
