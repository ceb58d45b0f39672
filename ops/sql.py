"""`make sql`: one statement on a stack's database, as the schema's owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from rich.markup import escape
from rich.table import Table

from ops.errors import OpsError

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 1000
"""Rows that are shown; a person reads no more."""

_OPTIONS = "-c statement_timeout=15min -c lock_timeout=30s"


def run(conninfo: str, query: str, console: Console) -> None:
    """Runs one SQL statement in a transaction of its own and prints its rows, the first thousand.

    Raises:
        OpsError: the database cannot be reached or refuses the statement; nothing of it was done.
    """
    if not query.strip():
        raise OpsError("no statement: make sql QUERY='SELECT ...'")
    try:
        with psycopg.connect(
            conninfo, application_name="mundo-sql", connect_timeout=10, options=_OPTIONS
        ) as connection:
            cursor = connection.execute(query.encode())
            found = cursor.fetchmany(MOST_ROWS + 1) if cursor.description else []
            names = [column.name for column in cursor.description or []]
            status = cursor.statusmessage or ""
    except psycopg.Error as error:
        raise OpsError(_line(error)) from None
    if names:
        console.print(_table(names, found[:MOST_ROWS]))
    if len(found) > MOST_ROWS:
        console.print(f"the first {MOST_ROWS} rows; LIMIT and WHERE choose others")
    console.print(escape(status), highlight=False)


def _table(names: list[str], rows: list[tuple[object, ...]]) -> Table:
    table = Table()
    for name in names:
        table.add_column(escape(name), overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else escape(str(value)) for value in row))
    return table


def _line(error: psycopg.Error) -> str:
    said = error.diag.message_primary or str(error).strip().splitlines()[0]
    return "; ".join(
        text for text in (f"PostgreSQL: {said}", error.diag.message_detail, error.diag.message_hint) if text
    )
