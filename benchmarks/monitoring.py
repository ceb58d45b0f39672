"""What watching the platform costs: exporters, Prometheus, Alertmanager and the database's part in it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, Final

import httpx

from benchmarks import catalogue, processes
from benchmarks.app_servers.group import running
from benchmarks.report import Figure, Report, Table
from benchmarks.server import value
from benchmarks.tables import PARENT
from components import monitoring as watching
from components.database.jobs import standing
from components.monitoring_exporters import exporters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

    from benchmarks.context import Context

SECONDS: Final = {"small": 60, "medium": 300, "full": 600}
"""Length of the measurement by scale; what is asked rarely is asked every 300 s."""

_SETTLE_SECONDS: Final = 60
_LOGIN: Final = "mundo_exporter"
_SESSIONS: Final = "PostgreSQL, sessions of the exporters"

# A month of a job that runs every minute, as prune_history() leaves it.
_HISTORY: Final = """
INSERT INTO cron.job_run_details (jobid, runid, status, start_time, end_time, username, database)
SELECT (SELECT min(jobid) FROM cron.job), -n, 'succeeded', now() - n * interval '1 minute',
    now() - n * interval '1 minute', 'mundo_owner', 'mundo' FROM generate_series(1, 43200) AS n
"""
_FORGET: Final = "DELETE FROM cron.job_run_details WHERE runid < 0"

ABOUT: Final = """\
Beside a catalogue as large as said below, with its standing jobs, a whole Redis group and the app, everything runs that
watches them, as the program declares it: the exporters, Prometheus with its rules, and Alertmanager. After a minute the
processor time of each program is counted over the time said below. Docker's health checks are not part of it, nor what
the app and Redis spend on answering; nobody looks at a dashboard meanwhile. A share is that of one processor core."""


def run(context: Context) -> Report:
    """Watches a healthy platform and counts what that takes."""
    options = context.options
    seconds = SECONDS[options.scale]
    if not _holds(context, options.entries, options.geometries):
        catalogue.fill(context, options.entries, options.geometries)
    catalogue.settle(context)
    cell = context.server.cell
    interval = cell.context.settings.monitoring.scrape_interval_seconds
    report = Report(
        name="monitoring",
        title="What watching costs",
        about=ABOUT,
        parameters={
            "entries": options.entries,
            "geometries": options.geometries,
            "seconds": seconds,
            "seconds between two scrapes": interval,
        },
    )
    with running(context) as group, _jobs(context):
        group.app()
        watchers = [*exporters(cell.context), watching.alertmanager(cell.context), watching.prometheus(cell.context)]
        context.ui.say("starting what watches")
        cell.start_together(*watchers)
        with context.ui.steps("settling", _SETTLE_SECONDS) as advance:
            _wait(_SETTLE_SECONDS, advance)
        containers = {one.name: cell.running[one.name].get_wrapped_container() for one in watchers}
        database = processes.Sessions(cell.running["postgres"].get_wrapped_container(), _LOGIN)
        shares = _counted(context, containers, database, seconds)
        series = _series(context)
    total = sum(shares.values())
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    report.tables.append(Table(("program", "share of a core"), {name: [(share, "ratio")] for name, share in ordered}))
    report.figures += [
        Figure("watching, all together, as a share of one core", total, "ratio", "monitoring-cost"),
        Figure("series that Prometheus holds", series, ""),
        Figure("sessions that the exporters opened", database.count, ""),
    ]
    return report


def _holds(context: Context, entries: int, geometries: int) -> bool:
    """Whether an earlier benchmark left a catalogue of this size."""
    with context.server.connect() as owner:
        held = [value(owner, f"SELECT count(*) FROM {table}") for table in ("catalogo", PARENT)]  # noqa: S608 - ours
    return held == [entries, geometries]


def _counted(
    context: Context, containers: dict[str, Container], database: processes.Sessions, seconds: int
) -> dict[str, float]:
    """Program → share of a core."""
    before = {name: {one: processes.seconds(one) for one in processes.of(each)} for name, each in containers.items()}
    started = time.monotonic()
    with database.watched(), context.ui.steps("counting", seconds) as advance:
        _wait(seconds, advance)
    took = time.monotonic() - started
    shares = {
        # A health check that was just running has ended.
        name: sum(max(0, processes.seconds(one) - spent) for one, spent in programs.items()) / took
        for name, programs in before.items()
    }
    return {**shares, _SESSIONS: database.seconds / took}


def _wait(seconds: int, advance: Any) -> None:
    for _ in range(seconds):
        time.sleep(1)
        advance(1)


def _series(context: Context) -> float:
    host = context.server.cell.context.address(watching.PROMETHEUS_HOST_NUMBER)
    answer = httpx.get(
        f"http://{host}:{watching.PROMETHEUS_PORT}/api/v1/query", params={"query": "prometheus_tsdb_head_series"}
    )
    return float(answer.raise_for_status().json()["data"]["result"][0]["value"][1])


@contextlib.contextmanager
def _jobs(context: Context) -> Iterator[None]:
    """The standing jobs at work, with a month's log, for the length of the block."""
    jobs = [job for job in standing(context.server.cell.context.settings.database) if job.active]
    with context.server.connect() as owner:
        for job in jobs:
            owner.execute("SELECT cron.schedule(%s, %s, %s)", (job.name, job.schedule, job.command))
        context.server.superuser(_HISTORY)
        try:
            yield
        finally:
            context.server.superuser(_FORGET)
            for job in jobs:
                owner.execute("SELECT cron.unschedule(%s)", (job.name,))
