"""How soon a row of a year without a partition lies in its own, by the cron job, under load."""

from __future__ import annotations

import contextlib
import random
import time
from typing import TYPE_CHECKING, Final

from psycopg import sql

from benchmarks import catalogue, rows, tables
from benchmarks.farm import SEED
from benchmarks.load import Load
from benchmarks.report import Figure, Report
from benchmarks.server import value
from benchmarks.statistics import percentile
from benchmarks.tables import PARENT
from components.database.jobs import standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.context import Context
    from benchmarks.server import Connection

JOB: Final = "drain-default-partition"
YEAR: Final = 2050
_ENTRIES: Final = 1000
_LIMIT_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.02
_AFTER_SECONDS: Final = 0.5

ABOUT: Final = """\
The cron job `drain-default-partition` runs as the program declares it. Again and again, a client begins a year that has
no partition: one inserts its rows one by one, one makes imports of it (an entry and 50 geometries in a transaction),
one counts all rows. Measured is the time from the commit of the year's first row until that row lies in a partition of
its own. Afterwards every row that was committed must be there."""


def run(context: Context) -> Report:
    """Drains several years, one after the other."""
    report = Report(
        name="drain",
        title="From DEFAULT into a partition of its own",
        about=ABOUT,
        parameters={"years": context.options.drains},
    )
    times: list[float] = []
    errors: list[str] = []
    inserts: list[float] = []
    wrong = 0
    with context.server.connect() as owner, scheduled(context, owner) as schedule:
        report.parameters["schedule"] = schedule
        catalogue.empty(owner)
        keys = catalogue.add_entries(owner, _ENTRIES)
        with context.ui.steps("draining", context.options.drains) as advance:
            for year in range(YEAR, YEAR + context.options.drains):
                wait_for_any_phase(year)
                with Load(
                    context, keys, rows.of_year(rows.Source(context.farm, keys, _ENTRIES, 1, ordered=False), year)
                ) as load:
                    times.append(until_moved(owner, year, keys[0], context.farm.geometry(0)))
                    time.sleep(_AFTER_SECONDS)
                held = value(
                    owner, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(f"catalogo_geometrias_{year}"))
                )
                waiting = value(owner, "SELECT count(*) FROM catalogo_geometrias_default")
                if held + waiting != load.stored + 1:
                    errors.append(
                        f"{year}: {load.stored + 1} rows were stored, {held} and {waiting} in DEFAULT are there"
                    )
                errors += load.errors
                inserts += load.inserts
                wrong += load.wrong_reads
                advance(1)
    with context.server.connect() as owner:
        catalogue.empty(owner)
        tables.drop_years(owner, YEAR)
    report.figures += [
        Figure("longest time until the row lay in its own partition", max(times), "s", "drain"),
        Figure("median of that time", percentile(times, 0.5), "s"),
        Figure("errors, rows lost or doubled, wrong reads", len(errors) + wrong, criterion="drain-errors"),
        Figure("transactions that inserted meanwhile", len(inserts)),
        Figure("longest of them", max(inserts), "s"),
    ]
    report.notes += [f"error: {error}" for error in sorted(set(errors))]
    return report


@contextlib.contextmanager
def scheduled(context: Context, owner: Connection) -> Iterator[str]:
    """The drain's cron job, as the program declares it, for the length of the block; gives its schedule."""
    job = next(job for job in standing(context.server.cell.context.settings.database) if job.name == JOB)
    owner.execute("SELECT cron.schedule(%s, %s, %s)", (job.name, job.schedule, job.command))
    try:
        yield job.schedule
    finally:
        owner.execute("SELECT cron.unschedule(%s)", (job.name,))


def wait_for_any_phase(number: int) -> None:
    """Waits up to a period of the job, so that the clock starts anywhere in it."""
    time.sleep(random.Random(SEED + number).uniform(0, 5))  # noqa: S311  (the same waits in each run)


def until_moved(
    owner: Connection, year: int, entry: int, geometry: bytes, parent: str = PARENT, *, limit: float = _LIMIT_SECONDS
) -> float:
    """Inserts a row in the middle of `year` and gives the seconds until it has left DEFAULT.

    Raises:
        TimeoutError: it stayed there too long.
    """
    table = sql.Identifier(parent)
    key = value(
        owner,
        sql.SQL(
            "INSERT INTO {} (catalogo_id, geom, is_valid, created_at)"
            " VALUES (%s, %s, true, make_timestamptz(%s, 6, 15, 12, 0, 0, 'UTC')) RETURNING id"
        ).format(table),
        entry,
        geometry,
        year,
    )
    where = sql.SQL("SELECT tableoid::regclass::text FROM {} WHERE id = %s").format(table)
    started = time.perf_counter()
    while time.perf_counter() - started < limit:
        if not value(owner, where, key).endswith("_default"):
            return time.perf_counter() - started
        time.sleep(_POLL_SECONDS)
    raise TimeoutError(f"the row of {year} still lies in DEFAULT after {limit} s")
