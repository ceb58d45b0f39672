"""`make capacity`: measure, project, store, and write it down."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from ops.capacity import chart, measure, page, show, store
from ops.capacity.growth import baseline
from ops.capacity.model import project_all
from ops.capacity.report import Report, percent, size
from ops.capacity.wal import WATCH_SECONDS, measure_wal
from ops.errors import OpsError
from ops.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rich.console import Console

PAGE = "capacity.md"
_CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Request:
    """What a run is about."""

    stack: str
    scenarios: Mapping[str, float]
    """Name → yearly growth, in the order low, expected, high."""
    last_year: int
    output: Path
    """Folder of capacity.md; its picture goes into images/ there."""
    rows_per_year: float | None = None
    """Baseline said by the operator; None: the history's."""
    watch_seconds: float = WATCH_SECONDS


def plan(conninfo: str, request: Request) -> Report:
    """Measures the database, replaces the plan that it holds, and writes page and picture.

    `conninfo` must be the owner's. No row of the catalogue is changed, and no table is locked against anybody.

    Raises:
        OpsError: nothing to measure, no rate to project, or the database cannot be used; nothing was stored then.
    """
    with _connected(conninfo) as connection:
        sizes = measure.measure_sizes(connection, request.stack)
        history = measure.measure_history(connection, sizes.rows)
        if request.last_year < history.now.year:
            raise OpsError(
                f"capacity.last_year is {request.last_year}, which is over: "
                f"make config SET=capacity.last_year={history.now.year + 9} plans ten years from now"
            )
        rate = baseline(history, request.rows_per_year)
        wal = measure_wal(connection, request.watch_seconds)
        plans = project_all(
            sizes,
            rate.rows_per_year,
            request.scenarios,
            wal_per_row=wal.per_row,
            now=history.now,
            last_year=request.last_year,
        )
        report = Report(
            stack=request.stack,
            command=_typed(request),
            compare_command=f"make capacity{_suffix(request.stack)} COMPARE=1",
            made_at=history.now,
            server=connection.info.parameter_status("server_version") or "",
            history=history,
            records=measure.read_records(connection),
            baseline=rate,
            sizes=sizes,
            relations=measure.read_relations(connection),
            wal=wal,
            scenarios=dict(request.scenarios),
            plan=plans,
            former=store.read_status(connection),
        )
        store.replace_plan(connection, plans, request.scenarios, history.now)
    _write(report, request.output)
    return report


def compare(conninfo: str, stack: str) -> list[store.Status]:
    """The plan in force against what is there, for the current year; changes nothing.

    Raises:
        OpsError: there is no plan for the current year, or the database cannot be used.
    """
    with _connected(conninfo) as connection:
        status = store.read_status(connection)
    if not status:
        raise OpsError(f"there is no capacity plan for this year: make capacity{_suffix(stack)} makes one")
    return status


def run_plan(conninfo: str, request: Request, console: Console, *, as_json: bool) -> None:
    """`plan`, and prints it: tables, or JSON and nothing else."""
    report = plan(conninfo, request)
    if as_json:
        _print_json(report.as_json())
        return
    show.show(report, console)
    console.print(f"Written: {request.output / PAGE} and {page.PICTURE} beside it.", highlight=False)


def run_compare(conninfo: str, stack: str, console: Console, *, as_json: bool) -> None:
    """`compare`, and prints it."""
    status = compare(conninfo, stack)
    if as_json:
        _print_json([asdict(one) for one in status])
        return
    made = f"{status[0].made_at:%Y-%m-%d %H:%M} UTC"
    show.show_status(status, console, title=f"the plan made {made} and what is there, {status[0].year}")


def default_output(stack: str) -> Path:
    """Where the page goes: the documentation shows the stack `local`, every other one has a folder of its own."""
    return ROOT / "docs" if stack == "local" else ROOT / "var" / "capacity" / stack


def _print_json(values: Any) -> None:
    sys.stdout.write(json.dumps(values, indent=2, default=str, ensure_ascii=False) + "\n")


def _write(report: Report, folder: Path) -> None:
    first, _ = report.years
    subtitle = (
        f"From {report.sizes.rows:,} geometries in {first}, {report.baseline.rows_per_year:,.0f} more a year"
        f" ({'measured' if report.baseline.measured else 'assumed'}), {size(report.sizes.per_row)} each"
        f" (± {percent(report.sizes.per_row_error)})"
    )
    picture = folder / page.PICTURE
    try:
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text(chart.draw(report.plan, report.scenarios, subtitle), encoding="utf-8")
        (folder / PAGE).write_text(page.page(report), encoding="utf-8")
    except OSError as error:
        raise OpsError(f"{folder}: cannot be written: {error.strerror}; the plan itself is stored") from None


def _typed(request: Request) -> str:
    rate = "" if request.rows_per_year is None else f" ROWS_PER_YEAR={request.rows_per_year:g}"
    return f"make capacity{_suffix(request.stack)}{rate}{_output(request)}"


def _output(request: Request) -> str:
    """The folder as it was typed, where it is not the usual one; outside the checkout it is nobody else's business."""
    folder = request.output.resolve()
    if folder == default_output(request.stack):
        return ""
    return f" OUTPUT={folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else 'FOLDER'}"


def _suffix(stack: str) -> str:
    return "" if stack == "local" else f" STACK={stack}"


@contextmanager
def _connected(conninfo: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection in autocommit; what the database refuses is one line for the operator."""
    try:
        with psycopg.connect(
            conninfo, autocommit=True, application_name="mundo-capacity", connect_timeout=_CONNECT_SECONDS
        ) as connection:
            # The owner's own limits are for its jobs; counting a large catalogue takes its time.
            connection.execute("SET statement_timeout = 0")
            yield connection
    except psycopg.errors.UndefinedTable as error:
        raise OpsError(f"the database lacks a table of this version ({_line(error)}); make up migrates it") from None
    except psycopg.OperationalError as error:
        raise OpsError(f"database not available: {_line(error)}; no plan was stored") from None
    except psycopg.Error as error:
        raise OpsError(f"PostgreSQL refused it: {_line(error)}; no plan was stored") from None


def _line(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
