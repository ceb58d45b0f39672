"""Folds beside writers and beside each other: nobody waits for a fold, and no change is lost."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.database.server import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

Connection = psycopg.Connection[tuple[object, ...]]
ADD = (
    "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)"
    " VALUES (1, ST_GeomFromText('MULTIPOINT((-43 -17))', 4326))"
)
COUNT = "SELECT geom_count FROM catalogo_summary WHERE catalogo_id = 1"
pytestmark = pytest.mark.usefixtures("one_entry")


@pytest.fixture
def one_entry(clean: object, owner_conninfo: str) -> None:
    """An entry with one geometry, folded."""
    assert clean
    with psycopg.connect(owner_conninfo) as owner:
        owner.execute("INSERT INTO catalogo (id, nome, tipo) VALUES (1, 'Curral', 'Benfeitoria')")
        owner.execute(ADD)
        owner.execute("SELECT fold_catalogo_changes(NULL)")


@pytest.fixture
def writers(app_conninfo: str) -> Iterator[tuple[Connection, Connection]]:
    """Two sessions of the app that would rather fail than wait."""
    impatient = "-c lock_timeout=300ms"
    with (
        psycopg.connect(app_conninfo, options=impatient) as first,
        psycopg.connect(app_conninfo, options=impatient) as second,
    ):
        yield first, second


def test_writers_of_the_same_entry_do_not_wait_for_each_other(
    writers: tuple[Connection, Connection], owner_conninfo: str
) -> None:
    first, second = writers
    first.execute(ADD)
    second.execute(ADD)
    first.execute("UPDATE catalogo_geometrias_particionada SET is_valid = true WHERE id = lastval()")
    second.execute("DELETE FROM catalogo_geometrias_particionada WHERE id = lastval()")
    first.execute(ADD)
    assert rows(owner_conninfo, "SELECT fold_catalogo_changes(NULL)") == [(0,)], "nothing is committed yet"
    second.commit()
    first.commit()
    assert rows(owner_conninfo, "SELECT fold_catalogo_changes(NULL)") == [(1,)]
    assert rows(owner_conninfo, COUNT) == [(3,)]


def test_writers_and_readers_do_not_wait_for_a_fold(
    writers: tuple[Connection, Connection], owner_conninfo: str
) -> None:
    writer, reader = writers
    writer.execute(ADD)
    writer.commit()
    with psycopg.connect(owner_conninfo) as folder:
        folder.execute("SELECT fold_catalogo_changes(NULL)")
        writer.execute(ADD)
        writer.execute("UPDATE catalogo SET nome = 'Curral novo' WHERE id = 1")
        writer.commit()
        assert reader.execute(COUNT).fetchall() == [(1,)]
        assert reader.execute("SELECT geom_count FROM catalogo_bounds(1)").fetchall() == [(3,)], "bounds are never old"
        assert reader.execute("SELECT nome FROM search_catalogo_indexed('curral')").fetchall() == [("Curral",)]
        reader.commit()
    assert rows(owner_conninfo, COUNT) == [(2,)]
    assert rows(owner_conninfo, "SELECT fold_catalogo_changes(NULL)") == [(1,)]
    assert rows(owner_conninfo, "SELECT nome, geom_count FROM catalogo_summary") == [("Curral novo", 3)]


def waiting(conninfo: str, query: str) -> None:
    """Returns once a session waits for a lock with this text in its statement."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND strpos(query, %s) > 0"
    until = time.monotonic() + 30
    while rows(conninfo, asked, query) == [(0,)]:
        assert time.monotonic() < until, "nobody waits"
        time.sleep(0.02)


