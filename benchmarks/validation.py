"""The validation: every criterion, what was measured, pass or fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import criteria
from benchmarks.report import Verdict, number, worse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.report import Report

NAMES: Final = [
    "partitions",
    "next-year",
    "drain",
    "refresh",
    "readers",
    "search",
    "routes",
    "bounds",
    "hit-rate",
    "ingest",
    "ingest-memory",
    "monitoring",
]
"""Benchmarks that the criteria come from."""


def passed(reports: Sequence[Report], entries: int) -> bool:
    """Prints a line for each criterion; whether all are met that a search of `entries` entries can judge.

    One without a number is not met.
    """
    verdicts = [verdict for report in reports for verdict in report.verdicts()]
    good = True
    print("\nvalidation")
    for criterion in criteria.CRITERIA:
        if not criterion.judged_at(entries):
            print(f"  skip  {criterion.text}: needs {criterion.entries} entries (SCALE=medium or full)")
            continue
        found = [verdict for verdict in verdicts if verdict.criterion is criterion]
        met = bool(found) and all(verdict.met for verdict in found)
        good = good and met
        print(f"  {'pass' if met else 'FAIL'}  {criterion.text}: {_worst(found)}", end="")
        print(f" (limit {number(criterion.limit, criterion.unit)})")
    print(f"{'pass' if good else 'FAIL'}: all criteria" if good else "FAIL: not every criterion is met")
    return good


def _worst(found: Sequence[Verdict]) -> str:
    if not found:
        return "not measured"
    criterion = found[0].criterion
    pick = max if criterion.better == "lower" else min
    worst = pick(found, key=lambda verdict: criterion.judged(verdict.value, verdict.worst))
    text = number(worst.value, criterion.unit)
    if worst.worst is not None and criterion.unit == "ratio":
        text += f", interval {worse(criterion)} {number(worst.worst, 'ratio')}"
    return f"{text} ({worst.label})"
