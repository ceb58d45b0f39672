"""The command: `python -m benchmarks NAME`."""

from __future__ import annotations

import shlex
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import docker.errors
import psycopg
import typer

from benchmarks import index, machine, options, registry, server, validation
from benchmarks.context import Context
from benchmarks.report import aim, interval, number, table_lines
from benchmarks.ui import Ui
from components.database.migrate import MigrationError
from images.content import ImageError

if TYPE_CHECKING:
    from benchmarks.report import Report

ALL = "all"
VALIDATE = "validate"
_ROOT = Path(__file__).resolve().parent.parent
_NAMES = f"{', '.join(registry.BENCHMARKS)}, {ALL} or {VALIDATE}"
_INTERRUPTED = 130
_FORESEEN = (
    ImageError,
    MigrationError,
    psycopg.Error,
    docker.errors.DockerException,
    RuntimeError,
    TimeoutError,
    LookupError,
)


def main(  # noqa: PLR0917  (typer's options)
    name: Annotated[str, typer.Argument(help=_NAMES)],
    scale: Annotated[str, typer.Option(help=f"one of {', '.join(options.SCALES)}")] = "full",
    pairs: Annotated[int | None, typer.Option(help="pairs of a comparison, even, 12 or more")] = None,
    rows: Annotated[int | None, typer.Option(help="rows of a COPY batch")] = None,
    entries: Annotated[int | None, typer.Option(help="catalogue entries of refresh, readers and search")] = None,
    geometries: Annotated[int | None, typer.Option(help="geometries of these entries")] = None,
    out: Annotated[Path, typer.Option(help="folder of the results")] = _ROOT / "docs" / "benchmarks",
) -> None:
    """Runs a benchmark on a PostgreSQL of its own, prints its ratios and writes its page. Ctrl-C leaves nothing."""
    ui = Ui()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_INTERRUPTED))
    try:
        chosen = options.chosen(scale, pairs=pairs, rows=rows, entries=entries, geometries=geometries)
        reports = _run(_wanted(name), chosen, ui, None if name == VALIDATE else out)
    except options.OptionError as error:
        ui.say(f"benchmarks: {error}")
        raise typer.Exit(2) from None
    except _FORESEEN as error:
        ui.say(f"benchmarks: {' '.join(str(error).split())}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        ui.say("benchmarks: interrupted; what was finished is written, the server is removed")
        raise typer.Exit(_INTERRUPTED) from None
    if name == VALIDATE and not validation.passed(reports, chosen.search_entries):
        raise typer.Exit(1)


def _wanted(name: str) -> list[str]:
    if name == VALIDATE:
        return validation.NAMES
    if name == ALL:
        return list(registry.BENCHMARKS)
    if name not in registry.BENCHMARKS:
        raise options.OptionError(f"no benchmark {name}, there are {_NAMES}")
    return [name]


def _run(wanted: list[str], chosen: options.Options, ui: Ui, out: Path | None) -> list[Report]:
    """Runs benchmarks one after the other, those of one image on one server, and writes each as soon as it is done."""
    reports: list[Report] = []
    for image, names in registry.by_image(wanted, ui.say):
        with server.running(ui.say, image) as own:
            for name in names:
                started = time.monotonic()
                facts = machine.facts(own)
                report = registry.BENCHMARKS[name](Context(own, chosen, ui))
                report.seconds = time.monotonic() - started
                report.machine = facts
                report.command = shlex.join(["python", "-m", "benchmarks", name, *_arguments(sys.argv[2:])])
                _print(report)
                reports.append(report)
                if out:
                    report.write(out)
                    index.write(out, list(registry.BENCHMARKS))
    return reports


def _arguments(given: list[str]) -> list[str]:
    """What was typed after the name, without where the results go."""
    kept: list[str] = []
    skip = False
    for word in given:
        if not skip and not word.startswith("--out"):
            kept.append(word)
        skip = word == "--out"
    return kept


def _print(report: Report) -> None:
    print(f"\n{report.title} ({report.seconds:.0f} s)")
    for comparison in report.comparisons:
        same = comparison.same
        print(f"  {comparison.label}: {comparison.subject} / {comparison.peer} = {interval(comparison.ratio)}", end="")
        print(f"; A/A {interval(same)}" if same else "")
    for line in (line for table in report.tables for line in table_lines(table)):
        print(f"  {line}")
    for figure in report.figures:
        print(f"  {figure.label}: {number(figure.value, figure.unit)}")
    for note in report.notes:
        print(f"  {note}")
    for verdict in report.verdicts():
        if not verdict.met:
            print(f"  missed: {verdict.label}: {verdict.criterion.text} {aim(verdict.criterion, met=False)}")
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
