"""The runs of drills of the disk as tables, on the terminal and in the documentation."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections import Counter

    from rich.console import RenderableType

    from ops.drills.disk.base import Fault, Run

_COLUMNS = (
    "acknowledged",
    "lost",
    "written meanwhile",
    "read meanwhile",
    "longest without a write, s",
    "longest without a read, s",
    "writes again after, s",
    "PANICs",
    "restarts",
)

LEGEND = """\
*Acknowledged* are all writes of the run, *lost* those of them that are not there afterwards. *Meanwhile* is from when
the fault is felt to its repair; *writes again after* counts from the beginning of the repair to the first acknowledged
write (— where none had failed). *Restarts* are those by Docker. What is to be done stands in the
[runbook](../runbooks/disk.md)."""


@dataclass
class Findings:
    """Every run of each fault, in order."""

    runs: list[tuple[type[Fault], list[Run]]] = field(default_factory=list)

    def terminal(self, title: str) -> RenderableType:
        """A table a fault, and what was said."""
        parts: list[RenderableType] = [Text(title, style="bold")]
        for fault, runs in self.runs:
            table = Table(title=fault.title, title_justify="left")
            for name in _COLUMNS:
                table.add_column(name, justify="right")
            for run in runs:
                table.add_row(*_row(run), style="red" if run.broken else "")
            parts.append(table)
            parts += [Text(f"  {line}") for run in runs for line in _lines(run)]
        return Group(*parts)

    def markdown(self) -> str:
        """A section a fault: what is promised, the table, and what else was seen."""
        lines = [LEGEND]
        for fault, runs in self.runs:
            lines += ["", f"## {fault.title}", "", fault.promise, ""]
            lines += [f"| {' | '.join(_COLUMNS)} |", "|" + "---:|" * len(_COLUMNS)]
            lines += [f"| {' | '.join(_row(run))} |" for run in runs]
            told = ", ".join(f"[{name}](../runbooks/alerts.md#{name.lower()})" for name in fault.told_by)
            lines += ["", f"- told by: {told}", *(f"- {line}" for run in runs for line in _lines(run))]
        return "\n".join(lines) + "\n"

    def record(self) -> list[dict[str, Any]]:
        """The figures of each run."""
        return [{"fault": fault.title, **_figures(run)} for fault, runs in self.runs for run in runs]

    def failures(self) -> list[str]:
        """One line for each promise that did not hold."""
        return [f"{fault.title}: {broken}" for fault, runs in self.runs for run in runs for broken in run.broken]


def _figures(run: Run) -> dict[str, Any]:
    return {each.name: getattr(run, each.name) for each in fields(run)}


def _row(run: Run) -> tuple[str, ...]:
    return (
        f"{run.acknowledged:,}",
        str(run.lost),
        f"{run.written:,}",
        f"{run.read:,}",
        f"{run.write_pause:.1f}",
        f"{run.read_pause:.1f}",
        "—" if run.write_again is None else f"{run.write_again:.1f}",
        str(run.panics),
        str(run.restarts),
    )


def _lines(run: Run) -> list[str]:
    return [
        f"writers were told: {_said(run.write_errors)}",
        f"readers were told: {_said(run.read_errors)}",
        *run.notes,
        f"kept: {', '.join(run.held)}",
        *(f"**not kept:** {broken}" for broken in run.broken),
    ]


def _said(errors: Counter[str]) -> str:
    return "; ".join(f"“{text}” ({count} times)" for text, count in errors.most_common()) or "nothing"
