"""How many geometries a year bring: read from the catalogue's own history, or said by the operator. Pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.errors import OpsError

if TYPE_CHECKING:
    from datetime import datetime

DAYS_A_YEAR = 365.25
WINDOW_DAYS = 365
"""The baseline is what this many days up to now brought."""
LEAST_DAYS = 30
"""A history shorter than this says nothing about a year."""


@dataclass(frozen=True)
class History:
    """What `created_at` of the geometries says; rows dated in the future count in `rows` alone."""

    now: datetime
    rows: int
    first: datetime | None
    """Oldest `created_at` up to now."""
    first_day_rows: int
    """Rows of the UTC day of `first`: the opening stock."""
    window_rows: int
    """Rows of the last WINDOW_DAYS days."""
    window_days_with_rows: int
    """UTC days among them that brought any row."""

    @property
    def days(self) -> float:
        """Length of the history, days."""
        return (self.now - self.first).total_seconds() / 86_400 if self.first else 0.0


@dataclass(frozen=True)
class Baseline:
    """Geometries that a year brings now."""

    rows_per_year: float
    basis: str
    """Where the figure comes from, as half a sentence."""
    measured: bool
    relative_error: float | None
    """Standard error of a count of independent arrivals, 1/sqrt(days with rows); None where it was not measured."""


def baseline(history: History, rows_per_year: float | None = None) -> Baseline:
    """The rate of today: `rows_per_year` where the operator says it, the history's otherwise.

    A history of a year or more gives the rows of its last 365 days. A shorter one is annualised without its first day,
    since what a catalogue opens with is its stock and no growth.

    Raises:
        OpsError: the history is shorter than LEAST_DAYS or shows no growth, or `rows_per_year` is not positive.
    """
    if rows_per_year is not None:
        if not (math.isfinite(rows_per_year) and rows_per_year > 0):
            raise OpsError(f"ROWS_PER_YEAR={rows_per_year:g}: must be a number above 0")
        return Baseline(rows_per_year, "given by the operator, not measured", measured=False, relative_error=None)
    ask = f"say what to plan for, such as ROWS_PER_YEAR={history.rows} for one more survey a year like what is there"
    if history.days < LEAST_DAYS:
        raise OpsError(
            f"the geometries go back {history.days:.0f} days, and a yearly rate needs {LEAST_DAYS} or more: {ask}"
        )
    added, days_with_rows = history.window_rows, history.window_days_with_rows
    if history.days >= WINDOW_DAYS:
        rate, basis = float(added), f"rows of the last {WINDOW_DAYS} days"
    else:
        added, days_with_rows = added - history.first_day_rows, days_with_rows - 1
        rate = added * WINDOW_DAYS / history.days
        basis = f"rows of {history.days:.0f} days without the first one, annualised"
    if added <= 0:
        raise OpsError(f"no geometry was added in the last {min(history.days, WINDOW_DAYS):.0f} days: {ask}")
    return Baseline(rate, basis, measured=True, relative_error=1 / math.sqrt(max(days_with_rows, 1)))
