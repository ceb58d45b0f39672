"""Connections that died while nobody used them: what a restart of Postgres leaves in the app's pool."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest

from app.db import KEPT, Database
from tests.integration.app_parts import serving, settings_for, wait_until

if TYPE_CHECKING:
    from app.settings import Settings
    from ops.cell import Cell

pytest_plugins = ["tests.integration.conftest_app"]

POOL = 6
_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mundo-catalog'"
_KILL = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE application_name IN ('mundo-catalog', 'mundo-catalog-health')"
)


@pytest.fixture
def settings(postgres_app: str, redis_sentinels: list[tuple[str, int]], redis_password: str) -> Settings:
    """An app with a pool of a known size."""
    return settings_for(postgres_app, redis_sentinels, redis_password, postgres_pool_size=POOL)


def kill_all(database: Cell) -> None:
    """Ends every session of requests and probes, as a restart does."""
    container = database.running["postgres"].get_wrapped_container()
    code, output = container.exec_run(["psql", "-X", "-q", "-d", "mundo", "-c", _KILL])
    assert code == 0, output


async def test_a_request_gets_past_any_number_of_dead_connections(settings: Settings, database: Cell) -> None:
    pool = Database(settings)
    await pool.open()
    try:
        # As many at once as the pool may have: it is full then, and stays so.
        await asyncio.gather(*(pool.fetch("SELECT pg_sleep(0.3)", {}) for _ in range(POOL)))
        assert pool.numbers()["size"] == POOL
        await asyncio.to_thread(kill_all, database)
        assert await pool.fetch("SELECT 1 AS one", {}) == [{"one": 1}]
    finally:
        await pool.close()


async def test_the_probe_renews_connections_before_a_request_needs_them(
    settings: Settings, database: Cell, postgres_owner: str
) -> None:
    def sessions() -> int:
        with psycopg.connect(postgres_owner) as connection:
            row = connection.execute(_SESSIONS).fetchone()
        assert row is not None
        return int(row[0])

    async with serving(settings) as client:
        assert (await client.get("/health/ready")).status_code == 200
        await asyncio.to_thread(wait_until, lambda: sessions() >= KEPT)
        await asyncio.to_thread(kill_all, database)
        assert sessions() == 0
        assert (await client.get("/health/ready")).status_code == 200
        await asyncio.to_thread(wait_until, lambda: sessions() >= KEPT)
