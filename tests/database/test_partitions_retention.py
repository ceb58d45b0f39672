"""Retention beside writers, and the way back out of a database that has archived years."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from components.database import migrate
from tests.database.conftest import MIGRATIONS
from tests.database.server import Server, rows
from tests.database.traffic import COUNT, INSERT, Traffic, drop_other_years, places

DETACH = "SELECT partition_year, row_count, action FROM detach_old_partitions(10, false)"


@pytest.fixture(autouse=True)
def _years(owner_conninfo: str, clean: object) -> Iterator[None]:
    assert clean
    yield
    rows(owner_conninfo, "TRUNCATE catalogo CASCADE")
    drop_other_years(owner_conninfo)


def brought_back(conninfo: str, year: int) -> object:
    """Brings a year back; where a busy machine gives no lock in 20 tries the function says so, and is asked again."""
    for left in reversed(range(5)):
        try:
            return rows(conninfo, "SELECT reattach_partition(%s)", year)[0][0]
        except psycopg.errors.LockNotAvailable:
            if not left:
                raise
    raise AssertionError("unreachable")


def test_a_year_leaves_and_returns_beside_writers(owner_conninfo: str, app_conninfo: str, reader_conninfo: str) -> None:
    with Traffic(app_conninfo, 2030) as traffic:
        assert rows(owner_conninfo, "SELECT action FROM create_missing_year_partitions(2010, 2010)") == [("created",)]
        assert rows(owner_conninfo, DETACH) == [(2010, 0, "detached")]
        rows(app_conninfo, INSERT, "2010-01-01")
        assert places(owner_conninfo)["default"] == 1
        assert brought_back(owner_conninfo, 2010) == 1
        after = list(traffic.written)
        time.sleep(0.2)
    assert traffic.errors == []
    assert all(now > then for now, then in zip(traffic.written, after, strict=True)), "writers went on"
    assert places(owner_conninfo) == {"2010": 1, "2030": sum(traffic.written)}
    assert rows(owner_conninfo, DETACH) == [(2010, 1, "detached")]
    assert rows(reader_conninfo, "SELECT count(*) FROM archive.catalogo_geometrias_2010") == [(1,)]


def test_a_long_reader_makes_it_fail_and_stay_whole(owner_conninfo: str, app_conninfo: str) -> None:
    rows(owner_conninfo, "SELECT create_missing_year_partitions(2010, 2011)")
    rows(app_conninfo, INSERT, "2010-01-01")
    queued = "SELECT count(*) FROM catalogo_change_queue"
    before = rows(owner_conninfo, queued)
    with psycopg.connect(app_conninfo) as reader:
        reader.execute(COUNT)
        assert rows(owner_conninfo, DETACH) == [(2010, 1, "failed"), (2011, 0, "failed")]
    assert places(owner_conninfo) == {"2010": 1}
    assert rows(owner_conninfo, queued) == before
    message = "SELECT DISTINCT message FROM partition_maintenance_log WHERE action = 'detach' AND outcome = 'failed'"
    assert rows(owner_conninfo, message) == [
        ("no lock after 20 attempts: canceling statement due to lock timeout",),
    ]


def test_archived_years_survive_the_rollback(server: Server, blank: str) -> None:
    conninfo = server.conninfo("owner", blank)
    migrate.apply(conninfo, MIGRATIONS, target="0044_partition_status")
    for created_at in ("2010-01-01", "2050-01-01"):
        rows(conninfo, INSERT, created_at)
    rows(conninfo, "SELECT drain_default_partition()")
    assert rows(conninfo, DETACH) == [(2010, 1, "detached")]
    rows(conninfo, INSERT, "2010-01-02")
    migrate.rollback(conninfo, MIGRATIONS, "0033_queue_truncated_entries")
    assert rows(conninfo, COUNT) == [(3, 3)]
    assert places(conninfo) == {"2010": 2, "2050": 1}
    assert set(rows(conninfo, "SELECT action, message FROM partition_maintenance_log WHERE message ~ 'archive'")) == {
        ("maintain", "detach: 1 rows to schema archive"),
        ("maintain", "reattach: 1 rows from schema archive"),
    }
    migrate.apply(conninfo, MIGRATIONS, target="0044_partition_status")
    assert places(conninfo) == {"2010": 2, "2050": 1}
