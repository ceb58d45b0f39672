"""One migrated server for all tests of the schema; blank databases for tests of the migrations themselves."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from components.database import migrate
from tests.database.farm import Farm, standing_farm
from tests.database.server import Server, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIGRATIONS = Path(__file__).resolve().parents[2] / "sql" / "migrations"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin", "postgis")


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """A server with pgTAP and a migrated database `mundo`; its owner may play the other roles, in tests only."""
    with running() as started:
        started.superuser("CREATE DATABASE blank OWNER mundo_owner")
        started.superuser("; ".join(f"CREATE EXTENSION {name}" for name in EXTENSIONS), "blank")
        migrate.apply(started.conninfo("owner"), MIGRATIONS)
        started.superuser(
            "CREATE SCHEMA tap; CREATE EXTENSION pgtap SCHEMA tap; GRANT USAGE ON SCHEMA tap TO PUBLIC;"
            " GRANT mundo_app, mundo_ingest, mundo_reader, mundo_exporter TO mundo_owner WITH INHERIT FALSE, SET TRUE"
        )
        yield started


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    """A server with its backup service, for tests that restore, upgrade or damage them."""
    with standing_farm() as made:
        yield made


@pytest.fixture(scope="package")
def owner_conninfo(server: Server) -> str:
    """Login of the schema's owner."""
    return server.conninfo("owner")


@pytest.fixture(scope="package")
def app_conninfo(server: Server) -> str:
    """Login of the catalogue app."""
    return server.conninfo("app")


@pytest.fixture(scope="package")
def reader_conninfo(server: Server) -> str:
    """Login of people who only read."""
    return server.conninfo("reader")


@pytest.fixture(scope="package")
def exporter_conninfo(server: Server) -> str:
    """Login of the metrics exporter."""
    return server.conninfo("exporter")


@pytest.fixture
def blank(server: Server) -> Iterator[str]:
    """Name of a database with the extensions and nothing else."""
    name = f"blank_{secrets.token_hex(4)}"
    server.superuser(f"CREATE DATABASE {name} TEMPLATE blank OWNER mundo_owner", "postgres")
    yield name
    server.superuser(f"DROP DATABASE {name} WITH (FORCE)", "postgres")


@pytest.fixture
def clean(owner_conninfo: str) -> Iterator[Callable[[], None]]:
    """Empties the catalogue before and after a test that commits rows; the function does so in between."""

    def empty() -> None:
        with psycopg.connect(owner_conninfo) as connection:
            connection.execute("TRUNCATE catalogo, importacoes, mv_refresh_log CASCADE")
            connection.execute("SELECT refresh_all_materialized_views()")
            connection.execute("TRUNCATE mv_refresh_log")

    empty()
    yield empty
    empty()
