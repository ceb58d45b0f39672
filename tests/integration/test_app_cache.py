"""The bounds cache over real Redis and Postgres: levels, versions, and what comes out of them."""

import asyncio
import json
import time

import httpx
import psycopg
import pytest
import redis

from app.bounds.entry import Entry
from app.bounds.loader import load_bounds
from app.db import Database
from app.metrics import Metrics
from app.services import Services
from app.settings import Address, Settings
from tests.integration.app_parts import Farm, RedisCell, serving, settings_for

pytest_plugins = ["tests.integration.conftest_app"]


@pytest.fixture
def master(redis_sentinels: list[Address], redis_password: str) -> redis.Redis:
    """A client of the master, as a Sentinel names it."""
    host, port = redis_sentinels[0]
    with redis.Redis(host=host, port=port, password=redis_password) as sentinel:
        address = sentinel.sentinel_get_master_addr_by_name("mymaster")
    assert address is not None
    return redis.Redis(host=address[0], port=address[1], password=redis_password)


@pytest.fixture
def own_settings(postgres_app: str, redis_sentinels: list[Address], redis_password: str) -> Settings:
    """Settings for the shared servers, patient with Redis so that a busy machine does not change what is seen."""
    return settings_for(postgres_app, redis_sentinels, redis_password, redis_deadline_ms=2000)


def _entry(catalogo_id: int, version: int, west: float = -44.0) -> Entry:
    return Entry.make(
        catalogo_id=catalogo_id,
        version=version,
        bbox=(west, -17.0, -43.0, -16.0),
        centroid=(-43.5, -16.5),
        updated_at=None,
        geometries=1,
    )


async def _until_stored(master: redis.Redis, key: str) -> None:
    until = time.monotonic() + 5
    while not master.exists(key):
        assert time.monotonic() < until, f"{key} was not written"
        await asyncio.sleep(0.01)


async def test_levels_answer_in_order_and_alike(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, farm: Farm, master: redis.Redis
) -> None:
    key, url = f"bounds:{farm.line}", f"/v1/catalogo/{farm.line}/bounds"
    master.delete(key)
    settings = settings_for(postgres_app, redis_sentinels, redis_password, l1_ttl_ms=300)
    async with serving(settings) as client:
        first = await client.get(url)
        second = await client.get(url)
        await _until_stored(master, key)
        await asyncio.sleep(0.35)
        third = await client.get(url)
        metrics = (await client.get("/metrics")).text
    assert [answer.headers["x-cache"] for answer in (first, second, third)] == ["postgres", "l1", "redis"]
    assert first.content == second.content == third.content
    body = first.json()
    assert body["catalogo_id"] == farm.line
    assert body["bbox"] == [-44, -17, -43, -16]
    assert body["centroid"] == [-43.5, -16.5]
    assert body["geometries"] == 1
    for level in ("postgres", "l1", "redis"):
        assert f'mundo_bounds_lookups_total{{level="{level}"}} 1.0' in metrics
    held = master.hgetall(key)
    assert held[b"data"] == first.content
    assert 86_400 * 0.9 - 5 <= master.ttl(key) <= 86_400


async def test_entry_without_geometry_has_null_bounds(client: httpx.AsyncClient, farm: Farm) -> None:
    answer = await client.get(f"/v1/catalogo/{farm.bare}/bounds")
    assert answer.status_code == 200
    assert answer.json()["bbox"] is None
    assert answer.json()["centroid"] is None
    assert answer.json()["geometries"] == 0


async def test_bounds_agree_with_postgis(client: httpx.AsyncClient, farm: Farm, postgres_owner: str) -> None:
    with psycopg.connect(postgres_owner) as connection:
        row = connection.execute(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent(geom) AS e"
            " FROM catalogo_geometrias_particionada WHERE catalogo_id = %s) AS x",
            (farm.many,),
        ).fetchone()
    assert row is not None
    answer = (await client.get(f"/v1/catalogo/{farm.many}/bounds")).json()
    assert answer["bbox"] == pytest.approx(list(row))


_INSERT_TWO_POINTS = """
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid)
SELECT %s, ST_GeomFromText(point, 4326), true
FROM unnest(ARRAY['MULTIPOINT((-44 -17))', 'MULTIPOINT((-43 -16))']) AS point
"""


