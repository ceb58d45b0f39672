"""`make soak`: which silence Sentinel may take for a failure on a busy machine, found by waiting for a false alarm."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from components.settings import RedisSettings
from ops.cell import cell
from ops.errors import OpsError
from ops.soak import group, machine, report
from ops.tools import docker_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

LEAST_MS, MOST_MS = 100, 60_000
MOST_GROUPS = 6
MOST_MINUTES = 24 * 60
_SAMPLE_SECONDS = 1.0
_CHECK_SECONDS = 20  # checks of several groups at the usual pace would be much of the machine's work
_PURPOSE = """\
One whole Redis group (three servers, three Sentinels) a value, side by side, each under a steady load of writes, on a
machine that is kept busy. Nothing is broken, so every failover is a false one. A value is good when no two Sentinels
ever agree that the master is down: an agreement that led to no failover was a near miss. The longest silence is how
long a PING of ours, sent every 50 ms to each server, waited for its answer."""


def soak(
    minutes: float,
    down_after: Sequence[int],
    bursts: tuple[float, float],
    console: Console,
    *,
    writes_per_second: float = 50,
    page: Path | None = None,
) -> None:
    """Runs the groups side by side, prints what was seen, also when it is cut short, and writes it to `page`.

    Args:
        minutes: how long.
        down_after: the down-after values, milliseconds.
        bursts: seconds in which every core is kept busy, and seconds between; (0, …) for none.
        console: where progress and the table go.
        writes_per_second: writes to each group.
        page: page of the documentation; only a whole soak is written to it.

    Raises:
        OpsError: a number is out of range, or a group does not come up.
    """
    _check(minutes, down_after, bursts)
    docker_engine.ensure_engine(lambda text: console.print(text, highlight=False))
    found = report.Soak(minutes * 60, *bursts, cores=os.cpu_count() or 1)
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite end leaves nothing either
    try:
        with contextlib.ExitStack() as stack:
            watched = []
            for value in sorted(down_after):
                console.print(f"starting a group with down-after {value} ms", highlight=False)
                own = stack.enter_context(cell("drill", redis={"down_after_ms": value}))
                group.start(own, check_every=_CHECK_SECONDS)
                outcome = report.Outcome(value)
                found.outcomes.append(outcome)
                watched.append(group.Watched(own, outcome, writes_per_second))
            with _progress(console) as progress, machine.kept_busy(*bursts):
                asyncio.run(_watch(watched, found, progress))
    finally:
        signal.signal(signal.SIGTERM, previous)
    console.print(report.terminal_table(found))
    if page is not None and found.lasted >= found.wanted - _SAMPLE_SECONDS:
        _write_page(page, found, minutes, down_after)


def _check(minutes: float, down_after: Sequence[int], bursts: tuple[float, float]) -> None:
    if not 0 < minutes <= MOST_MINUTES:
        raise OpsError(f"MINUTES={minutes:g}: allowed are more than 0 and at most {MOST_MINUTES}")
    if not 1 <= len(set(down_after)) == len(down_after) <= MOST_GROUPS:
        raise OpsError(f"DOWN_AFTER: allowed are 1 to {MOST_GROUPS} different values")
    for value in down_after:
        if not LEAST_MS <= value <= MOST_MS:
            raise OpsError(f"DOWN_AFTER={value}: allowed are {LEAST_MS} to {MOST_MS} ms")
    if min(bursts) < 0 or not sum(bursts):
        raise OpsError(f"BURSTS={bursts[0]:g},{bursts[1]:g}: allowed are seconds on and seconds off, not both 0")


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


async def _watch(watched: list[group.Watched], found: report.Soak, progress: Progress) -> None:
    """Watches for the wanted time or until an interruption, and fills in `found`."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        try:
            epochs = [await each.settle() for each in watched]
        except TimeoutError:
            raise OpsError("a group did not find itself within a minute") from None
        bar = progress.add_task("soak", total=found.wanted)
        tasks = [asyncio.create_task(work) for each in watched for work in each.tasks()]
        begun, before = time.monotonic(), machine.Times.now()
        loads: list[float] = []
        while not stop.is_set() and time.monotonic() - begun < found.wanted:
            asked = time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _SAMPLE_SECONDS)
            late = time.monotonic() - asked - _SAMPLE_SECONDS
            found.own_delay_ms = max(found.own_delay_ms, 1000 * late)
            loads.append(os.getloadavg()[0])
            progress.update(bar, completed=time.monotonic() - begun, description=_so_far(watched))
        found.lasted, after = time.monotonic() - begun, machine.Times.now()
        found.busy_percent, found.stolen_percent = after.busy_percent(before), after.stolen_percent(before)
        found.load_mean, found.load_most = sum(loads) / max(1, len(loads)), max(loads, default=0)
        for task in tasks:
            task.cancel()
        broken = [end for end in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(end, Exception)]
        if broken:
            raise broken[0]
        for each, epoch in zip(watched, epochs, strict=True):
            each.outcome.hear_switches(each.switches, await each.epoch() - epoch)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _so_far(watched: list[group.Watched]) -> str:
    parts = [f"{each.outcome.down_after_ms} ms: {max(each.switches.values(), default=0)}" for each in watched]
    return f"false failovers at {', '.join(parts)}"


def _write_page(page: Path, found: report.Soak, minutes: float, down_after: Sequence[int]) -> None:
    values = ",".join(str(value) for value in down_after)
    bursts = f"{found.seconds_on:g},{found.seconds_off:g}"
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    how = f"Made by `make soak MINUTES={minutes:g} DOWN_AFTER={values} BURSTS={bursts}` on {made}: "
    page.parent.mkdir(parents=True, exist_ok=True)
    default = f"The default of `redis.down_after_ms` is {RedisSettings().down_after_ms} ms.\n"
    page.write_text(f"# Sentinel soak\n\n{_PURPOSE}\n\n{how}{report.markdown(found)}\n{default}", encoding="utf-8")
