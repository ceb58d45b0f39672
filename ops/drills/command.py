"""`make drill`: a drill by its name, with its progress, its table and, on request, its page of the documentation."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ops.drills.registry import DRILLS
from ops.errors import OpsError
from ops.soak.machine import Times

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from ops.drills.report import Findings

MOST = 200
"""Faults of one kind that a drill may make."""


def drill(name: str, times: int | None, console: Console, page: Path | None = None) -> None:
    """Runs a drill, prints what held, and writes it to `page` where one is given.

    Args:
        name: which.
        times: faults of each kind; None: as many as are usual for it.
        console: where progress and the tables go.
        page: page of the documentation.

    Raises:
        OpsError: no such drill, a number out of range, or something that was promised did not hold.
    """
    if name not in DRILLS:
        raise OpsError(f"no drill '{name}'; allowed are {', '.join(DRILLS)}")
    chosen = DRILLS[name]
    times = chosen.times if times is None else times
    if not 1 <= times <= MOST:
        raise OpsError(f"TIMES={times}: allowed are 1 to {MOST} faults of a kind")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {"": progress.add_task("starting", total=times)}

        def say(action: str, done: float) -> None:
            progress.update(tasks[""], visible=False)
            if action not in tasks:
                tasks[action] = progress.add_task(action, total=times)
            progress.update(tasks[action], completed=done)

        before = Times.now()
        findings = chosen.run(times, say)
        busy = Times.now().busy_percent(before)
    console.print(findings.terminal(chosen.title))
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(_page(name, times, busy, findings), encoding="utf-8")
    if broken := findings.failures():
        raise OpsError("; ".join(broken))


def _page(name: str, times: int, busy: float, findings: Findings) -> str:
    chosen = DRILLS[name]
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    where = f"{os.cpu_count()} cores, {busy:.0f} % busy meanwhile"
    how = f"Made by `make drill NAME={name} TIMES={times}` on {made} ({where})."
    return f"# {chosen.title}\n\n{chosen.promise}\n\n{how}\n\n{findings.markdown()}"
