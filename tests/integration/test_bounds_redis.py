"""The app's Redis client on a healthy group: round trips, versions, tombstones and the cursor of changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import redis

from app.bounds.reads import MOST_TOGETHER
from app.bounds.store import APPLIED_KEY
from components import cache
from components.cache_config import OPERATOR
from tests.integration.bounds_parts import count, entry, failures, redis_bounds, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.bounds.store import RedisBounds
    from app.settings import Address
    from ops.cell import Cell

FIRST = 2**61
KEYS = [f"bounds:{FIRST + offset}" for offset in range(500)]


@pytest.fixture
async def bounds(redis_sentinels: list[Address], redis_password: str) -> AsyncIterator[RedisBounds]:
    async with redis_bounds(redis_sentinels, redis_password) as started:
        yield started


@pytest.fixture
def master(redis_sentinels: list[Address], redis_password: str) -> Iterator[redis.Redis]:
    """The master, allowed everything; what the tests write is removed."""
    host, port = redis_sentinels[0]
    with redis.Redis(host=host, port=port, password=redis_password) as sentinel:
        named = sentinel.sentinel_get_master_addr_by_name("mymaster")
    assert named is not None
    with redis.Redis(host=named[0], port=named[1], username=OPERATOR, password=redis_password) as connected:
        connected.delete(APPLIED_KEY, *KEYS)
        yield connected
        connected.delete(APPLIED_KEY, *KEYS)


async def _replicated(master: redis.Redis) -> None:
    assert await asyncio.to_thread(master.wait, 2, 5000) == 2


async def test_reads_of_one_turn_are_one_round_trip_and_each_gets_its_own(
    bounds: RedisBounds, master: redis.Redis
) -> None:
    many = 2 * MOST_TOGETHER + 5
    await asyncio.gather(*(bounds.write(entry(FIRST + n, n + 1)) for n in range(0, many, 2)))
    await _replicated(master)
    before = count(bounds, "mundo_redis_batches_total")
    found = await asyncio.gather(*(bounds.read(FIRST + n) for n in range(many)))
    assert count(bounds, "mundo_redis_batches_total") - before == 3
    assert found == [entry(FIRST + n, n + 1) if n % 2 == 0 else None for n in range(many)]
    assert failures(bounds) == {}


async def test_reads_are_spread_over_all_servers_and_writes_go_to_the_master(
    bounds: RedisBounds, master: redis.Redis, redis_group: Cell, redis_password: str
) -> None:
    def calls(command: str) -> list[int]:
        told = []
        for ip in cache.server_addresses(redis_group.context):
            with redis.Redis(host=ip, password=redis_password) as server:
                told.append(server.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"])
        return told

    before = calls("hmget")
    assert await bounds.write(entry(FIRST, 1))
    await _replicated(master)
    for _ in range(30):
        assert await bounds.read(FIRST) == entry(FIRST, 1)
    grown = [now - then for now, then in zip(calls("hmget"), before, strict=True)]
    assert min(grown) >= 10, grown


async def test_a_reader_that_goes_away_takes_no_answer_from_the_others(
    bounds: RedisBounds, master: redis.Redis
) -> None:
    await bounds.write(entry(FIRST, 1))
    await _replicated(master)
    readers = [asyncio.create_task(bounds.read(FIRST)) for _ in range(10)]
    await asyncio.sleep(0)
    readers[3].cancel()
    found = await asyncio.gather(*readers, return_exceptions=True)
    assert isinstance(found.pop(3), asyncio.CancelledError)
    assert found == [entry(FIRST, 1)] * 9
    assert await bounds.read(FIRST) == entry(FIRST, 1)


async def test_changes_renew_what_is_there_and_nothing_else(bounds: RedisBounds, master: redis.Redis) -> None:
    for offset, version in ((0, 10), (1, 30)):
        assert await bounds.write(entry(FIRST + offset, version))
    assert await bounds.apply([entry(FIRST + offset, 20, -50.0) for offset in range(3)], [], 7)
    await _replicated(master)
    assert await bounds.read(FIRST) == entry(FIRST, 20, -50.0)
    assert await bounds.read(FIRST + 1) == entry(FIRST + 1, 30)
    assert not master.exists(KEYS[2])
    assert 86_400 * 0.9 - 5 <= master.ttl(KEYS[0]) <= 86_400


async def test_a_tombstone_outlives_a_slow_loader(bounds: RedisBounds, master: redis.Redis) -> None:
    assert await bounds.write(entry(FIRST, 10))
    assert await bounds.apply([], [(FIRST, 11), (FIRST + 1, 12)], 8)
    await _replicated(master)
    assert [await bounds.read(FIRST + offset) for offset in range(2)] == [None, None]
    assert master.hgetall(KEYS[0]) == {b"version": b"11"}
    assert 86_400 * 0.9 - 5 <= master.ttl(KEYS[1]) <= 86_400
    assert not await bounds.write(entry(FIRST, 10))
    assert not await bounds.write(entry(FIRST + 1, 10))
    assert await bounds.write(entry(FIRST, 13))


async def test_the_cursor_only_grows(bounds: RedisBounds, master: redis.Redis) -> None:
    assert await bounds.applied() == 0
    assert await bounds.apply([], [], 41)
    assert await bounds.applied() == 41
    assert await bounds.apply([], [], 40)
    assert await bounds.applied() == 41
    assert int(master.get(APPLIED_KEY) or 0) == 41
    changes = [entry(FIRST + n, 2) for n in range(500)]
    assert await bounds.apply(changes, [], 600)
    assert await bounds.applied() == 600


async def test_a_refusal_is_told_and_moves_no_cursor(bounds: RedisBounds, master: redis.Redis) -> None:
    assert await bounds.write(entry(FIRST, 1))
    assert await bounds.apply([], [], 5)
    master.config_set("min-replicas-to-write", 5)
    try:
        for _ in range(10):
            assert not await bounds.write(entry(FIRST, 2))
        assert not await bounds.apply([entry(FIRST, 2)], [], 6)
        assert await bounds.applied() == 5
    finally:
        master.config_set("min-replicas-to-write", 1)
    assert failures(bounds) == {"refused": 11}
    assert bounds.breaker.state == "closed"
    assert await bounds.apply([entry(FIRST, 2)], [], 6)
    await _replicated(master)
    assert await bounds.read(FIRST) == entry(FIRST, 2)


async def test_what_is_no_entry_stands_in_nobodys_way(bounds: RedisBounds, master: redis.Redis) -> None:
    master.set(KEYS[0], "x")
    master.hset(KEYS[1], mapping={"data": "{", "version": "none"})
    master.set(APPLIED_KEY, "x")
    await _replicated(master)
    assert [await bounds.read(FIRST + offset) for offset in range(2)] == [None, None]
    assert failures(bounds) == {"refused": 1, "bad_entry": 1}
    assert await bounds.applied() == 0
    assert await bounds.apply([entry(FIRST, 3), entry(FIRST + 1, 3)], [], 9)
    assert await bounds.applied() == 9
    assert await bounds.write(entry(FIRST, 3))
    await _replicated(master)
    assert [await bounds.read(FIRST + offset) for offset in range(2)] == [entry(FIRST + n, 3) for n in range(2)]


async def test_lost_scripts_are_brought_back(bounds: RedisBounds, master: redis.Redis) -> None:
    master.script_flush()
    assert not await bounds.write(entry(FIRST, 1))
    assert await bounds.write(entry(FIRST, 1))


async def test_the_first_connection_to_a_master_is_told(redis_sentinels: list[Address], redis_password: str) -> None:
    async with redis_bounds(redis_sentinels[:1], redis_password, readable=3) as bounds:
        told = 0

        def on_switch() -> None:
            nonlocal told
            told += 1

        bounds.on_switch(on_switch)
        node = bounds.nodes.master
        assert node is not None
        assert node._link is not None
        node._link.abort()
        await until(lambda: told == 1)
        assert await bounds.applied() is not None