async def test_versions_grow_with_every_fold_also_of_deletions(
    postgres_app: str, postgres_owner: str, redis_sentinels: list[Address], redis_password: str
) -> None:
    database = Database(settings_for(postgres_app, redis_sentinels, redis_password))
    await database.open()
    versions, boxes = [], []
    with psycopg.connect(postgres_owner, autocommit=True) as writer:
        row = writer.execute("INSERT INTO catalogo (nome, tipo) VALUES ('v', 'Teste') RETURNING id").fetchone()
        assert row is not None
        try:
            for statement in (
                "SELECT %s::bigint",
                _INSERT_TWO_POINTS,
                "DELETE FROM catalogo_geometrias_particionada WHERE catalogo_id = %s AND ST_XMax(geom) > -43.5",
                "DELETE FROM catalogo_geometrias_particionada WHERE catalogo_id = %s",
            ):
                writer.execute(statement, row)
                writer.execute("SELECT fold_catalogo_changes(NULL, true)")
                entry = await load_bounds(database, row[0])
                versions.append(entry.version)
                boxes.append(json.loads(entry.body)["bbox"])
        finally:
            writer.execute("DELETE FROM catalogo WHERE id = %s", row)
            await database.close()
    assert boxes == [None, [-44, -17, -43, -16], [-44, -17, -44, -17], None]
    assert versions == sorted(set(versions))


async def test_slow_loader_never_puts_an_old_answer_back(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, master: redis.Redis
) -> None:
    services = Services.make(settings_for(postgres_app, redis_sentinels, redis_password, redis_deadline_ms=2000))
    await services.start()
    try:
        store, identity = services.redis, 2**60
        assert await store.write(_entry(identity, 10, -44))
        assert not await store.write(_entry(identity, 9, -99))
        assert master.wait(2, 5000) == 2  # a replica may answer
        found = await store.read(identity)
        assert found == _entry(identity, 10, -44)
        assert await store.write(_entry(identity, 11, -45))
        assert master.wait(2, 5000) == 2
        assert await store.read(identity) == _entry(identity, 11, -45)
        # Many writers in any order: the newest stays.
        await asyncio.gather(*(store.write(_entry(identity, 11 + n * 7 % 30, -46 - n)) for n in range(30)))
        assert master.wait(2, 5000) == 2
        last = await store.read(identity)
        assert last is not None
        assert last.version == 40
    finally:
        master.delete(f"bounds:{identity}")
        await services.stop()


@pytest.mark.parametrize(
    "fields", [{"data": "{"}, {"data": "{}", "version": "1"}, {"data": '{"catalogo_id":0,"bbox":null}', "version": "1"}]
)
async def test_foreign_entries_in_redis_are_replaced(
    own_settings: Settings, farm: Farm, master: redis.Redis, fields: dict[str, str]
) -> None:
    key = f"bounds:{farm.many}"
    master.delete(key)
    for name, value in fields.items():
        master.hset(key, name, value)
    async with serving(own_settings) as client:
        answer = await client.get(f"/v1/catalogo/{farm.many}/bounds")
        assert answer.headers["x-cache"] == "postgres"
        assert answer.json()["catalogo_id"] == farm.many
        until = time.monotonic() + 5
        while master.hget(key, "data") != answer.content:
            assert time.monotonic() < until, "the entry was not replaced"
            await asyncio.sleep(0.01)


async def test_many_at_once_load_once(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, farm: Farm, master: redis.Redis
) -> None:
    master.delete(f"bounds:{farm.many}")
    settings = settings_for(postgres_app, redis_sentinels, redis_password)
    services = Services.make(settings)
    loads = 0

    async def load(catalogo_id: int) -> Entry:
        nonlocal loads
        loads += 1
        return await load_bounds(services.database, catalogo_id)

    services.bounds._load_entry = load
    await services.start()
    try:
        answers = await asyncio.gather(*(services.bounds.get_bounds(farm.many) for _ in range(200)))
    finally:
        await services.stop()
    assert loads == 1
    assert {answer.entry.catalogo_id for answer in answers} == {farm.many}


async def test_refused_write_is_skipped_and_no_failure(redis_cell: RedisCell, postgres_app: str, farm: Farm) -> None:
    with redis_cell.client(redis_cell.master_port()) as master:
        master.config_set("min-replicas-to-write", 5)
    settings = settings_for(postgres_app, redis_cell.sentinels, redis_cell.password, l1_ttl_ms=0)
    async with serving(settings) as client:
        for _ in range(10):
            answer = await client.get(f"/v1/catalogo/{farm.many}/bounds")
            assert (answer.status_code, answer.headers["x-cache"]) == (200, "postgres")
        text = (await client.get("/metrics")).text
    assert 'mundo_breaker_state{state="closed"} 1.0' in text
    assert 'mundo_redis_failures_total{reason="refused"} 0.0' not in text


def test_metrics_of_two_apps_do_not_collide() -> None:
    first, second = Metrics(version="1", stack="a"), Metrics(version="2", stack="b")
    first.lookup("l1")
    assert b'mundo_bounds_lookups_total{level="l1"} 1.0' in first.render()
    assert b'mundo_bounds_lookups_total{level="l1"} 0.0' in second.render()
