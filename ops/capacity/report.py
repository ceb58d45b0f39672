"""What one run of the command found and planned: the one thing that terminal, page, picture and JSON are made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from ops.capacity.growth import Baseline, History
    from ops.capacity.measure import Records, Relation
    from ops.capacity.model import PlanYear, Sizes
    from ops.capacity.store import Status
    from ops.capacity.wal import Wal


@dataclass(frozen=True)
class Report:
    """One run."""

    stack: str
    command: str
    """What was typed."""
    compare_command: str
    """What compares the plan with what is there, later."""
    made_at: datetime
    server: str
    """Version of PostgreSQL."""
    history: History
    records: Records
    baseline: Baseline
    sizes: Sizes
    relations: list[Relation]
    wal: Wal
    scenarios: dict[str, float]
    """Name → yearly growth."""
    plan: dict[str, list[PlanYear]]
    former: list[Status]
    """The plan that this one replaced, against what is there now; empty without one for this year."""

    @property
    def years(self) -> tuple[int, int]:
        """First and last year of the plan."""
        first = next(iter(self.plan.values()))
        return first[0].year, first[-1].year

    def as_json(self) -> dict[str, Any]:
        """Everything, with totals and figures per row written out."""
        values = asdict(self)
        for name, years in self.plan.items():
            values["plan"][name] = [asdict(year) | {"total": year.total} for year in years]
        values["sizes"] |= {
            "total": self.sizes.total,
            "heap_per_row": self.sizes.heap_per_row,
            "index_per_row": self.sizes.index_per_row,
            "toast_per_row": self.sizes.toast_per_row,
            "catalogue_per_entry": self.sizes.catalogue_per_entry,
            "per_row": self.sizes.per_row,
            "per_row_error": self.sizes.per_row_error,
        }
        return values


_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_STEP = 1024


def size(count: float) -> str:
    """Bytes for people: three figures and a binary unit."""
    unit = 0
    while abs(count) >= _STEP * 0.9995 and unit < len(_UNITS) - 1:
        count /= _STEP
        unit += 1
    digits = 0 if unit == 0 or abs(count) >= 99.95 else 1 if abs(count) >= 9.995 else 2  # noqa: PLR2004
    return f"{count:,.{digits}f} {_UNITS[unit]}"


def percent(share: float | None, *, sign: bool = False) -> str:
    """A share as percent with one decimal, or a dash."""
    if share is None:
        return "-"
    number = round(share * 100, 1) or 0.0  # no -0.0
    return f"{number:{'+' if sign else ''}.3g} %"


STATUS_HEADS = (
    "scenario",
    "geometries projected",
    "actual",
    "error",
    "bytes projected",
    "actual",
    "error",
    "year exceeded",
)
"""Heads of the table that compares a plan with what is there."""


def status_row(status: Status) -> tuple[str, ...]:
    """One scenario of that table."""
    return (
        status.scenario,
        f"{status.projected_rows:,}",
        f"{status.actual_rows:,}",
        percent(status.rows_error, sign=True),
        size(status.projected_bytes),
        size(status.actual_bytes),
        percent(status.bytes_error, sign=True),
        "yes" if status.exceeded else "no",
    )
