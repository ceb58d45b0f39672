"""Runs faults of the cache under an open-loop load, with a control window before each, and counts what happened."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.drills.findings import Findings
from ops.drills.run import Run
from ops.drills.stage import Stage, stage
from ops.drills.targets import Targets
from ops.drills.watch import Names, Stock, Writer, longest_pause
from ops.errors import OpsError
from ops.load import Load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from ops.drills.faults.base import Fault

PROMISE = """\
The catalogue app with PostgreSQL and the whole cache, under an open-loop load of 500 requests a second for the bounds
of entries: most of them asked for all the time, one in twenty never before. The app's own copies live for a second
instead of ten minutes, so that Redis is asked all the time. No request may fail, and none may be slower by 100 ms or
more because of a failover than the slowest of a control window of the same length just before it. The parts are
repaired in the middle of the fault's window, while requests go on."""

_LAG_SLACK_SECONDS = 2.0
_TELL_SECONDS = 0.5
_WARM_UPS = 10
_AROUND_SECONDS = 15  # warm-up, and until all is whole again
_MIN_REPLICAS_MAX_LAG = 10.0


@dataclass(frozen=True)
class Timing:
    """How long and how hard.

    Attributes:
        window: seconds of the fault's window.
        control: seconds of the control window before it.
        outage: seconds from the fault to its repair.
        rate: requests a second.
        peer: whether redis-py's own Sentinel client writes too.
    """

    window: float = 30
    control: float = 30
    outage: float = 20
    rate: float = 500
    peer: bool = True


def run(
    faults: Sequence[type[Fault]], times: int, say: Callable[[str, float], None], timing: Timing | None = None
) -> Findings:
    """Runs each fault so many times on one stage of its own.

    Args:
        faults: the faults, one after the other.
        times: how often each.
        say: called with the fault's title and its runs that are done.
        timing: how long and how hard.

    Raises:
        OpsError: the parts do not come up, or do not become whole again after a fault.
    """
    findings, timing = Findings(), timing or Timing()
    with stage() as own:
        targets = Targets(own.ids)
        for fault in faults:
            tells = [functools.partial(_tell, say, fault.title, number) for number in range(times)]
            runs = [asyncio.run(_told(once(own, fault, targets, timing), timing, tell)) for tell in tells]
            findings.runs.append((fault, runs))
            say(fault.title, times)
    return findings


def _tell(say: Callable[[str, float], None], title: str, number: int, part: float) -> None:
    say(title, number + part)


async def _told(running: Coroutine[object, object, Run], timing: Timing, say: Callable[[float], None]) -> Run:
    """One fault, with progress: the part of its usual time that is over."""
    begun, usual = time.monotonic(), timing.control + timing.window + _AROUND_SECONDS
    task = asyncio.create_task(running)
    while not task.done():
        say(min(0.99, (time.monotonic() - begun) / usual))
        await asyncio.wait([task], timeout=_TELL_SECONDS)
    return await task


async def once(own: Stage, fault_type: type[Fault], targets: Targets, timing: Timing) -> Run:
    """One fault, from a whole stage to a whole stage."""
    old = await own.whole()
    fault = fault_type(own, old)
    result, name = Run(timing.window), secrets.token_hex(4)
    writer, names = Writer(own, name), Names(own)
    stock = Stock(own, name) if timing.peer else None
    async with Load(*own.app) as load, _going([*writer.tasks(), *names.tasks()]):
        if stock:
            stock.start()
        await _warm_up(load, targets, timing.rate)
        loading = asyncio.create_task(load.run(targets, rate=timing.rate, seconds=timing.control + timing.window))
        await asyncio.sleep(timing.control)
        result.struck = time.monotonic()
        await asyncio.to_thread(fault.strike)
        await asyncio.sleep(max(0.0, result.struck + timing.outage - time.monotonic()))
        result.healing = time.monotonic()
        await asyncio.to_thread(fault.heal)
        outcomes = await loading
        await asyncio.to_thread(fault.mend)
        master = await own.settled()
        if stock:
            await stock.stop()
    result.count(outcomes, fault.kinds)
    _count_writes(result, writer, names, stock, old)
    lost = await writer.lost(master)
    result.lost = len(lost)
    judge(result, fault, master, lost)
    await fault.judge(result, outcomes, master)
    return result


async def _warm_up(load: Load, targets: Targets, rate: float) -> None:
    """Asks for the warm entries until each has been answered, so that they are cached when the fault comes."""
    for _ in range(_WARM_UPS):
        outcomes = await load.run(targets.warm, rate=rate, seconds=len(targets.warm) / rate + 1)
        if not any(outcome.failed for outcome in outcomes):
            return
    raise OpsError(f"the app does not answer {rate:g} requests a second before any fault: is the machine too busy?")


@contextlib.asynccontextmanager
async def _going(work: Sequence[Coroutine[object, object, None]]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _count_writes(result: Run, writer: Writer, names: Names, stock: Stock | None, old: str) -> None:
    result.acknowledged = len(writer.acknowledged)
    result.promotions = [moment - result.struck for moment in names.promotions(result.struck, old)]
    if len(result.promotions) > 1:
        when = " and ".join(f"{seconds:.1f}" for seconds in result.promotions)
        result.note(f"promoted {len(result.promotions)} times, {when} s after the fault")
    moments = writer.moments
    if pause := longest_pause([moment for moment in moments if moment < result.struck], 0):
        result.control_pause_ms = 1000 * (pause[1] - pause[0])
    if pause := longest_pause(moments, result.struck):
        result.first_write_ms = 1000 * (pause[1] - pause[0])
        if agreed := names.agreed(result.struck, old):
            result.agreed_ms = 1000 * max(0.0, agreed - max(pause[0], result.struck))
    if stock and (pause := longest_pause(stock.moments, result.struck)):
        result.stock_write_ms = 1000 * (pause[1] - pause[0])


def judge(result: Run, fault: Fault, master: str, lost: list[float]) -> None:
    """Counts what each fault promises: `master` is the one afterwards, `lost` when lost writes were acknowledged."""
    if fault.promotes is not None:
        wanted = "another server is the master" if fault.promotes else "the master stays"
        result.check(wanted, (master != fault.master) == fault.promotes, f"{master} after {fault.master}")
    if fault.added_limit_ms is not None:
        found = f"{result.added_ms:.0f} ms added"
        result.check(f"adds less than {fault.added_limit_ms:g} ms", result.added_ms < fault.added_limit_ms, found)
    if fault.pause_limit_ms is not None:
        paused = result.first_write_ms or 0.0
        # On a machine too busy for the writer itself, it pauses as long without a fault.
        kept = paused < max(fault.pause_limit_ms, result.control_pause_ms)
        result.check(f"writes pause < {fault.pause_limit_ms:g} ms", kept, f"{paused:.0f} ms")
    if fault.loses_writes:
        # A replica may be behind by as much before it as a master without replicas may go on afterwards.
        bound = _MIN_REPLICAS_MAX_LAG + _LAG_SLACK_SECONDS
        moments = [0.0, *result.promotions]
        after = [moment - result.struck for moment in lost]
        others = [each for each in after if min(abs(each - moment) for moment in moments) > bound]
        found = f"{len(others)} others, {min(others):.1f} to {max(others):.1f} s after the fault" if others else ""
        result.check("only writes within min-replicas-max-lag of the fault or a promotion are lost", not others, found)
    else:
        result.check("no acknowledged write is lost", not lost, f"{len(lost)} are")
