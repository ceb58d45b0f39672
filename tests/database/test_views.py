"""Refreshes beside each other and beside readers."""

import threading
import time

import psycopg
import pytest

from tests.database.server import rows

SEARCH = "mv_catalogo_search_indexed"
pytestmark = pytest.mark.usefixtures("clean")


def test_readers_are_not_blocked_by_a_refresh(app_conninfo: str) -> None:
    with psycopg.connect(app_conninfo) as refresher:
        refresher.execute("SELECT refresh_all_materialized_views()")
        with psycopg.connect(app_conninfo, autocommit=True, options="-c lock_timeout=500ms") as reader:
            assert reader.execute("SELECT count(*) FROM search_catalogo_indexed()").fetchone() == (0,)
            assert reader.execute("SELECT count(*) FROM mv_catalogo_geometrias_stats").fetchone() == (0,)


def test_a_refresh_that_finds_another_at_work_is_skipped_and_logged(owner_conninfo: str, app_conninfo: str) -> None:
    with psycopg.connect(app_conninfo) as first:
        first.execute("SELECT refresh_materialized_view(%s)", [SEARCH])
        outcome = "SELECT outcome, error_text FROM refresh_materialized_view(%s)"
        assert rows(owner_conninfo, outcome, SEARCH) == [("skipped", None)]
        assert rows(owner_conninfo, outcome, "mv_catalogo_geometrias_stats") == [("success", None)]
    logged = "SELECT outcome FROM mv_refresh_log WHERE view_name = %s ORDER BY id"
    assert rows(owner_conninfo, logged, SEARCH) == [("success",), ("skipped",)]


def test_a_refresh_that_is_cancelled_is_logged_as_failed(owner_conninfo: str, app_conninfo: str) -> None:
    results: list[tuple[object, ...]] = []
    with psycopg.connect(owner_conninfo) as blocker:
        blocker.execute("REFRESH MATERIALIZED VIEW mv_catalogo_search_indexed")

        def refresh() -> None:
            results.extend(rows(app_conninfo, "SELECT outcome, error_text FROM refresh_materialized_view(%s)", SEARCH))

        run = threading.Thread(target=refresh)
        run.start()
        cancel = (
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND query LIKE '%%refresh_materialized_view%%' AND usename = %s"
        )
        until = time.monotonic() + 30
        with psycopg.connect(app_conninfo, autocommit=True) as other:
            while not other.execute(cancel, ["mundo_app"]).fetchall():
                assert time.monotonic() < until, "the refresh did not wait for the lock"
                time.sleep(0.05)
        run.join(30)
    assert results == [("failed", "canceling statement due to user request")]
    assert rows(owner_conninfo, "SELECT outcome FROM mv_refresh_log WHERE view_name = %s", SEARCH) == [("failed",)]


def test_one_view_that_cannot_be_locked_does_not_stop_the_other(owner_conninfo: str, app_conninfo: str) -> None:
    with psycopg.connect(owner_conninfo) as blocker:
        blocker.execute("REFRESH MATERIALIZED VIEW mv_catalogo_geometrias_stats")
        with psycopg.connect(app_conninfo, autocommit=True, options="-c lock_timeout=200ms") as refresher:
            runs = refresher.execute("SELECT view_name, outcome, error_text FROM refresh_all_materialized_views()")
            told = runs.fetchall()
    assert told == [
        ("mv_catalogo_geometrias_stats", "failed", "canceling statement due to lock timeout"),
        ("mv_catalogo_search_indexed", "success", None),
    ]
    assert rows(owner_conninfo, "SELECT view_name, outcome, error_text FROM mv_refresh_log ORDER BY id") == told
    assert rows(owner_conninfo, "SELECT healthy FROM check_mv_refresh_health()") == [(False,), (True,)]


def test_a_refresh_folds_first_and_keeps_what_it_folded_when_it_fails(owner_conninfo: str, app_conninfo: str) -> None:
    rows(app_conninfo, "INSERT INTO catalogo (nome, tipo) VALUES ('Curral', 'b')")
    with psycopg.connect(owner_conninfo) as blocker:
        blocker.execute("REFRESH MATERIALIZED VIEW mv_catalogo_search_indexed")
        with psycopg.connect(app_conninfo, autocommit=True, options="-c lock_timeout=200ms") as refresher:
            refresher.execute("SELECT refresh_materialized_view(%s)", [SEARCH])
    assert rows(owner_conninfo, "SELECT outcome FROM mv_refresh_log") == [("failed",)]
    assert rows(owner_conninfo, "SELECT nome FROM catalogo_summary") == [("Curral",)]
    rows(app_conninfo, "INSERT INTO catalogo (nome, tipo) VALUES ('Mata', 'b')")
    rows(app_conninfo, "SELECT refresh_materialized_view(%s)", SEARCH)
    assert rows(owner_conninfo, "SELECT nome FROM mv_catalogo_search_indexed ORDER BY id") == [("Curral",), ("Mata",)]


def test_a_fold_that_fails_is_the_error_of_the_refresh(owner_conninfo: str, app_conninfo: str) -> None:
    rows(app_conninfo, "INSERT INTO catalogo (nome, tipo) VALUES ('Curral', 'b')")
    with psycopg.connect(owner_conninfo) as blocker:
        blocker.execute("LOCK TABLE catalogo_summary IN SHARE MODE")
        with psycopg.connect(app_conninfo, autocommit=True, options="-c lock_timeout=200ms") as refresher:
            told = refresher.execute(
                "SELECT outcome, error_text FROM refresh_materialized_view(%s)", [SEARCH]
            ).fetchall()
    assert told == [("failed", "changes were not folded: canceling statement due to lock timeout")]


def test_unchanged_rows_are_left_alone_by_a_refresh(owner_conninfo: str) -> None:
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute("INSERT INTO catalogo (nome, tipo) SELECT 'a', 'b' FROM generate_series(1, 100)")
    rows(owner_conninfo, "SELECT refresh_all_materialized_views()")
    stats = "SELECT array_agg(ctid ORDER BY catalogo_id)::text FROM mv_catalogo_geometrias_stats"
    before = rows(owner_conninfo, stats)
    rows(owner_conninfo, "SELECT refresh_all_materialized_views()")
    assert rows(owner_conninfo, stats) == before


def test_the_exporter_and_the_reader_see_the_status(exporter_conninfo: str, reader_conninfo: str) -> None:
    for conninfo in (exporter_conninfo, reader_conninfo):
        assert len(rows(conninfo, "SELECT * FROM v_mv_refresh_status")) == 2
        assert len(rows(conninfo, "SELECT * FROM check_mv_refresh_health()")) == 2
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(exporter_conninfo, "SELECT * FROM catalogo")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        rows(reader_conninfo, "CREATE TEMPORARY TABLE t ()")