def test_a_change_that_commits_in_the_middle_of_a_fold_is_not_lost(
    writers: tuple[Connection, Connection], owner_conninfo: str
) -> None:
    early, late = writers
    early.execute(ADD)
    early.commit()
    late.execute(ADD)
    folded: list[tuple[object, ...]] = []
    with psycopg.connect(owner_conninfo) as blocker:
        # The fold has emptied the queue of what it saw and stops before it writes.
        blocker.execute("LOCK TABLE catalogo_summary IN ACCESS EXCLUSIVE MODE")
        text = "SELECT fold_catalogo_changes(10000)"
        run = threading.Thread(target=lambda: folded.extend(rows(owner_conninfo, text)))
        run.start()
        waiting(owner_conninfo, text)
        late.commit()
    run.join(30)
    assert folded == [(1,)]
    assert rows(owner_conninfo, "SELECT catalogo_id FROM catalogo_change_queue") == [(1,)], "the later change is kept"
    assert rows(owner_conninfo, "SELECT fold_catalogo_changes()") == [(1,)]
    assert rows(owner_conninfo, COUNT) == [(3,)]


def test_two_folds_are_never_at_work_at_once(writers: tuple[Connection, Connection], app_conninfo: str) -> None:
    first, second = writers
    first.execute(ADD)
    first.commit()
    first.execute("SELECT fold_catalogo_changes()")
    assert second.execute("SELECT fold_catalogo_changes()").fetchall() == [(0,)]
    with pytest.raises(psycopg.errors.LockNotAvailable):
        second.execute("SELECT fold_catalogo_changes(NULL, true)")
    second.rollback()
    waited: list[tuple[object, ...]] = []
    text = "SELECT fold_catalogo_changes(9999, true)"
    run = threading.Thread(target=lambda: waited.extend(rows(app_conninfo, text)))
    run.start()
    waiting(app_conninfo, text)
    first.commit()
    run.join(30)
    assert waited == [(0,)], "the first had done everything"


def test_a_fold_that_is_rolled_back_leaves_the_queue(owner_conninfo: str, app_conninfo: str) -> None:
    rows(app_conninfo, ADD)
    with psycopg.connect(owner_conninfo) as folder:
        folder.execute("SELECT fold_catalogo_changes()")
        folder.rollback()
    assert rows(owner_conninfo, COUNT) == [(1,)]
    assert rows(owner_conninfo, "SELECT fold_catalogo_changes()") == [(1,)]
    assert rows(owner_conninfo, COUNT) == [(2,)]


@pytest.mark.parametrize("level", [psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE])
def test_other_isolation_levels_are_refused(
    level: psycopg.IsolationLevel, owner_conninfo: str, app_conninfo: str
) -> None:
    rows(app_conninfo, ADD)
    with psycopg.connect(owner_conninfo) as folder:
        folder.isolation_level = level
        with pytest.raises(psycopg.errors.InvalidTransactionState, match="READ COMMITTED only, not under"):
            folder.execute("SELECT fold_catalogo_changes()")
    assert rows(owner_conninfo, "SELECT fold_catalogo_changes()") == [(1,)], "and nothing is lost by it"


def test_nothing_is_written_while_nothing_is_queued(owner_conninfo: str) -> None:
    with psycopg.connect(owner_conninfo) as folder:
        assert folder.execute("SELECT fold_catalogo_changes()").fetchall() == [(0,)]
        assert folder.execute("SELECT pg_current_xact_id_if_assigned()").fetchall() == [(None,)]


def test_a_fold_of_geometries_writes_no_index(owner_conninfo: str, app_conninfo: str) -> None:
    with psycopg.connect(owner_conninfo, autocommit=True) as owner:
        counters = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'catalogo_summary'"
        owner.execute("VACUUM catalogo_summary")
        rows(app_conninfo, ADD)
        before = owner.execute(counters).fetchone()
        owner.execute("SELECT fold_catalogo_changes()")
        owner.execute("SELECT pg_stat_force_next_flush()")
        after = owner.execute(counters).fetchone()
    assert before
    assert after
    assert [int(str(b)) - int(str(a)) for a, b in zip(before, after, strict=True)] == [1, 1]
