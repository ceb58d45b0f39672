"""Writers and readers that must not notice what happens to the partitions under them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

import psycopg
from psycopg import sql

from tests.database.server import rows

if TYPE_CHECKING:
    from collections.abc import Callable

INSERT = """
WITH entry AS (INSERT INTO catalogo (nome, tipo) VALUES ('a', 'b') RETURNING id)
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT id, ST_GeomFromText('MULTIPOINT((0 0))', 4326), %s FROM entry
"""
COPY = "COPY catalogo_geometrias_particionada (catalogo_id, geom, is_valid, created_at) FROM STDIN"
COUNT = "SELECT count(*), count(DISTINCT id) FROM catalogo_geometrias_particionada"
PLANNED = range(2026, 2036)
YEARS = r"""
SELECT schemaname, tablename FROM pg_tables WHERE tablename ~ '^catalogo_geometrias_\d{4}$'
"""


class Traffic:
    """Two writers of some years, one by INSERT and one by COPY like an ingest, and two readers, each in a thread.

    No reader may see fewer rows than before, or one twice: `errors` has what went wrong, `written` the rows of each
    writer, `slowest` the longest transaction of any writer in seconds.
    """

    def __init__(self, conninfo: str, *years: int) -> None:
        self.conninfo = conninfo
        self.years = years
        self.stop = threading.Event()
        self.written = [0, 0]
        self.slowest = 0.0
        self.errors: list[str] = []
        in_year = f"{COUNT} WHERE created_at >= '{years[0]}-01-01Z' AND created_at < '{years[0] + 1}-01-01Z'"
        self.threads = [
            threading.Thread(target=self.write, args=(0, insert)),
            threading.Thread(target=self.write, args=(1, copy)),
            threading.Thread(target=self.read, args=(COUNT,)),
            threading.Thread(target=self.read, args=(in_year,)),
        ]

    def write(self, number: int, put: Callable[[psycopg.Connection, str], None]) -> None:
        """Adds entries with a geometry, one transaction each, of each year in turn."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            while not self.stop.is_set():
                began = time.monotonic()
                try:
                    put(connection, f"{self.years[self.written[number] % len(self.years)]}-0{number + 1}-01")
                except psycopg.Error as error:
                    self.errors.append(str(error))
                    return
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.written[number] += 1

    def read(self, statement: str) -> None:
        """Counts; rows are only added, so a smaller number is a wrong one."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            highest = 0
            while not self.stop.is_set():
                try:
                    found = connection.execute(statement.encode()).fetchone()
                except psycopg.Error as error:
                    self.errors.append(str(error))
                    return
                assert found
                if found[0] < highest or found[0] != found[1]:
                    self.errors.append(f"counted {found} after {highest}")
                highest = max(highest, found[0])

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        until = time.monotonic() + 30
        while min(self.written) < 20 and time.monotonic() < until and not self.errors:
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(30)


def insert(connection: psycopg.Connection, created_at: str) -> None:
    """An entry with a geometry, in one statement."""
    connection.execute(INSERT, [created_at])


def copy(connection: psycopg.Connection, created_at: str) -> None:
    """An entry and its geometry by COPY, in one transaction, in the order of an ingest."""
    with connection.transaction(), connection.cursor() as cursor:
        found = cursor.execute("INSERT INTO catalogo (nome, tipo) VALUES ('a', 'b') RETURNING id").fetchone()
        assert found
        with cursor.copy(COPY) as stream:
            stream.write_row([found[0], "SRID=4326;MULTIPOINT((0 0))", True, created_at])


def places(conninfo: str) -> dict[str, int]:
    """Rows of each partition that has any, by the end of its name."""
    found = rows(
        conninfo,
        "SELECT replace(tableoid::regclass::text, 'catalogo_geometrias_', ''), count(*)"
        " FROM catalogo_geometrias_particionada GROUP BY 1",
    )
    return {str(name): int(str(count)) for name, count in found}


def drop_other_years(conninfo: str) -> None:
    """Drops every year that the migrations did not make, archived ones too."""
    with psycopg.connect(conninfo) as connection:
        for schema, table in connection.execute(YEARS.encode()).fetchall():
            if int(table[-4:]) not in PLANNED:
                connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, table)))
