"""`make drill`: a drill by its name, with its progress, its table and, on request, its page of the documentation."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ops.drills import postgres_crash, report
from ops.errors import OpsError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

DRILLS = {"postgres-crash": postgres_crash}
"""Name → module with `TITLE`, `PROMISE` and `run(times, say)`."""

MOST = 200
"""Faults of one kind that a drill may make."""


def drill(name: str, times: int, console: Console, page: Path | None = None) -> None:
    """Runs a drill, prints what held, and writes it to `page` where one is given.

    Raises:
        OpsError: no such drill, a number out of range, or something that was promised did not hold.
    """
    if name not in DRILLS:
        raise OpsError(f"no drill '{name}'; allowed are {', '.join(DRILLS)}")
    if not 1 <= times <= MOST:
        raise OpsError(f"TIMES={times}: allowed are 1 to {MOST} faults of a kind")
    chosen = DRILLS[name]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {"": progress.add_task("starting", total=times)}

        def say(action: str, done: int) -> None:
            progress.update(tasks[""], visible=False)
            if action not in tasks:
                tasks[action] = progress.add_task(action, total=times)
            progress.update(tasks[action], completed=done)

        tallies = chosen.run(times, say)
    console.print(report.terminal_table(tallies, chosen.TITLE))
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(_page(name, times, tallies), encoding="utf-8")
    if broken := report.failures(tallies):
        raise OpsError("; ".join(broken))


def _page(name: str, times: int, tallies: list[report.Tally]) -> str:
    chosen = DRILLS[name]
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    how = f"Made by `make drill NAME={name} TIMES={times}` on {made} ({os.cpu_count()} cores)."
    return f"# {chosen.TITLE}\n\n{chosen.PROMISE}\n\n{how}\n\n{report.markdown(tallies)}"
