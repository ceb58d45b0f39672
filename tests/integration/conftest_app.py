"""Fixtures of the app's integration tests, over the servers of `conftest.py`."""

import asyncio
import queue
import secrets
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import psycopg
import pytest

from app.settings import Address
from tests.integration.app_parts import Farm, RedisCell, redis_cell_running, serving, settings_for


@pytest.fixture
def redis_cell() -> Iterator[RedisCell]:
    """A cell of one's own, to be broken."""
    with redis_cell_running() as cell:
        yield cell


@pytest.fixture(scope="package")
def farm(postgres_owner: str) -> Iterator[Farm]:
    """Three entries: one with 450 squares, one without geometries, one with a line and an origin."""
    word = "zq" + secrets.token_hex(5)
    with psycopg.connect(postgres_owner, autocommit=True) as connection:
        ids = [
            row[0]
            for name in ("Talhão muitos", "Talhão vazio", "Estrada")
            for row in connection.execute(
                "INSERT INTO catalogo (nome, tipo) VALUES (%s, 'Teste') RETURNING id", (f"{name} {word}",)
            )
        ]
        farm = Farm(word, *ids)
        connection.execute(
            "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid) SELECT %s,"
            " ST_Multi(ST_MakeEnvelope(-44 + n / 1000.0, -17, -44 + (n + 1) / 1000.0, -16.5, 4326)), true"
            " FROM generate_series(0, 449) AS n",
            (farm.many,),
        )
        connection.execute(
            "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid)"
            " VALUES (%s, ST_GeomFromText('MULTILINESTRING((-44 -17, -43 -16))', 4326), true)",
            (farm.line,),
        )
        with connection.transaction():
            row = connection.execute(
                "INSERT INTO importacoes (arquivo, digest, formato, lidas, armazenadas)"
                " VALUES ('teste.json', %s, 'ndjson', 1, 1) RETURNING id",
                (secrets.token_hex(32),),
            ).fetchone()
            assert row is not None
            connection.execute(
                "INSERT INTO catalogo_origem (catalogo_id, importacao_id, feature_id, feature_index, atributos)"
                " VALUES (%s, %s, 'f-1', 0, '{\"area_ha\": 1.5}')",
                (farm.line, row[0]),
            )
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")
        yield farm
        connection.execute("DELETE FROM catalogo WHERE id = ANY(%s)", (ids,))
        connection.execute("DELETE FROM importacoes WHERE id = %s", (row[0],))
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")


@pytest.fixture(scope="package")
def app_url(postgres_app: str, redis_sentinels: list[Address], redis_password: str) -> Iterator[str]:
    """The address of an app on the shared servers, served from a thread of its own."""
    settings = settings_for(postgres_app, redis_sentinels, redis_password)
    started: queue.Queue[str] = queue.Queue()
    finished = threading.Event()

    async def serve() -> None:
        async with serving(settings) as client:
            started.put(str(client.base_url))
            await asyncio.to_thread(finished.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    try:
        yield started.get(timeout=30)
    finally:
        finished.set()
        thread.join(timeout=30)


@pytest.fixture
async def client(app_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app on the shared servers."""
    async with httpx.AsyncClient(base_url=app_url, timeout=15) as client:
        yield client
