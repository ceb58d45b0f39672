"""`make ingest` and `make sample`: the ingest with its progress and its report on a terminal."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from app.ingest.errors import IngestError
from app.ingest.limits import MAX_SAMPLE
from app.ingest.pipeline import ingest
from app.ingest.report import Comparison, Difference, IngestReport, Stage
from app.ingest.report import Progress as IngestProgress
from app.ingest.sample import write_sample

OK = 0
REFUSED = 1
INTERRUPTED = 130

_STAGES: dict[Stage, str] = {
    "digest": "digest",
    "wait": "waiting for the database",
    "load": "loading",
    "commit": "checking and committing",
    "analyze": "summary and statistics",
    "refresh": "views and bounds",
    "compare": "comparing areas",
}

_NOTHING = "nothing was stored"
_STORED = "the import is stored, and the views follow at their next scheduled refresh"
_INTERRUPTED: dict[Stage, str] = {
    "commit": "run it again to see whether it was stored, wholly or not at all",
    "analyze": _STORED,
    "refresh": _STORED,
    "compare": "the import is stored, and the views are up to date",
}


def ingest_file(conninfo: str, path: Path, console: Console, errors: Console | None = None) -> int:
    """Load a file of the farm's features and print what became of them.

    `conninfo` must be the owner's. Gives the exit status: 0 when loaded (or loaded before), 1 with one line on
    `errors` (by default `console`) when refused or when no feature at all could be stored, 130 when interrupted.
    """
    with _one_line(errors or console) as status, _shown(console, status) as show:
        report = ingest(conninfo, path, show)
        status.report = report
    if status.report is None:
        return status.code
    _print(status.report, console)
    return OK if status.report.stored else REFUSED


def sample(conninfo: str, n: int, console: Console, errors: Console | None = None) -> int:
    """Make a synthetic farm of `n` features (1 to 5,000,000) and load it like any file; the same `n` is loaded once."""
    with tempfile.TemporaryDirectory(prefix="mundo-sample-") as folder:
        path = Path(folder) / f"amostra_{n}.geojsonl"
        with _one_line(errors or console) as status, _progress(console) as progress:
            task = progress.add_task("making the farm", total=n if 1 <= n <= MAX_SAMPLE else None, features="", rate="")
            write_sample(path, n, lambda written: progress.update(task, completed=written))
        return status.code or ingest_file(conninfo, path, console, errors)


class _Status:
    """How far a step came, and how it ended."""

    def __init__(self) -> None:
        self.code = OK
        self.stage: Stage = "digest"
        self.report: IngestReport | None = None


@contextmanager
def _one_line(console: Console) -> Iterator[_Status]:
    """Turn what a person can mend into one line and an exit status."""
    status = _Status()
    try:
        yield status
    except IngestError as error:
        console.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True, highlight=False)
        status.code = REFUSED
    except KeyboardInterrupt:
        console.print(f"[red]error:[/red] interrupted; {_INTERRUPTED.get(status.stage, _NOTHING)}", soft_wrap=True)
        status.code = INTERRUPTED
    except OSError as error:
        console.print(f"[red]error:[/red] {escape(error.strerror or str(error))}", soft_wrap=True, highlight=False)
        status.code = REFUSED


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[features]}"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


@contextmanager
def _shown(console: Console, status: _Status) -> Iterator[Callable[[IngestProgress], None]]:
    """Show an ingest's progress, a line a stage; the rate is in features per second."""
    with _progress(console) as progress:
        tasks: dict[Stage, TaskID] = {}

        def show(event: IngestProgress) -> None:
            status.stage = event.stage
            task = tasks.get(event.stage)
            if task is None:
                for earlier in tasks.values():
                    progress.update(earlier, visible=False)
                task = progress.add_task(_STAGES[event.stage], total=event.total or None, features="", rate="")
                tasks[event.stage] = task
            elapsed = progress.tasks[progress.task_ids.index(task)].elapsed or 0.0
            progress.update(
                task,
                completed=event.done,
                total=event.total or None,
                features=f"{event.features:,} features" if event.features else "",
                rate=f"{event.features / elapsed:,.0f}/s" if event.stage == "load" and event.done and elapsed else "",
            )

        yield show


def _print(report: IngestReport, console: Console) -> None:
    if report.already_loaded:
        console.print(
            f"[yellow]{escape(report.file)}[/yellow]: this content was loaded before (import {report.import_id});"
            " nothing was changed",
            soft_wrap=True,
        )
    console.print(_summary(report))
    for item in report.comparisons:
        console.print(_comparison(item), soft_wrap=True, highlight=False)
    for warning in report.warnings:
        console.print(f"[yellow]note:[/yellow] {escape(warning)}", soft_wrap=True)
    if report.rejected:
        console.print(_rejects(report))
        left = report.rejected - len(report.rejects)
        console.print(
            (f"{left:,} more; " if left else "")
            + f"all, with their source text, in table importacao_rejeitos, importacao_id = {report.import_id}",
            soft_wrap=True,
        )
    if not report.stored:
        console.print("[red]error:[/red] no feature could be stored; the reasons are above", soft_wrap=True)


def _summary(report: IngestReport) -> Table:
    table = Table(title=f"import {report.import_id}", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_row("file", escape(report.file))
    table.add_row("format", escape(report.format))
    table.add_row("features read", f"{report.read:,}")
    table.add_row("stored", f"{report.stored:,}")
    table.add_row("of these repaired", f"{report.repaired:,}")
    table.add_row("rejected", f"{report.rejected:,}")
    if not report.already_loaded:
        table.add_row("time until stored", f"{report.seconds:.2f} s ({report.rate:,.0f} features/s)")
        table.add_row("views, bounds, statistics", f"{report.afterwards:.2f} s")
    table.add_row("SHA-256", report.digest[:16] + "…")
    return table


def _comparison(item: Comparison) -> str:
    of = f"{item.compared:,}" if item.compared == item.out_of else f"{item.compared:,} of {item.out_of:,}"

    def worst(difference: Difference) -> str:
        repaired = ", repaired" if difference.repaired else ""
        return f"{escape(difference.name)} (id {escape(difference.feature_id)}{repaired})"

    return (
        f"{item.measure}, declared and by PostGIS on the ellipsoid, {of} features: largest difference"
        f" {item.largest_absolute.absolute:.3g} {item.unit} on {worst(item.largest_absolute)},"
        f" {item.largest_relative.relative:.2e} relative on {worst(item.largest_relative)}"
    )


def _rejects(report: IngestReport) -> Table:
    table = Table(title="rejected features", title_justify="left")
    table.add_column("position", justify="right")
    table.add_column("id")
    table.add_column("motivo")
    for item in report.rejects:
        table.add_row(str(item.feature_index), escape(item.feature_id or ""), escape(item.reason))
    return table
