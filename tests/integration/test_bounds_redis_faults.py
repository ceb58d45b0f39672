"""The app's Redis client while servers and Sentinels are lost: reads go on, and nobody goes back to an old master."""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from components.cache_config import MASTER_NAME, OPERATOR, SENTINEL_PORT
from tests.integration.bounds_parts import DEADLINE_S, count, entry, failures, reading, redis_bounds, until
from tests.integration.redis_group import Group, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.bounds.store import RedisBounds
    from app.settings import Address
    from ops.cell import Cell

IDS = range(2**61 + 1000, 2**61 + 1050)


@pytest.fixture(scope="module")
def group(redis_group: Cell) -> Iterator[Group]:
    """The group of all tests, given back whole."""
    shared = Group(redis_group)
    yield shared
    for container in shared.containers:
        container.reload()
        if container.status == "paused":
            container.unpause()
        elif container.status != "running":
            container.start()
    eventually(partial(_healed, shared))


def _sentinels(group: Group) -> list[tuple[str, int]]:
    return [(ip, SENTINEL_PORT) for ip in group.sentinels]


def _healed(group: Group) -> str:
    """The master of a whole group: a former one is told at once what the Sentinels would tell it in some ten seconds.

    Raises:
        AssertionError, redis.RedisError: the group is not whole (yet).
    """
    named = {group.named_by(ip) for ip in group.sentinels}
    assert len(named) == 1, f"the Sentinels disagree: {named}"
    for ip in {*group.servers} - named:
        with group.server(ip, username=OPERATOR) as server:
            if server.info("replication")["role"] == "master":
                server.replicaof(*named, 6379)
    return group.master()


async def _filled(group: Group, bounds: RedisBounds) -> str:
    """Write entries that every server then holds; returns the master's address."""
    master = await asyncio.to_thread(eventually, partial(_healed, group))
    await until(lambda: _named(bounds) == master and bounds.nodes.readable == 3)
    for number in IDS:
        await bounds.write(entry(number, 1))
    with group.server(master, username=OPERATOR) as server:
        assert await asyncio.to_thread(server.wait, 2, 10_000) == 2
    return master


def _named(bounds: RedisBounds) -> str | None:
    return bounds.nodes.master.address[0] if bounds.nodes.master else None


async def _until_writable(bounds: RedisBounds, version: int) -> None:
    end = time.monotonic() + 30
    while not await bounds.write(entry(IDS[0], version)):
        assert time.monotonic() < end, failures(bounds)
        await asyncio.sleep(0.05)


async def test_reads_go_on_while_the_master_is_killed(group: Group) -> None:
    async with redis_bounds(_sentinels(group), group.password) as bounds:
        old = await _filled(group, bounds)
        switches: list[str | None] = []
        bounds.on_switch(lambda: switches.append(_named(bounds)))
        async with reading(bounds, IDS) as seen:
            await asyncio.to_thread(group.container_of(old).kill, "SIGKILL")
            await until(lambda: _named(bounds) != old)
            await _until_writable(bounds, 2)
            await asyncio.to_thread(group.container_of(old).start)
            await until(lambda: bounds.nodes.readable == 3)
        assert seen.without == 0, failures(bounds)
        assert len(seen.seconds) > 100
        assert switches[-1] == _named(bounds)
        assert bounds.breaker.state == "closed"
        assert count(bounds, "mundo_redis_master_changes_total") >= 1


async def test_a_frozen_master_costs_one_short_wait_and_soon_none(group: Group) -> None:
    async with redis_bounds(_sentinels(group), group.password) as bounds:
        old = await _filled(group, bounds)
        container = group.container_of(old)
        async with reading(bounds, IDS) as seen:
            await asyncio.to_thread(container.pause)
            try:
                # Long enough for one to ask the frozen server and to learn from it.
                await asyncio.sleep(DEADLINE_S * 0.6)
                warned = time.monotonic()
                await until(lambda: _named(bounds) != old)
                await _until_writable(bounds, 3)
            finally:
                await asyncio.to_thread(container.unpause)
            master = await asyncio.to_thread(eventually, partial(_healed, group))
            await until(lambda: _named(bounds) == master and bounds.nodes.readable == 3)
        assert seen.without == 0, failures(bounds)
        assert max(took for _, took in seen.seconds) < DEADLINE_S
        assert seen.slow_since(warned, DEADLINE_S / 2) == 0
        assert bounds.breaker.state == "closed"


