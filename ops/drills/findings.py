"""The runs of cache drills as tables, on the terminal and in the documentation."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ops.drills.faults.base import Fault
    from ops.drills.run import Run

_COLUMNS = (
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

LEGEND = """\
*Requests* and *failures* are those of the fault's window (failures of the control window count too); *worst before* is
the slowest request of a control window of the same length, *worst* that of the fault's window, and *added* their
difference. Latency counts from the moment a request was due. *First accepted write* is the longest time in which no
server accepted a write, of one tried every 10 ms at all three (*no write before*: the same before the fault, which is
what the machine itself adds); *redis-py's own* is the same for its Sentinel client
with default settings (`Sentinel.master_for`). *Sentinels agree* counts from the last accepted write until all that live
name the new master. *Lost* are acknowledged writes that the master does not have in the end."""


@dataclass
class Findings:
    """Every run of each fault, in order."""

    runs: list[tuple[type[Fault], list[Run]]] = field(default_factory=list)

    def terminal(self, title: str) -> RenderableType:
        """A table a fault."""
        parts: list[RenderableType] = [Text(title, style="bold")]
        for fault, runs in self.runs:
            table = Table(title=fault.title, title_justify="left")
            for name in _COLUMNS:
                table.add_column(name, justify="right")
            for run in runs:
                table.add_row(*_row(run), style="red" if run.broken else "")
            parts.append(table)
            parts += [Text(f"  {note}") for run in runs for note in [_levels(run), *run.notes]]
        return Group(*parts)

    def markdown(self) -> str:
        """A section a fault: what is promised, the table, and what else was seen."""
        lines = [LEGEND]
        for fault, runs in self.runs:
            lines += ["", f"## {fault.title}", "", fault.promise, ""]
            lines += [f"| {' | '.join(_COLUMNS)} |", "|" + "---:|" * len(_COLUMNS)]
            lines += [f"| {' | '.join(_row(run))} |" for run in runs]
            lines += ["", *(f"- {note}" for run in runs for note in [_levels(run), *run.notes, *_broken(run)])]
        return "\n".join(lines) + "\n"

    def record(self) -> list[dict[str, Any]]:
        """The figures of each run; `added_limit_ms` is what its fault may add, None where that is not promised."""
        return [
            {"fault": fault.title, "added_limit_ms": fault.added_limit_ms, "added_ms": run.added_ms, **_figures(run)}
            for fault, runs in self.runs
            for run in runs
        ]

    def failures(self) -> list[str]:
        """One line for each promise that did not hold."""
        return [f"{fault.title}: {broken}" for fault, runs in self.runs for run in runs for broken in run.broken]


def _figures(run: Run) -> dict[str, Any]:
    return {each.name: getattr(run, each.name) for each in fields(run)}


def _row(run: Run) -> tuple[str, ...]:
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


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def _levels(run: Run) -> str:
    answered = ", ".join(f"{level} {count:,}" for level, count in run.levels.most_common())
    return f"answered by: {answered or 'nobody'}"


def _broken(run: Run) -> list[str]:
    return [f"**not kept:** {broken}" for broken in run.broken]
