"""The drain of the DEFAULT partition under concurrent use: nothing lost, doubled, refused or seen missing."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.database.server import Server, rows
from tests.database.traffic import COUNT, INSERT, Traffic, drop_other_years, places

DRAIN = "SELECT partition_year, action FROM drain_default_partition()"
JOB = "drain-default-partition"
LOGGED = "SELECT outcome, count(*) FROM partition_maintenance_log WHERE action = 'drain' GROUP BY 1"
OID = "SELECT %s::text::regclass::oid"
MANY = """
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT entry.id, ST_GeomFromText('MULTIPOINT((0 0))', 4326), make_timestamptz(%s, 1, 1, 0, i / 60, i %% 60, 'UTC')
FROM generate_series(1, %s) AS i CROSS JOIN (SELECT min(id) AS id FROM catalogo) AS entry
"""


@pytest.fixture(autouse=True)
def _years(owner_conninfo: str, clean: object) -> Iterator[None]:
    assert clean
    rows(owner_conninfo, "DELETE FROM partition_maintenance_log")
    yield
    rows(owner_conninfo, "SELECT cron.unschedule(jobname) FROM cron.job WHERE jobname = %s", JOB)
    rows(owner_conninfo, "TRUNCATE catalogo CASCADE")
    drop_other_years(owner_conninfo)


def drained(conninfo: str, seconds: float, *years: int) -> bool:
    """Drains until every year has its partition; whether that came true in time."""
    until = time.monotonic() + seconds
    wanted = set(years)
    while wanted and time.monotonic() < until:
        wanted -= {int(str(year)) for year, action in rows(conninfo, DRAIN) if action == "created"}
        time.sleep(0.05)
    return not wanted


def settled(conninfo: str, seconds: float, year: int) -> float:
    """Seconds until rows lie in the partition of a year, or `seconds`."""
    began = time.monotonic()
    while str(year) not in places(conninfo) and time.monotonic() < began + seconds:
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.parametrize("years", [(2050,), (2050, 1999), (1999, 2050, 2051)], ids=str)
def test_a_drain_under_load_loses_refuses_and_hides_no_row(
    owner_conninfo: str, app_conninfo: str, years: tuple[int, ...]
) -> None:
    with Traffic(app_conninfo, *years) as traffic:
        assert drained(owner_conninfo, 60, *years)
        after = list(traffic.written)
        time.sleep(0.3)
    assert traffic.errors == []
    assert all(now > then for now, then in zip(traffic.written, after, strict=True)), "writers went on"
    total = sum(traffic.written)
    assert rows(owner_conninfo, COUNT) == [(total, total)]
    found = places(owner_conninfo)
    assert set(found) == {str(year) for year in years}, "DEFAULT is empty"
    assert sum(found.values()) == total


@pytest.mark.parametrize("many", [50, 3000], ids=["moved", "taken over"])
def test_years_of_a_minority_and_implausible_rows_under_load(owner_conninfo: str, app_conninfo: str, many: int) -> None:
    rows(app_conninfo, INSERT, "-infinity")
    for year, count in ((1980, 40), (2001, 50), (2050, many)):
        rows(app_conninfo, MANY, year, count)
    former = rows(owner_conninfo, OID, "catalogo_geometrias_default")
    with Traffic(app_conninfo, 2050) as traffic:
        assert drained(owner_conninfo, 60, 1980, 2001, 2050)
        time.sleep(0.3)
    assert traffic.errors == []
    assert places(owner_conninfo) == {"1980": 40, "2001": 50, "2050": many + sum(traffic.written), "default": 1}
    taken_over = rows(owner_conninfo, OID, "catalogo_geometrias_2050") == former
    if many > 2000:
        assert taken_over
    elif many + sum(traffic.written) <= 2000:  # a slow machine may have let the writers pass the limit meanwhile
        assert not taken_over


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
def test_a_long_reader_delays_the_drain_and_not_the_writers(
    owner_conninfo: str, app_conninfo: str, isolation: str
) -> None:
    rows(app_conninfo, INSERT, "2050-01-01")
    with psycopg.connect(app_conninfo) as reader:
        reader.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
        before = reader.execute(COUNT).fetchone()
        with Traffic(app_conninfo, 2050) as traffic:
            answers = [rows(owner_conninfo, DRAIN) for _ in range(2)]
        assert traffic.errors == []
        assert traffic.slowest < 1, "no writer waits much longer than 100 ms (on a busy machine)"
        assert answers == [[(2050, "failed")]] * 2
        if isolation == "REPEATABLE READ":
            assert reader.execute(COUNT).fetchone() == before
    assert rows(owner_conninfo, LOGGED) == [("failed", 1)], "the same reason is logged once a minute"
    assert drained(owner_conninfo, 10, 2050)
    assert places(owner_conninfo) == {"2050": sum(traffic.written) + 1}


def test_an_older_snapshot_still_finds_what_was_moved(owner_conninfo: str, app_conninfo: str) -> None:
    rows(app_conninfo, INSERT, "1999-01-01")
    rows(app_conninfo, MANY, 2050, 3000)
    with psycopg.connect(app_conninfo) as old:
        old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT count(*) FROM importacoes")
        assert rows(owner_conninfo, DRAIN) == [(1999, "created"), (2050, "created")]
        assert old.execute(COUNT).fetchone() == (3001, 3001)
        named = old.execute(f"{COUNT} WHERE created_at >= '2050-01-01Z'".encode()).fetchone()
        assert named == (3000, 3000), "rows of a year that took DEFAULT over are not moved"


def test_few_rows_leave_readers_of_the_catalogue_alone(owner_conninfo: str, app_conninfo: str) -> None:
    rows(app_conninfo, INSERT, "2050-01-01")
    with psycopg.connect(app_conninfo) as reader:
        reader.execute("SELECT count(*) FROM catalogo")
        assert rows(owner_conninfo, DRAIN) == [(2050, "created")]


def test_a_drain_beside_another_run_does_nothing(owner_conninfo: str, app_conninfo: str) -> None:
    rows(app_conninfo, INSERT, "2050-01-01")
    with psycopg.connect(owner_conninfo) as other:
        other.execute("SELECT maintain_partitions()")
        assert rows(owner_conninfo, DRAIN) == []
    assert rows(owner_conninfo, LOGGED) == []
    assert rows(owner_conninfo, DRAIN) == [(2050, "created")]


def test_an_idle_drain_writes_nothing(owner_conninfo: str) -> None:
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute(DRAIN)
        assert connection.execute("SELECT pg_current_xact_id_if_assigned()").fetchone() == (None,)


def test_two_drains_at_once(owner_conninfo: str, app_conninfo: str) -> None:
    for year in (2050, 2051, 2052):
        rows(app_conninfo, INSERT, f"{year}-01-01")
    made: list[tuple[object, ...]] = []
    runs = [threading.Thread(target=lambda: made.extend(rows(owner_conninfo, DRAIN))) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert sorted(made) == [(year, "created") for year in (2050, 2051, 2052)]


def test_rows_of_a_year_are_found_in_that_partition_only(owner_conninfo: str, app_conninfo: str) -> None:
    rows(app_conninfo, INSERT, "2050-01-01")
    rows(owner_conninfo, DRAIN)
    plan = rows(owner_conninfo, f"EXPLAIN (COSTS OFF) {COUNT} WHERE created_at BETWEEN '2050-01-01Z' AND '2050-06-01Z'")
    text = "\n".join(str(line) for (line,) in plan)
    assert "catalogo_geometrias_2050" in text
    assert "Append" not in text, "no other partition is read"


def test_pg_cron_drains_within_ten_seconds_of_the_last_older_transaction(
    server: Server, owner_conninfo: str, app_conninfo: str
) -> None:
    rows(owner_conninfo, "SELECT cron.schedule(%s, '5 seconds', 'SELECT drain_default_partition()')", JOB)
    rows(app_conninfo, INSERT, "2050-01-01")
    assert settled(owner_conninfo, 30, 2050) < 10 + 1, server.logs()[-2000:]
    with psycopg.connect(app_conninfo) as reader:
        reader.execute(COUNT)
        rows(app_conninfo, INSERT, "1999-01-01")
        until = time.monotonic() + 30
        while rows(owner_conninfo, LOGGED) != [("failed", 1), ("success", 1)] and time.monotonic() < until:
            time.sleep(0.1)
        assert "1999" not in places(owner_conninfo), "it waits for the reader"
    assert settled(owner_conninfo, 30, 1999) < 10 + 1, server.logs()[-2000:]
