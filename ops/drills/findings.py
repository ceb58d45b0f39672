"""The runs of cache drills, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.drills.faults.base import Fault
from ops.drills.faults_found import FaultsFound
from ops.drills.run import Run

if TYPE_CHECKING:
    from typing import ClassVar

LEGEND = """\
*Requests* and *failures* are those of the fault's window (failures of the control window count too); *worst before* is
the slowest request of a control window of the same length, *worst* that of the fault's window, and *added* their
difference. Latency counts from the moment a request was due. *First accepted write* is the longest time in which no
server accepted a write, of one tried every 10 ms at all three (*no write before*: the same before the fault, which is
what the machine itself adds); *redis-py's own* is the same for its Sentinel client
with default settings (`Sentinel.master_for`). *Sentinels agree* counts from the last accepted write until all that live
name the new master. *Lost* are acknowledged writes that the master does not have in the end."""


class Findings(FaultsFound[Fault, Run]):
    """Every run of each fault of the cache."""

    columns: ClassVar[tuple[str, ...]] = (
        "requests",
        "failures",
        "worst before, ms",
        "worst, ms",
        "added, ms",
        "no write before, ms",
        "first accepted write, ms",
        "redis-py's own, ms",
        "Sentinels agree, ms",
        "acknowledged",
        "lost",
    )
    legend: ClassVar[str] = LEGEND

    def row(self, run: Run) -> tuple[str, ...]:
        """Requests, latencies, times, writes."""
        return (
            f"{run.requests:,}",
            str(run.failures),
            _ms(run.control_worst_ms),
            _ms(run.fault_worst_ms),
            _ms(run.added_ms),
            _ms(run.control_pause_ms),
            _ms(run.first_write_ms),
            _ms(run.stock_write_ms),
            _ms(run.agreed_ms),
            f"{run.acknowledged:,}",
            str(run.lost),
        )

    def lines(self, run: Run) -> list[str]:
        """Who answered, and what was noted."""
        return [_levels(run), *run.notes]

    def figures(self, fault: type[Fault], run: Run) -> dict[str, Any]:
        """With `added_limit_ms`, which the fault may add (None where that is not promised), and what it added."""
        return {**super().figures(fault, run), "added_limit_ms": fault.added_limit_ms, "added_ms": run.added_ms}


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def _levels(run: Run) -> str:
    answered = ", ".join(f"{level} {count:,}" for level, count in run.levels.most_common())
    return f"answered by: {answered or 'nobody'}"
