"""One PostgreSQL of the project's image, with its schema, sized the same way in every run."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from ops.cell import Cell, cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Connection = psycopg.Connection[Any]

# No limit of the container is to be reached: what is compared is SQL, not the size of a box.
SIZE = {
    "memory_mb": 6144,
    "cpus": float(os.cpu_count() or 1),
    "shm_size_mb": 1024,
    "shared_buffers_mb": 1024,
    "work_mem_mb": 16,
    "max_wal_size_mb": 8192,
}


@dataclass(frozen=True)
class Server:
    """A running server with the project's schema."""

    cell: Cell

    def connect(self, role: str = "owner") -> Connection:
        """A connection of a role in autocommit mode, without time limits, that waits for the disk at each commit."""
        connection = psycopg.connect(self.cell.conninfo(role), autocommit=True)
        connection.execute(
            "SELECT set_config('statement_timeout', '0', false), set_config('synchronous_commit', 'on', false),"
            " set_config('idle_in_transaction_session_timeout', '0', false)"
        )
        return connection

    def superuser(self, statement: str) -> str:
        """Runs SQL as the superuser, over the container's own socket, and gives what psql printed.

        Raises:
            RuntimeError: the server refused it.
        """
        command = ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", "mundo", "-c", statement]
        code, output = self.cell.running["postgres"].get_wrapped_container().exec_run(command)
        assert isinstance(output, bytes)  # noqa: S101  (not asked for as a stream)
        if code:
            raise RuntimeError(output.decode().strip())
        return output.decode().strip()

    def one(self, query: str) -> str:
        """The first value of a query."""
        with self.connect() as connection:
            return str(value(connection, query))

    def settings(self, *names: str) -> dict[str, str]:
        """Settings of the server as SHOW gives them."""
        with self.connect() as connection:
            return {name: str(value(connection, f"SHOW {name}")) for name in names}


def value(connection: Connection, query: str | sql.Composed, *parameters: object) -> Any:
    """The first value of the first row.

    Raises:
        LookupError: there is no row.
    """
    statement = query.encode() if isinstance(query, str) else query
    row = connection.execute(statement, parameters or None).fetchone()
    if row is None:
        raise LookupError(f"no row: {query}")
    return row[0]


@contextlib.contextmanager
def running(say: Callable[[str], None], image: str | None = None) -> Iterator[Server]:
    """A fresh server with the project's schema for the length of the block.

    Args:
        say: told what is being done.
        image: another image than the project's own.
    """
    say("starting PostgreSQL")
    with cell("bench", postgres=SIZE) as own:
        own.start_postgres(image)
        yield Server(own)
