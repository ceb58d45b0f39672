"""A server with its backup service, for the tests of backups, and what they ask of it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import docker
import psycopg
from rich.console import Console

from ops.backed_up import BackedUp
from ops.backup import standing
from ops.cell import cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

WAIT_SECONDS = 120.0
CONSOLE = Console(quiet=True)


class Farm(BackedUp):
    """What the tests ask of it beside."""

    def ask(self, query: str, *params: object) -> list[tuple[Any, ...]]:
        """Runs one statement in a connection of its own, as the owner."""
        with psycopg.connect(self.conninfo, autocommit=True) as server:
            cursor = server.execute(query.encode(), params or None)
            return cursor.fetchall() if cursor.description else []

    def start_again(self) -> None:
        """Starts what an upgrade leaves stopped."""
        engine = docker.from_env()
        for name in ("postgres", "backup"):
            standing.start(standing.container(engine, f"{self.prefix}-{name}"), CONSOLE)


@contextlib.contextmanager
def standing_farm() -> Iterator[Farm]:
    """One with a schema, an entry and a table of the tests' own."""
    with cell("test-backup", backups={"enabled": True, "archive_timeout_seconds": 5, "compress_level": 1}) as own:
        own.start_postgres()
        made = Farm(own)
        made.start_service()
        made.ask("CREATE TABLE ledger (id integer PRIMARY KEY, value text)")
        made.ask("INSERT INTO catalogo (nome, tipo) VALUES ('Curral do segredo', 'LAYER')")
        yield made


def until(condition: Any) -> None:
    """Waits until the condition holds, patiently."""
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.2)


def start(container: Container) -> None:
    """Starts a container that was stopped, and waits until it is healthy."""
    container.start()

    def healthy() -> bool:
        container.reload()
        return bool(container.attrs["State"]["Health"]["Status"] == "healthy")

    until(healthy)
