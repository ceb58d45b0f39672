"""Peers of the partitioned table, made from its own description: equal whatever the schema becomes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.server import Connection

PARENT: LiteralString = "catalogo_geometrias_particionada"
COUNT: LiteralString = "SELECT count(*) FROM catalogo_geometrias_particionada"
_QUEUE: LiteralString = "catalogo_geometrias_queue_%"


def make_equal(connection: Connection, name: str, suffix: LiteralString = "") -> None:
    """Makes an empty table with the parent's columns, constraints, indexes, reference, row triggers and rights.

    Args:
        connection: of the owner.
        name: of the new table.
        suffix: of its CREATE TABLE, such as PARTITION BY.
    """
    partitioned = bool(suffix)
    connection.execute(
        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL) {}").format(
            sql.Identifier(name),
            sql.Identifier(PARENT),
            sql.SQL(suffix),
        )
    )
    for constraint, definition in connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        (PARENT,),
    ).fetchall():
        connection.execute(f'ALTER TABLE "{name}" ADD CONSTRAINT "{constraint}" {definition}'.encode())
    for (definition,) in connection.execute(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgname NOT LIKE %s",
        (PARENT, _QUEUE),
    ).fetchall():
        connection.execute(definition.replace(f" ON public.{PARENT} ", f' ON public."{name}" ').encode())
    connection.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{name}" TO mundo_app'.encode())
    connection.execute(f'GRANT USAGE ON SEQUENCE "{name}_id_seq" TO mundo_app'.encode())
    if not partitioned:
        quiet(connection, name)


def quiet(connection: Connection, *names: str) -> None:
    """No automatic upkeep of these tables: it would fall on whichever arm it falls on."""
    for name in names:
        connection.execute(
            f'ALTER TABLE "{name}" SET (autovacuum_enabled = off, toast.autovacuum_enabled = off)'.encode()
        )


def loud(connection: Connection, *names: str) -> None:
    """Automatic upkeep of these tables again."""
    for name in names:
        connection.execute(f'ALTER TABLE "{name}" RESET (autovacuum_enabled, toast.autovacuum_enabled)'.encode())


def children(connection: Connection, parent: str = PARENT) -> list[str]:
    """Names of a table's partitions."""
    return [
        row[0]
        for row in connection.execute(
            "SELECT relname FROM pg_inherits INNER JOIN pg_class ON pg_class.oid = inhrelid"
            " WHERE inhparent = %s::regclass ORDER BY relname",
            (parent,),
        ).fetchall()
    ]


def queue_triggers(connection: Connection) -> dict[str, str]:
    """Name and definition of the parent's triggers that feed the change queue."""
    return dict(
        connection.execute(
            "SELECT tgname::text, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND tgname LIKE %s",
            (PARENT, _QUEUE),
        ).fetchall()
    )


def switch_queue(connection: Connection, triggers: dict[str, str], *, on: bool) -> None:
    """Makes or drops these triggers, whatever there is now.

    Dropped, not disabled: PostgreSQL collects a statement's transition table for a disabled trigger too.
    """
    present = queue_triggers(connection)
    with connection.transaction():
        for name, definition in triggers.items():
            if on and name not in present:
                connection.execute(definition.encode())
            elif not on and name in present:
                connection.execute(f'DROP TRIGGER "{name}" ON {PARENT}'.encode())


@contextlib.contextmanager
def without_queue(connection: Connection) -> Iterator[None]:
    """The parent without the change queue for the length of the block."""
    triggers = queue_triggers(connection)
    switch_queue(connection, triggers, on=False)
    try:
        yield
    finally:
        switch_queue(connection, triggers, on=True)


def drop_years(connection: Connection, first: int) -> None:
    """Drops the (empty) partitions of the years from `first` on."""
    for name in children(connection):
        year = name.rsplit("_", 1)[1]
        if year.isdigit() and int(year) >= first:
            connection.execute(f'DROP TABLE "{name}"'.encode())
