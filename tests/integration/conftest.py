"""One database and one Redis group for all integration tests, as the program declares them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from components import cache
from components.cache_config import SENTINEL_PORT
from ops.cell import Cell, cell
from tests.integration.ingest_parts import value

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def database() -> Iterator[Cell]:
    """A cell with the database and its schema."""
    with cell("test-database") as started:
        started.start_postgres()
        yield started


@pytest.fixture(scope="package")
def redis_group() -> Iterator[Cell]:
    """A cell with three Redis servers and three Sentinels."""
    with cell("test-cache") as started:
        started.start_cache()
        yield started


@pytest.fixture(scope="package")
def postgres_owner(database: Cell) -> str:
    """Login of the schema's owner."""
    return database.conninfo("owner")


@pytest.fixture(scope="package")
def postgres_app(database: Cell) -> str:
    """Login of the catalogue app."""
    return database.conninfo("app")


@pytest.fixture(scope="package")
def redis_sentinels(redis_group: Cell) -> list[tuple[str, int]]:
    """Addresses of the Sentinels."""
    return [(ip, SENTINEL_PORT) for ip in cache.sentinel_addresses(redis_group.context)]


@pytest.fixture(scope="package")
def redis_password(redis_group: Cell) -> str:
    """The password of the servers and the Sentinels."""
    return redis_group.context.secrets.redisPassword.get_secret_value()


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> str:
    """Conninfo of mundo_owner on a database with the schema."""
    conninfo = os.environ.get("MUNDO_TEST_OWNER_CONNINFO") or request.getfixturevalue("postgres_owner")
    return str(conninfo)


@pytest.fixture
def catalogue(owner: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection beside the ingest's; what a test loads is removed at its end."""
    with psycopg.connect(owner, autocommit=True) as connection:
        last = value(connection, "SELECT coalesce(max(id), 0) FROM importacoes")
        yield connection
        connection.execute(
            "DELETE FROM catalogo WHERE id IN (SELECT catalogo_id FROM catalogo_origem WHERE importacao_id > %s)",
            (last,),
        )
        connection.execute("DELETE FROM importacoes WHERE id > %s", (last,))
