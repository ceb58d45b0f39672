"""Upkeep with pg_cron at work: jobs every second, their log, its pruning, and what everybody may see of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from components.database.resources import CronJobProvider
from tests.database.providers import configured
from tests.database.server import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.database.server import Server

SECONDS = 60
EVERY_SECOND = {"job": "test-every-second", "schedule": "1 seconds", "command": "SELECT 1", "active": True}
FAILING = {"job": "test-failing", "schedule": "1 seconds", "command": "SELECT 1/0", "active": True}


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.3)


def fares(conninfo: str, job: str) -> dict[str, Any]:
    with psycopg.connect(conninfo) as connection:
        cursor = connection.execute("SELECT * FROM v_cron_jobs WHERE job_name = %s", (job,))
        row = cursor.fetchone()
        assert row is not None
        assert cursor.description is not None
        return dict(zip([column.name for column in cursor.description], row, strict=True))


@pytest.fixture(scope="module")
def working(server: Server) -> Iterator[Server]:
    """A server on which one job succeeds every second and one fails."""
    provider = configured(CronJobProvider, server)
    made = [provider.create(job) for job in (EVERY_SECOND, FAILING)]
    try:
        yield server
    finally:
        for job in made:
            provider.delete(job.id, job.outs or {})


@pytest.mark.parametrize("role", ["exporter", "app", "reader"])
def test_everybody_sees_how_jobs_fare(working: Server, role: str) -> None:
    conninfo = working.conninfo(role)
    eventually(lambda: fares(conninfo, "test-every-second")["last_status"] == "succeeded")
    eventually(lambda: fares(conninfo, "test-failing")["last_status"] == "failed")
    failing = fares(conninfo, "test-failing")
    assert "division by zero" in failing["last_message"]
    assert failing["last_success_at"] is None
    assert not failing["missed"]
    good = fares(conninfo, "test-every-second")
    assert good["last_success_at"] is not None
    assert good["scheduled_at"] <= good["last_run_at"]


@pytest.mark.parametrize("role", ["exporter", "app", "reader"])
def test_failures_are_counted_by_job(working: Server, role: str) -> None:
    conninfo = working.conninfo(role)
    question = "SELECT failures FROM cron_job_failures() WHERE job_name = %s"
    eventually(lambda: int(str(rows(conninfo, question, "test-failing")[0][0])) > 1)
    assert rows(conninfo, question, "test-every-second") == [(0,)]
    assert rows(conninfo, question.replace("()", "('0 seconds')"), "test-failing") == [(0,)]


def test_a_job_that_stops_is_missed(working: Server) -> None:
    owner = working.conninfo("owner")
    eventually(lambda: fares(owner, "test-every-second")["last_run_at"] is not None)
    question = "SELECT missed FROM cron_jobs(now() + %s::interval) WHERE job_name = 'test-every-second' AND NOT running"
    eventually(lambda: rows(owner, question, "1 minute") == [(False,)])
    eventually(lambda: rows(owner, question, "3 minutes") == [(True,)])


def test_the_log_of_a_job_that_runs_every_second_is_kept_for_an_hour(working: Server) -> None:
    owner = working.conninfo("owner")
    ((seconds,),) = rows(owner, "SELECT jobid FROM cron.job WHERE jobname = 'test-every-second'")
    ((failing,),) = rows(owner, "SELECT jobid FROM cron.job WHERE jobname = 'test-failing'")
    eventually(lambda: bool(rows(owner, "SELECT 1 FROM cron.job_run_details WHERE jobid = %s", seconds)))
    working.superuser(
        "INSERT INTO cron.job_run_details (jobid, runid, status, start_time, end_time, username, database)"  # noqa: S608
        " SELECT job, -n, status, now() - age, now() - age, 'mundo_owner', 'mundo'"
        " FROM (VALUES "
        f"({seconds}, 'succeeded', interval '2 hours', 1), ({seconds}, 'succeeded', interval '50 minutes', 2),"
        f" ({failing}, 'failed', interval '2 hours', 3), ({failing}, 'failed', interval '31 days', 4),"
        " (0, 'succeeded', interval '29 days', 5), (0, 'succeeded', interval '31 days', 6),"
        " (0, 'succeeded', interval '1 day', 7)) AS old (job, status, age, n)"
    )
    try:
        removed = rows(owner, "SELECT rows_removed FROM prune_history(30) WHERE log_name = 'cron.job_run_details'")
        left = {row[0] for row in rows(owner, "SELECT runid FROM cron.job_run_details WHERE runid < 0")}
        assert left == {-2, -3, -5, -7}
        assert removed == [(3,)]
    finally:
        working.superuser("DELETE FROM cron.job_run_details WHERE runid < 0")


def test_the_last_run_is_looked_up_by_index(working: Server) -> None:
    eventually(lambda: bool(rows(working.conninfo("owner"), "SELECT 1 FROM cron.job_run_details")))
    plan = working.superuser(
        "SET enable_seqscan = off; EXPLAIN SELECT status FROM cron.job_run_details"
        " WHERE jobid = 1 ORDER BY runid DESC LIMIT 1"
    )
    assert "mundo_job_run_details_jobid_runid_idx" in plan
    assert "Sort" not in plan


def test_jobs_go_on_when_the_owner_has_no_connection_left(working: Server) -> None:
    owner = working.conninfo("owner")
    eventually(lambda: fares(owner, "test-every-second")["last_run_at"] is not None)
    working.superuser("ALTER ROLE mundo_owner CONNECTION LIMIT 1")
    try:
        with psycopg.connect(owner, autocommit=True) as held:
            with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
                psycopg.connect(owner)
            first = held.execute(
                "SELECT last_success_at FROM v_cron_jobs WHERE job_name = 'test-every-second'"
            ).fetchone()

            def ran_again() -> bool:
                now = held.execute("SELECT last_success_at FROM v_cron_jobs WHERE job_name = 'test-every-second'")
                return now.fetchone() != first

            eventually(ran_again)
    finally:
        working.superuser("ALTER ROLE mundo_owner CONNECTION LIMIT -1")
