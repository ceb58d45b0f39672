"""Partitions under concurrent use, and what the planner makes of them."""

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.database.server import Server, rows
from tests.database.traffic import COUNT, INSERT, Traffic, drop_other_years


@pytest.fixture(autouse=True)
def _years(owner_conninfo: str) -> Iterator[None]:
    yield
    drop_other_years(owner_conninfo)


@pytest.mark.usefixtures("clean")
def test_a_year_is_made_under_load_without_losing_or_refusing_a_row(owner_conninfo: str, app_conninfo: str) -> None:
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


@pytest.mark.usefixtures("clean")
def test_a_long_transaction_delays_the_year_and_never_the_writers(owner_conninfo: str, app_conninfo: str) -> None:
    made: list[list[tuple[object, ...]]] = []
    make = "SELECT action FROM create_missing_year_partitions(2050, 2050)"
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


def test_two_runs_make_every_year_once(owner_conninfo: str) -> None:
    made: list[tuple[object, ...]] = []
    make = "SELECT partition_year, action FROM create_missing_year_partitions(2060, 2064)"
    runs = [threading.Thread(target=lambda: made.extend(rows(owner_conninfo, make))) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert sorted(made) == [(year, action) for year in range(2060, 2065) for action in ("created", "exists")]


def test_gaps_and_years_far_ahead_are_made_at_once(owner_conninfo: str, clean: Callable[[], None]) -> None:
    clean()
    rows(owner_conninfo, "DROP TABLE catalogo_geometrias_2026, catalogo_geometrias_2030, catalogo_geometrias_2035")
    now = int(str(rows(owner_conninfo, "SELECT extract(YEAR FROM now() AT TIME ZONE 'UTC')::integer")[0][0]))
    made = {year for (year,) in rows(owner_conninfo, "SELECT partition_year FROM maintain_partitions(40)")}
    assert made == {2026, 2030, 2035, *range(2036, now + 41)}
    assert rows(owner_conninfo, "SELECT * FROM maintain_partitions(40)") == []


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


def test_every_partition_has_every_index_of_the_table(owner_conninfo: str, app_conninfo: str) -> None:
    rows(app_conninfo, INSERT, "2050-01-01")
    rows(owner_conninfo, "SELECT drain_default_partition()")
    missing = """
    SELECT child.inhrelid::regclass, own.indexrelid::regclass
    FROM pg_inherits AS child
    INNER JOIN pg_index AS own ON own.indrelid = child.inhparent
    WHERE child.inhparent = 'catalogo_geometrias_particionada'::regclass AND NOT EXISTS (
        SELECT FROM pg_inherits AS link INNER JOIN pg_index AS its ON its.indexrelid = link.inhrelid
        WHERE link.inhparent = own.indexrelid AND its.indrelid = child.inhrelid AND its.indisvalid
    )
    """
    assert rows(owner_conninfo, missing) == []