async def test_a_lost_replica_is_left_out_and_comes_back(group: Group) -> None:
    async with redis_bounds(_sentinels(group), group.password) as bounds:
        master = await _filled(group, bounds)
        lost = group.container_of(next(ip for ip in group.servers if ip != master))
        async with reading(bounds, IDS) as seen:
            await asyncio.to_thread(lost.kill, "SIGKILL")
            await until(lambda: bounds.nodes.readable == 2)
            assert await bounds.write(entry(IDS[0], 4))
            await asyncio.to_thread(lost.start)
            await until(lambda: bounds.nodes.readable == 3)
        assert seen.without == 0, failures(bounds)
        assert _named(bounds) == master


async def test_planned_switches_reuse_what_is_known_of_each_server(group: Group) -> None:
    def connections() -> int:
        connected = 0
        for ip in group.servers:
            with group.server(ip) as server:
                connected += int(server.info("clients")["connected_clients"])
        return connected

    async with redis_bounds(_sentinels(group), group.password) as bounds:
        await _filled(group, bounds)
        nodes = dict(bounds.nodes._nodes)
        before = await asyncio.to_thread(connections)
        async with reading(bounds, IDS) as seen:
            for version in range(10, 15):
                master = await asyncio.to_thread(eventually, partial(_healed, group))
                with group.sentinel(group.sentinels[0]) as sentinel:
                    sentinel.execute_command("SENTINEL", "FAILOVER", MASTER_NAME)
                await until(lambda old=master: _named(bounds) != old)  # type: ignore[misc]  # bound now
                await _until_writable(bounds, version)
            await asyncio.to_thread(eventually, partial(_healed, group))
            await until(lambda: bounds.nodes.readable == 3)
        assert seen.without == 0, failures(bounds)
        assert bounds.nodes._nodes == nodes
        assert count(bounds, "mundo_redis_master_changes_total") >= 5
        end = time.monotonic() + 20
        while (now := await asyncio.to_thread(connections)) > before:
            assert time.monotonic() < end, f"{before} connections became {now}"
            await asyncio.sleep(0.5)


_ASTRAY_PORT = 26390
_ASTRAY = """
umask 077
{
    printf 'port %s\nbind 0.0.0.0\ndir /tmp\ndaemonize yes\npidfile /tmp/astray.pid\n' "$PORT"
    printf 'requirepass %s\nsentinel monitor mymaster %s 6379 2\n' "$PASSWORD" "$MASTER"
} >/tmp/astray.conf
redis-sentinel /tmp/astray.conf
"""


@contextlib.contextmanager
def _astray(group: Group, old: str) -> Iterator[Address]:
    """A Sentinel that names `old` and hears nothing of the others: it cannot log in at the servers."""
    container = group.containers[-1]
    told = {"PORT": str(_ASTRAY_PORT), "PASSWORD": group.password, "MASTER": old}
    code, output = container.exec_run(["sh", "-c", _ASTRAY], environment=told)
    assert code == 0, output
    try:
        yield group.sentinels[-1], _ASTRAY_PORT
    finally:
        container.exec_run(["sh", "-c", "kill $(cat /tmp/astray.pid); rm /tmp/astray.conf"])


@pytest.mark.parametrize("place", [0, 2], ids=["asked-first", "asked-last"])
async def test_a_sentinel_that_names_an_old_master_leads_nobody_back(group: Group, place: int) -> None:
    master = await asyncio.to_thread(eventually, partial(_healed, group))
    old = next(ip for ip in group.servers if ip != master)
    with _astray(group, old) as astray:
        async with redis_bounds([astray], group.password, readable=1) as led_astray:
            assert _named(led_astray) == old
        sentinels = _sentinels(group)[:2]
        sentinels.insert(place, astray)
        async with redis_bounds(sentinels, group.password) as bounds:
            await until(lambda: _named(bounds) == master)
            told: list[str | None] = []
            bounds.on_switch(lambda: told.append(_named(bounds)))
            await until(lambda: bounds.watch._view._views.get(astray, (0, astray))[1][0] == old)
            await asyncio.sleep(1.2)
            assert _named(bounds) == master
            assert old not in told
