"""One database and one Redis group for all integration tests, as the program declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from components import cache
from components.cache_config import SENTINEL_PORT
from tests.cell import Cell, cell

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def database() -> Iterator[Cell]:
    """A cell with the database and its schema."""
    with cell("database") as started:
        started.start_postgres()
        yield started


@pytest.fixture(scope="session")
def redis_group() -> Iterator[Cell]:
    """A cell with three Redis servers and three Sentinels."""
    with cell("cache") as started:
        started.start_cache()
        yield started


@pytest.fixture(scope="session")
def postgres_owner(database: Cell) -> str:
    """Login of the schema's owner."""
    return database.conninfo("owner")


@pytest.fixture(scope="session")
def postgres_app(database: Cell) -> str:
    """Login of the catalogue app."""
    return database.conninfo("app")


@pytest.fixture(scope="session")
def redis_sentinels(redis_group: Cell) -> list[tuple[str, int]]:
    """Addresses of the Sentinels."""
    return [(ip, SENTINEL_PORT) for ip in cache.sentinel_addresses(redis_group.context)]


@pytest.fixture(scope="session")
def redis_password(redis_group: Cell) -> str:
    """The password of the servers and the Sentinels."""
    return redis_group.context.secrets.redisPassword.get_secret_value()
