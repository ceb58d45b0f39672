"""From measured sizes and a rate to sizes year by year. Pure functions: same arguments, same plan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIDENCE = 1.96
"""Standard errors in a 95 % interval."""
PAGE = 8192


@dataclass(frozen=True)
class Sizes:
    """What is there, in bytes on disk; the partitions are those of v_capacity_size, attached or archived."""

    rows: int
    entries: int
    partitions: int
    filled: int
    """Partitions that hold rows."""
    heap: int
    maps: int
    index: int
    toast: int
    empty_index: int
    """Part of `index` that is there without rows."""
    empty_toast: int
    catalogue: int
    """Everything beside the partitions that grows with the catalogue."""
    empty_catalogue: int
    """Part of `catalogue` that does not grow with the entries: first pages and maps."""
    files: int
    """Files of filled partitions and of the catalogue: each may hold a page that is not full."""
    geometry_error: float
    """Relative standard error of the mean stored size of a geometry."""

    @property
    def total(self) -> int:
        """Everything, bytes."""
        return self.heap + self.maps + self.index + self.toast + self.catalogue

    @property
    def heap_per_row(self) -> float:
        """Bytes of heap that one more geometry takes."""
        return self.heap / self.rows

    @property
    def index_per_row(self) -> float:
        """Bytes of index that one more geometry takes."""
        return max(self.index - self.empty_index, 0) / self.rows

    @property
    def toast_per_row(self) -> float:
        """Bytes of TOAST that one more geometry takes."""
        return max(self.toast - self.empty_toast, 0) / self.rows

    @property
    def catalogue_per_entry(self) -> float:
        """Bytes beside the partitions that one more entry takes."""
        return max(self.catalogue - self.empty_catalogue, 0) / max(self.entries, 1)

    @property
    def entries_per_row(self) -> float:
        """Catalogue entries for each geometry."""
        return self.entries / self.rows

    @property
    def per_row(self) -> float:
        """Bytes on disk that one more geometry takes, its share of an entry included."""
        geometry = self.heap_per_row + self.index_per_row + self.toast_per_row
        return geometry + self.catalogue_per_entry * self.entries_per_row

    @property
    def per_row_error(self) -> float:
        """Relative half-width of the 95 % interval of `per_row`.

        Two parts, added up: the geometries that come may be larger or smaller than the mean of those that are there
        (heap and TOAST follow their size), and the last page of each file may be empty or full.
        """
        all_rows = self.per_row * self.rows
        sampling = CONFIDENCE * self.geometry_error * (self.heap_per_row + self.toast_per_row) / self.per_row
        return sampling + self.files * PAGE / all_rows


@dataclass(frozen=True)
class PlanYear:
    """The end of one year in one scenario; sizes in bytes, `wal` is what the rows added in the year write."""

    year: int
    starts_at: datetime
    start_rows: int
    start_total: int
    rows: int
    heap: int
    index: int
    toast: int
    catalogue: int
    wal: int
    margin: int
    """Half-width of the 95 % interval of `total`, for what is uncertain about sizes alone: pages that may be full or
    empty, and the bytes of each row to come."""

    @property
    def total(self) -> int:
        """Bytes on disk at the end of the year."""
        return self.heap + self.index + self.toast + self.catalogue


_NO_GROWTH = 1e-9
"""Below it the series cannot be told from a straight line, and its formula loses its digits."""


def added(rows_per_year: float, growth: float, years: float) -> float:
    """Rows that come in the next `years` years, where each twelve months bring 1 + `growth` times those before.

    `rows_per_year` is what the last twelve months brought, so one year from now it is
    `rows_per_year * (1 + growth)`; between whole years the geometric series is continued smoothly.
    """
    if abs(growth) < _NO_GROWTH:
        return rows_per_year * years
    return rows_per_year * (1 + growth) * math.expm1(years * math.log1p(growth)) / growth


def project(
    sizes: Sizes, rows_per_year: float, *, growth: float, wal_per_row: float, now: datetime, last_year: int
) -> list[PlanYear]:
    """The ends of the calendar years (UTC) from the current one to `last_year`.

    Every year gets one more partition ahead, and the year's rows go into one that was empty before.
    """
    plan = []
    start, start_rows, start_total, start_exact = now, sizes.rows, sizes.total, 0.0
    for number in range(last_year - now.year + 1):
        year = now.year + number
        ends = datetime(year + 1, 1, 1, tzinfo=UTC)
        exact = added(rows_per_year, growth, _years_between(now, ends))
        rows = sizes.rows + round(exact)
        partitions, filled = sizes.partitions + number, sizes.filled + number
        entry = PlanYear(
            year=year,
            starts_at=start,
            start_rows=start_rows,
            start_total=start_total,
            rows=rows,
            heap=round(sizes.maps / max(sizes.filled, 1) * filled + sizes.heap_per_row * rows),
            index=round(sizes.empty_index / max(sizes.partitions, 1) * partitions + sizes.index_per_row * rows),
            toast=round(sizes.empty_toast / max(sizes.partitions, 1) * partitions + sizes.toast_per_row * rows),
            catalogue=round(sizes.empty_catalogue + sizes.catalogue_per_entry * sizes.entries_per_row * rows),
            wal=round(wal_per_row * (exact - start_exact)),
            margin=round(sizes.files * PAGE + sizes.per_row_error * sizes.per_row * exact),
        )
        plan.append(entry)
        start, start_rows, start_total, start_exact = ends, entry.rows, entry.total, exact
    return plan


def project_all(
    sizes: Sizes,
    rows_per_year: float,
    scenarios: Mapping[str, float],
    *,
    wal_per_row: float,
    now: datetime,
    last_year: int,
) -> dict[str, list[PlanYear]]:
    """Each scenario's plan, by its name; `scenarios` is name → yearly growth."""
    return {
        name: project(sizes, rows_per_year, growth=growth, wal_per_row=wal_per_row, now=now, last_year=last_year)
        for name, growth in scenarios.items()
    }


def _years_between(begin: datetime, end: datetime) -> float:
    """Calendar years from `begin` to `end` (1 January): whole years count 1 each, leap or not."""
    ends = datetime(begin.year + 1, 1, 1, tzinfo=UTC)
    starts = datetime(begin.year, 1, 1, tzinfo=UTC)
    return (ends - begin) / (ends - starts) + end.year - ends.year
