"""`make drill`: a drill by its name, with its progress, its table and, on request, its page of the documentation."""

from __future__ import annotations

import json
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
        page: page of the documentation; every figure goes to a JSON file beside it.

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
        made = datetime.now(UTC).replace(microsecond=0)
        page.write_text(_page(name, times, busy, findings, made), encoding="utf-8")
        record = {
            "drill": name,
            "times": times,
            "made": made.isoformat(),
            "busy_percent": busy,
            "runs": findings.record(),
        }
        page.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if broken := findings.failures():
        raise OpsError("; ".join(broken))


def _page(name: str, times: int, busy: float, findings: Findings, made: datetime) -> str:
    chosen = DRILLS[name]
    where = f"{os.cpu_count()} cores, {busy:.0f} % busy meanwhile"
    how = f"Made by `make drill NAME={name} TIMES={times}` on {made:%Y-%m-%d} ({where})."
    return f"# {chosen.title}\n\n{chosen.promise}\n\n{how}\n\n{findings.markdown()}"
