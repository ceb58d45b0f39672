"""Following the changes while a fold is held up, and when many entries change at once."""

import asyncio
import logging
import time

import psycopg

from app.bounds.changes import PAGE
from app.settings import Settings
from tests.integration.cache_parts import Writer, edge, running, seen, until, west

pytest_plugins = ["tests.integration.conftest_app", "tests.integration.conftest_cache"]

logger = logging.getLogger(__name__)


async def test_a_fold_that_cannot_write_holds_nobody_up(
    own_settings: Settings, writer: Writer, postgres_owner: str
) -> None:
    async with running(own_settings) as services:
        assert await west(services, writer.id) == -44
        with psycopg.connect(postgres_owner) as blocker:
            blocker.execute("LOCK TABLE catalogo_summary IN EXCLUSIVE MODE")
            writer.move(-46)
            ends = time.monotonic() + 2.5
            while time.monotonic() < ends:
                answer = services.bounds.peek(writer.id)
                assert answer is not None
                assert (answer.stale, edge(answer)) == (False, -44), "changes are looked at all the same"
                await asyncio.sleep(0.05)
        assert await seen(services, writer.id, -46) < 5


async def test_a_change_of_many_entries_comes_page_by_page(own_settings: Settings, writer: Writer) -> None:
    many = 3 * PAGE + 10
    rows = writer.connection.execute(
        "INSERT INTO catalogo (nome, tipo) SELECT 'p', 'Teste' FROM generate_series(1, %s) RETURNING id", (many,)
    ).fetchall()
    ids = [row[0] for row in rows]
    writer.fold()
    try:
        # Fifty at once share ten connections: on a busy machine that takes its time.
        async with running(own_settings.model_copy(update={"postgres_pool_wait_ms": 15_000})) as services:
            held = [
                answer
                for first in range(0, many, 50)
                for answer in await asyncio.gather(*map(services.bounds.get_bounds, ids[first : first + 50]))
            ]
            writer.connection.execute(
                "UPDATE catalogo SET nome = 'q', atualizado_em = now() WHERE id = ANY(%s)", (ids,)
            )
            versions = {answer.entry.catalogo_id: answer.entry.version for answer in held}

            def renewed() -> bool:
                kept = (services.bounds._local.get(catalogo_id) for catalogo_id in ids)
                return all(one is not None and one.entry.version > versions[one.entry.catalogo_id] for one in kept)

            took = await until(renewed)
            logger.info("%d entries after %.3f s", many, took)
            writer.connection.execute("DELETE FROM catalogo WHERE id = ANY(%s)", (ids,))
            await until(lambda: all(services.bounds._local.get(catalogo_id) is None for catalogo_id in ids))
    finally:
        writer.connection.execute("DELETE FROM catalogo WHERE id = ANY(%s)", (ids,))
        writer.fold()
