"""Next year's partition, made while others write and read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from benchmarks import catalogue, rows, tables
from benchmarks.blocks import LEAST_PAIRS, Arm
from benchmarks.load import Load
from benchmarks.report import Figure, Report
from benchmarks.server import value
from benchmarks.statistics import percentile

if TYPE_CHECKING:
    from benchmarks.context import Context

FIRST_NEW_YEAR: Final = 2036
_ENTRIES: Final = 1000
_WINDOWS: Final = LEAST_PAIRS

ABOUT: Final = """\
`create_missing_year_partitions` makes the partition of one more year in the middle of each window, while one client
inserts row by row, one makes imports (an entry and 50 geometries in a transaction) and one counts all rows. Beside each
window lies one of the same length in which nothing is made. What is compared is the longest insert of each window."""


def run(context: Context) -> Report:
    """Makes a year's partition in each of several windows."""
    seconds = context.options.seconds
    report = Report(
        name="next-year",
        title="Next year's partition, made under load",
        about=ABOUT,
        parameters={"seconds of a window": seconds},
    )
    everything: dict[str, list[Load]] = {"made": [], "control": []}
    years: list[int] = []
    with context.server.connect() as owner:
        catalogue.empty(owner)
        keys = catalogue.add_entries(owner, _ENTRIES)
        source = rows.Source(context.farm, keys, _ENTRIES, 1, ordered=False)
        source.round(0)

        def window(kind: str) -> float:
            with Load(context, keys, source) as load:
                time.sleep(seconds / 2)
                if kind == "made":
                    year = FIRST_NEW_YEAR + len(years)
                    years.append(year)
                    outcome = value(owner, "SELECT action FROM create_missing_year_partitions(%s, %s)", year, year)
                    if outcome != "created":
                        load.errors.append(f"{year}: {outcome}")
                time.sleep(seconds / 2)
            everything[kind].append(load)
            return max(load.inserts)

        report.comparisons.append(
            context.compare(
                "longest insert of a window",
                (Arm("partition made", lambda _: window("made")), Arm("nothing made", lambda _: window("control"))),
                _WINDOWS,
                warm_up=False,
            )
        )
        _add_figures(report, everything)
        report.figures.append(Figure("partitions made", len(years)))
        catalogue.empty(owner)
        tables.drop_years(owner, FIRST_NEW_YEAR)
    return report


def _add_figures(report: Report, everything: dict[str, list[Load]]) -> None:
    made, control = everything["made"], everything["control"]
    errors = [error for load in made for error in load.errors]
    report.figures += [
        Figure(
            "errors and wrong reads while partitions were made",
            len(errors) + sum(load.wrong_reads for load in made),
            criterion="next-year-errors",
        ),
        Figure(
            "errors and wrong reads in the control windows",
            sum(len(load.errors) + load.wrong_reads for load in control),
        ),
        Figure("transactions while partitions were made", sum(len(load.inserts) for load in made)),
        Figure("longest insert while partitions were made", max(max(load.inserts) for load in made), "s"),
        Figure("longest insert in the control windows", max(max(load.inserts) for load in control), "s"),
        Figure("P99 of inserts while made", percentile([s for load in made for s in load.inserts], 0.99), "s"),
        Figure("P99 of inserts, control", percentile([s for load in control for s in load.inserts], 0.99), "s"),
    ]
    report.notes += [f"error: {error}" for error in sorted(set(errors))]
