"""Partitions by pg_partman against the project's own."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from psycopg import sql

from benchmarks import catalogue, drain, rows, tables
from benchmarks.blocks import LEAST_PAIRS, Arm
from benchmarks.context import timed
from benchmarks.partitions import Inserts
from benchmarks.report import Figure, Report
from benchmarks.server import value
from benchmarks.tables import PARENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.context import Context
    from benchmarks.server import Connection

TABLE: Final = "bench_partman"
_ENTRIES: Final = 5000
_CALLS: Final = 20
_MOVED_ROWS: Final = 5000
_FIRST_MOVED_YEAR: Final = 1971
_WATCHED_SECONDS: Final = 30
_MAINTENANCE: Final = "bench-partman-maintenance"
_PROCEDURE: Final = "bench-partman-data"

ABOUT: Final = """\
A table of the same description, partitioned by year by pg_partman {version} (`create_parent` with 9 partitions ahead,
from 2026 on, and a DEFAULT), against the project's. The change queue is dropped on the project's table, since
pg_partman's has none.

pg_partman's maintenance makes partitions ahead of the clock and never moves rows out of DEFAULT: a row of 2050 is
watched there while `run_maintenance` runs as often as the project's drain does. Its documentation leaves moving to a
call of `partition_data_proc`, by a person or by a job of one's own. Two things are therefore compared: the time from
the commit of a row until it lies in its own partition, with that call scheduled by pg_cron as often as the project's
drain; and the time that either call takes with {moved} rows of one year in DEFAULT (`p_wait := 0`)."""


def run(context: Context) -> Report:
    """Measures inserts, the way out of DEFAULT, and the move itself."""
    server, options = context.server, context.options
    server.superuser(
        "CREATE SCHEMA IF NOT EXISTS partman; CREATE EXTENSION IF NOT EXISTS pg_partman SCHEMA partman;"
        " GRANT ALL ON SCHEMA partman TO mundo_owner; GRANT ALL ON ALL TABLES IN SCHEMA partman TO mundo_owner;"
        " GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA partman TO mundo_owner;"
        " GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA partman TO mundo_owner; GRANT TEMPORARY ON DATABASE mundo TO"
        " mundo_owner"
    )
    version = server.one("SELECT extversion FROM pg_extension WHERE extname = 'pg_partman'")
    report = Report(
        name="partman",
        title="Partitions: pg_partman and the project's own",
        about=ABOUT.format(version=version, moved=_MOVED_ROWS),
        parameters={"rows of a batch": options.rows, "single inserts of a round": options.single_rows},
    )
    with server.connect() as owner, server.connect("app") as app:
        catalogue.empty(owner)
        keys = catalogue.add_entries(owner, _ENTRIES)
        tables.make_equal(owner, TABLE, "PARTITION BY RANGE (created_at)")
        owner.execute(
            "SELECT partman.create_parent(p_parent_table := 'public.bench_partman', p_control := 'created_at',"
            " p_interval := '1 year', p_premake := 9, p_start_partition := '2026-01-01')"
        )
        with tables.without_queue(owner):
            _inserts(context, app, keys, report)
            # A year that is drained once has its partition; both ranges stay within the plausible years, 1970 to 2100.
            _scheduled(context, owner, keys[0], itertools.count(drain.YEAR), report)
            _moves(context, owner, keys, itertools.count(_FIRST_MOVED_YEAR), report)
    return report


def _inserts(context: Context, app: Connection, keys: list[int], report: Report) -> None:
    options = context.options
    for label, single, size, pairs in (
        (f"COPY of {options.rows} rows, times random", False, options.rows, options.pairs),
        ("single inserts, times random", True, options.single_rows, options.single_pairs),
    ):
        way = Inserts(app, rows.Source(context.farm, keys, size, pairs, ordered=False), single=single)
        arms = (way.arm("the project's", PARENT), way.arm("pg_partman's", TABLE), way.arm("pg_partman's again", TABLE))
        report.comparisons.append(context.compare(label, arms, pairs))


def _scheduled(context: Context, owner: Connection, entry: int, years: Iterator[int], report: Report) -> None:
    geometry = context.farm.geometry(0)
    with drain.scheduled(context, owner) as schedule:
        owner.execute(
            "SELECT cron.schedule(%s, %s, %s)",
            (_MAINTENANCE, schedule, f"SELECT partman.run_maintenance('public.{TABLE}')"),
        )
        moved = _watch(owner, entry, geometry, next(years))
        owner.execute("SELECT cron.unschedule(%s)", (_MAINTENANCE,))
        report.figures += [
            Figure(f"seconds a row of 2050 was watched while run_maintenance ran every {schedule}", _WATCHED_SECONDS),
            Figure("rows that left DEFAULT meanwhile", moved),
        ]
        owner.execute(
            "SELECT cron.schedule(%s, %s, %s)",
            (_PROCEDURE, schedule, f"CALL partman.partition_data_proc('public.{TABLE}')"),
        )

        def arm(name: str, parent: str) -> Arm:
            def once(number: int) -> float:
                drain.wait_for_any_phase(number)
                return drain.until_moved(owner, next(years), entry, geometry, parent)

            return Arm(name, once)

        report.comparisons.append(
            context.compare(
                f"row to its own partition, jobs every {schedule}",
                (arm("drain_default_partition", PARENT), arm("partition_data_proc", TABLE)),
                LEAST_PAIRS,
            )
        )
        owner.execute("SELECT cron.unschedule(%s)", (_PROCEDURE,))


def _watch(owner: Connection, entry: int, geometry: bytes, year: int) -> int:
    """How many of one row leave pg_partman's DEFAULT within the time that it is watched."""
    try:
        drain.until_moved(owner, year, entry, geometry, TABLE, limit=_WATCHED_SECONDS)
    except TimeoutError:
        return 0
    return 1


def _moves(context: Context, owner: Connection, keys: list[int], years: Iterator[int], report: Report) -> None:
    def arm(name: str, table: str, call: str) -> Arm:
        def once(_number: int) -> float:
            _waiting(context, owner, keys, table, next(years))
            return timed(_called(owner, call, table))

        return Arm(name, once)

    report.comparisons.append(
        context.compare(
            f"moving {_MOVED_ROWS} rows of a year out of DEFAULT",
            (
                arm("drain_default_partition", PARENT, "SELECT drain_default_partition()"),
                arm("partition_data_proc", TABLE, f"CALL partman.partition_data_proc('public.{TABLE}', p_wait := 0)"),
            ),
            LEAST_PAIRS,
        )
    )


def _called(owner: Connection, call: str, table: str) -> Callable[[], object]:
    default = "catalogo_geometrias_default" if table == PARENT else f"{TABLE}_default"
    left = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(default))

    def work() -> None:
        # A vacuum that holds the table makes a run give up; the job's next run tries again, and so does this.
        for _ in range(_CALLS):
            owner.execute(call.encode())
            if not value(owner, left):
                return
        raise RuntimeError(f"{call}: rows are left in {default} after {_CALLS} calls")

    return work


def _waiting(context: Context, owner: Connection, keys: list[int], table: str, year: int) -> None:
    """Puts rows of one year into the DEFAULT partition."""
    source = rows.of_year(rows.Source(context.farm, keys, _MOVED_ROWS, 1, ordered=False), year)
    catalogue.copy(owner, table, rows.binary_copy(source.round(0)))
