"""Partitions under concurrent use, and what the planner makes of them."""

import threading
import time
from collections.abc import Callable
from typing import Self

import psycopg
import pytest
from psycopg import sql

from tests.database.server import Server, rows

INSERT = """
WITH entry AS (INSERT INTO catalogo (nome, tipo) VALUES ('a', 'b') RETURNING id)
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT id, ST_GeomFromText('MULTIPOINT((0 0))', 4326), %s FROM entry
"""
COUNT = "SELECT count(*), count(DISTINCT id) FROM catalogo_geometrias_particionada"


class Traffic:
    """Writers of one year and a reader that never may see fewer rows than before, in threads of their own."""

    def __init__(self, conninfo: str, year: int) -> None:
        self.conninfo = conninfo
        self.year = year
        self.stop = threading.Event()
        self.written = [0, 0]
        self.errors: list[str] = []
        self.threads = [
            *(threading.Thread(target=self.write, args=(number,)) for number in range(2)),
            threading.Thread(target=self.read),
        ]

    def write(self, number: int) -> None:
        """Inserts entries with a geometry, one transaction each."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            while not self.stop.is_set():
                try:
                    connection.execute(INSERT, [f"{self.year}-0{number + 1}-01"])
                    self.written[number] += 1
                except psycopg.Error as error:
                    self.errors.append(str(error))
                    return

    def read(self) -> None:
        """Counts; rows are only added, so a smaller number is a wrong one."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            highest = 0
            while not self.stop.is_set():
                found = connection.execute(COUNT).fetchone()
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


def drop_years(conninfo: str, *years: int) -> None:
    with psycopg.connect(conninfo) as connection:
        for year in years:
            name = sql.Identifier(f"catalogo_geometrias_{year}")
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))


@pytest.mark.usefixtures("clean")
def test_a_year_is_made_under_load_without_losing_or_refusing_a_row(owner_conninfo: str, app_conninfo: str) -> None:
    try:
        with Traffic(app_conninfo, 2050) as traffic:
            made = rows(owner_conninfo, "SELECT action, rows_moved FROM create_missing_year_partitions(2050, 2052)")
            after = sum(traffic.written)
            time.sleep(0.5)
        assert traffic.errors == []
        assert [action for action, _ in made] == ["created"] * 3
        assert int(str(made[0][1])) >= 40
        total = sum(traffic.written)
        assert total > after, "writers went on"
        assert rows(owner_conninfo, COUNT) == [(total, total)]
        assert rows(owner_conninfo, "SELECT count(*) FROM catalogo_geometrias_2050") == [(total,)]
    finally:
        drop_years(owner_conninfo, 2050, 2051, 2052)


@pytest.mark.usefixtures("clean")
def test_a_long_transaction_delays_the_year_and_never_the_writers(owner_conninfo: str, app_conninfo: str) -> None:
    made: list[list[tuple[object, ...]]] = []
    make = "SELECT action FROM create_missing_year_partitions(2050, 2050)"
    try:
        with psycopg.connect(app_conninfo) as reader:
            reader.execute(COUNT)
            run = threading.Thread(target=lambda: made.append(rows(owner_conninfo, make)))
            run.start()
            with psycopg.connect(app_conninfo, autocommit=True) as writer:
                slowest = 0.0
                until = time.monotonic() + 1.5
                while time.monotonic() < until:
                    began = time.monotonic()
                    writer.execute(INSERT, ["2050-01-01"])
                    slowest = max(slowest, time.monotonic() - began)
            assert made == [], "the year waits for the reader"
        run.join(60)
        assert made == [[("created",)]]
        assert slowest < 1, "no writer waits much longer than the lock timeout of 100 ms (on a busy machine)"
    finally:
        drop_years(owner_conninfo, 2050)


@pytest.mark.usefixtures("clean")
def test_two_runs_at_once_and_one_that_finds_the_other(owner_conninfo: str) -> None:
    skipped = "SELECT count(*) FROM partition_maintenance_log WHERE outcome = 'skipped'"
    before = int(str(rows(owner_conninfo, skipped)[0][0]))
    with psycopg.connect(owner_conninfo) as first:
        first.execute("SELECT maintain_partitions()")
        assert rows(owner_conninfo, "SELECT action FROM maintain_partitions()") == []
    assert rows(owner_conninfo, skipped) == [(before + 1,)]


@pytest.mark.parametrize(
    ("condition", "partitions"),
    [
        ("created_at >= '2028-01-01Z' AND created_at < '2029-01-01Z'", {"2028"}),
        ("created_at = '2027-12-31 23:59:59.999999Z'", {"2027"}),
        ("created_at >= '2034-06-01Z'", {"2034", "2035", "default"}),
    ],
)
def test_queries_touch_only_their_years(owner_conninfo: str, condition: str, partitions: set[str]) -> None:
    statement = f"EXPLAIN (COSTS OFF) SELECT id FROM catalogo_geometrias_particionada WHERE {condition}"  # noqa: S608
    plan = "\n".join(str(line) for (line,) in rows(owner_conninfo, statement))
    every = [*map(str, range(2026, 2036)), "default"]
    assert {name for name in every if f"catalogo_geometrias_{name} " in f"{plan} "} == partitions


def test_bounds_of_one_entry_use_the_index(owner_conninfo: str, clean: Callable[[], None]) -> None:
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute("INSERT INTO catalogo (nome, tipo) SELECT 'a', 'b' FROM generate_series(1, 5000)")
        connection.execute(
            "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)"
            " SELECT id, ST_GeomFromText('MULTIPOINT((0 0))', 4326) FROM catalogo"
        )
    with psycopg.connect(owner_conninfo, autocommit=True) as connection:
        connection.execute("ANALYZE catalogo_geometrias_particionada")
        found = connection.execute(
            "EXPLAIN (COSTS OFF) SELECT * FROM catalogo_geometrias_particionada WHERE catalogo_id = 42"
        ).fetchall()
    plan = "\n".join(line for (line,) in found)
    assert "catalogo_geometrias_2026_catalogo_id_idx" in plan, plan
    assert "Seq Scan on catalogo_geometrias_2026" not in plan


def test_partitions_stay_as_the_migrations_made_them(server: Server) -> None:
    names = server.superuser(
        "SELECT string_agg(right(inhrelid::regclass::text, 7), ' ' ORDER BY 1) FROM pg_inherits"
        " WHERE inhparent = 'catalogo_geometrias_particionada'::regclass"
    )
    assert "2050" not in names
