"""The database runs itself: every job really runs, and what is changed in it shows, by whomever it was changed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from components.settings.database import RoleLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.operator import Operator

RARE = ("maintain_partitions", "retain_partitions", "reconcile_summary", "analyze_partitions", "prune_history")
SCHEDULES = {**dict.fromkeys([*RARE, "heartbeat", "refresh"], "3 seconds")}
ASKED_LATER = {"backup-full", "restore-drill"}
"""They ask as backup-incr does, and what they ask for takes too long to be hurried: `test_backups.py` asks by hand."""
MINUTE = 60

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def hurried(operator: Operator) -> Iterator[str]:
    """The stack file asks for every job every few seconds, and for retention; gives the text that it had before."""
    text = operator.settings_file.read_text()
    settings = yaml.safe_load(text)
    settings["config"]["mundo:database"] = {"schedules": SCHEDULES, "retention_years": 20}
    settings["config"]["mundo:backups"] = {"schedules": {"incr": "30 seconds"}}
    operator.settings_file.write_text(yaml.safe_dump(settings))
    yield text
    operator.settings_file.write_text(text)


def jobs(operator: Operator) -> dict[str, dict[str, Any]]:
    """Name → how it fares, of every job."""
    with psycopg.connect(operator.outputs()["postgres_url"], row_factory=psycopg.rows.dict_row) as connection:
        return {row["job_name"]: row for row in connection.execute("SELECT * FROM v_cron_jobs")}


def test_a_schedule_is_just_its_diff(operator: Operator, hurried: str) -> None:
    shown = operator.succeeds("preview")
    # Four of the rare ones, the heartbeat, both views and a backup change; the job of retention is new.
    assert "9 differences" in shown
    assert shown.count("schedule: ") == 8
    assert shown.count("create") == 1
    assert "replace" not in shown
    before = operator.containers()
    operator.succeeds("up")
    assert operator.containers() == before


def test_every_job_runs(operator: Operator, hurried: str) -> None:
    url = operator.outputs()["postgres_url"]
    until = time.monotonic() + 2 * MINUTE
    with psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        while True:
            found = {row["job_name"]: row for row in connection.execute("SELECT * FROM v_cron_jobs")}
            ran = {name for name, job in found.items() if job["last_success_at"] is not None}
            kept = connection.execute("SELECT FROM backup_log WHERE kind = 'incr' AND outcome = 'success'").fetchall()
            if ran | ASKED_LATER == set(found) and kept:
                break
            assert time.monotonic() < until, {
                name: (job["last_status"], job["last_message"]) for name, job in found.items()
            }
            time.sleep(1)
        assert set(found) == {
            "maintain-partitions",
            "drain-default-partition",
            "retain-partitions",
            "fold-changes",
            "refresh-mv_catalogo_geometrias_stats",
            "refresh-mv_catalogo_search_indexed",
            "reconcile-summary",
            "heartbeat",
            "analyze-partitions",
            "prune-history",
            "backup-full",
            "backup-incr",
            "restore-drill",
        }
        failed = connection.execute(
            "SELECT command, return_message FROM cron.job_run_details WHERE status = 'failed'"
        ).fetchall()
        assert failed == []
        assert not [
            name for name, job in found.items() if job["missed"] or not job["active"] or job["scheduled_at"] is None
        ]
        outcomes = connection.execute(
            "SELECT DISTINCT outcome FROM mv_refresh_log WHERE outcome <> 'skipped'"
        ).fetchall()
        assert outcomes == [{"outcome": "success"}]
        beat = connection.execute("SELECT age_seconds FROM v_cron_heartbeat").fetchone()
        assert beat is not None
        assert beat["age_seconds"] < MINUTE


def test_each_role_has_its_limits(operator: Operator) -> None:
    outputs = operator.outputs()
    with psycopg.connect(outputs["postgres_url"]) as connection:
        found = connection.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname LIKE 'mundo_%'").fetchall()
        assert connection.execute("SHOW statement_timeout").fetchone() == ("0",)
        most = connection.execute("SHOW max_connections").fetchone()
    assert most is not None
    limits = [int(row[0]) for row in found]
    assert len(limits) == len(RoleLimits.model_fields)
    assert min(limits) > 0
    assert sum(limits) + 3 <= int(most[0])
    reader = psycopg.conninfo.make_conninfo(
        outputs["postgres_url"], user="mundo_reader", password=outputs["postgresReaderPassword"]
    )
    with psycopg.connect(reader) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)
        assert connection.execute("SHOW lock_timeout").fetchone() == ("5s",)


def test_what_was_changed_by_hand_shows_and_is_mended(operator: Operator, hurried: str) -> None:
    with psycopg.connect(operator.outputs()["postgres_url"], autocommit=True) as connection:
        connection.execute("SELECT cron.alter_job(jobid, active := false) FROM cron.job WHERE jobname = 'fold-changes'")
        connection.execute("SELECT cron.unschedule('maintain-partitions')")
        connection.execute(
            "SELECT cron.alter_job(jobid, active := false) FROM cron.job WHERE jobname LIKE 'refresh-%stats'"
        )
        connection.execute("ALTER TABLE catalogo_geometrias_particionada DETACH PARTITION catalogo_geometrias_2033")
        connection.execute("DROP TABLE catalogo_geometrias_2034")
        connection.execute("ALTER ROLE mundo_app SET lock_timeout = '7s'")
        connection.execute("ALTER ROLE mundo_reader CONNECTION LIMIT 99")
        connection.execute("REFRESH MATERIALIZED VIEW mv_catalogo_geometrias_stats WITH NO DATA")
    shown = operator.succeeds("refresh")
    for name in ("fold-changes", "maintain-partitions", "yearly-partitions", "mundo_app", "mundo_reader"):
        assert name in shown
    for change in (
        "active: true → false",
        "missing: [] → [2033, 2034]",
        "connection_limit: 10 → 99",
        "populated → empty",
    ):
        assert change in shown
    assert shown.count("active: true → false") == 2
    assert "6 differences" in shown

    operator.settings_file.write_text(hurried)
    operator.succeeds("refresh", "--apply")
    operator.succeeds("up")
    assert "no differences" in operator.succeeds("refresh")
    found = jobs(operator)
    assert "retain-partitions" not in found
    assert found["maintain-partitions"]["schedule"] == "15 3 * * *"
    assert all(job["active"] for job in found.values())
    with psycopg.connect(operator.outputs()["postgres_url"]) as connection:
        years = connection.execute(
            "SELECT count(*) FROM v_partition_status WHERE partition_year IN (2033, 2034)"
        ).fetchone()
        filled = connection.execute("SELECT ispopulated FROM pg_matviews WHERE matviewname LIKE '%stats'").fetchone()
    assert years == (2,)
    assert filled == (True,)
