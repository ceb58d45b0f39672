"""A master that is lost with its last writes: the new one gets the changes again, and no reader sees an old answer."""

import asyncio
import json
import time

import redis

from tests.integration.app_parts import RedisCell, settings_for, wait_until
from tests.integration.cache_parts import Writer, running, seen, until, west

pytest_plugins = ["tests.integration.conftest_app", "tests.integration.conftest_cache"]

_MASTER, _REPLICA = 6379, 6380


def _cut_off(cell: RedisCell) -> None:
    """Keep the replica from following: what is written from now on is at the master alone."""
    with cell.client(_REPLICA) as replica:
        replica.config_set("masterauth", "wrong")
    with cell.client(_MASTER) as master:
        master.execute_command("CLIENT", "KILL", "TYPE", "replica")
    wait_until(lambda: _link(cell) == "down")


def _link(cell: RedisCell) -> str:
    with cell.client(_REPLICA) as replica:
        return str(replica.info("replication")["master_link_status"])


def _edge(server: redis.Redis, key: str) -> float:
    return float(json.loads(server.hget(key, "data") or b"null")["bbox"][0])


async def test_lost_writes_come_again_and_no_old_answer_is_given(
    redis_cell: RedisCell, postgres_app: str, writer: Writer
) -> None:
    settings = settings_for(postgres_app, redis_cell.sentinels, redis_cell.password, l1_ttl_ms=0, redis_deadline_ms=500)
    key = f"bounds:{writer.id}"
    async with running(settings) as services:
        assert await west(services, writer.id) == -44
        with redis_cell.client(_MASTER) as master, redis_cell.client(_REPLICA) as replica:
            await until(lambda: bool(replica.exists(key)))
            await asyncio.to_thread(_cut_off, redis_cell)
            before = int(replica.get("bounds:applied") or 0)
            writer.move(-46)
            assert await seen(services, writer.id, -46) < 1
            # The master has the change and its number, the replica neither.
            await until(lambda: master.hget(key, "version") == b"%d" % writer.version())
            await until(lambda: int(master.get("bounds:applied") or 0) > before)
            assert _edge(replica, key) == -44
            assert int(replica.get("bounds:applied") or 0) == before
            redis_cell.signal(_MASTER, "KILL")
            promoted = False
            until_s = time.monotonic() + 20
            while not (promoted and _edge(replica, key) == -46 and services.bounds._pulse.shared):
                assert time.monotonic() < until_s, "the change did not come again"
                assert await west(services, writer.id) == -46, "an old answer"
                promoted = replica.info("replication")["role"] == "master"
                await asyncio.sleep(0.01)
            assert int(replica.get("bounds:applied") or 0) > before
            assert replica.hget(key, "version") == b"%d" % writer.version()
            # A process that knows of no change finds it right as well.
            async with running(settings) as fresh:
                answer = await fresh.bounds.get_bounds(writer.id)
                assert (answer.level, answer.stale) == ("redis", False)
                assert json.loads(answer.entry.body)["bbox"][0] == -46
