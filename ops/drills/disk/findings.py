"""The runs of drills of the disk, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.drills.disk.base import Fault, Run
from ops.drills.faults_found import FaultsFound

if TYPE_CHECKING:
    from collections import Counter
    from typing import ClassVar

LEGEND = """\
*Acknowledged* are all writes of the run, *lost* those of them that are not there afterwards. *Meanwhile* is from when
the fault is felt to its repair; *writes again after* counts from the beginning of the repair to the first acknowledged
write (— where none had failed). *Restarts* are those by Docker. What is to be done stands in the
[runbook](../runbooks/disk.md)."""


class Findings(FaultsFound[Fault, Run]):
    """Every run of each fault of the disk."""

    columns: ClassVar[tuple[str, ...]] = (
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
    legend: ClassVar[str] = LEGEND

    def row(self, run: Run) -> tuple[str, ...]:
        """Writes, reads, pauses, ends of the server."""
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

    def lines(self, run: Run) -> list[str]:
        """What clients were told, what was noted, and what was kept."""
        return [
            f"writers were told: {_said(run.write_errors)}",
            f"readers were told: {_said(run.read_errors)}",
            *run.notes,
            f"kept: {', '.join(run.held)}",
        ]

    def told(self, fault: type[Fault]) -> list[str]:
        """The alerts that tell of it."""
        alerts = ", ".join(f"[{name}](../runbooks/alerts.md#{name.lower()})" for name in fault.told_by)
        return [f"told by: {alerts}"]


def _said(errors: Counter[str]) -> str:
    return "; ".join(f"“{text}” ({count} times)" for text, count in errors.most_common()) or "nothing"
