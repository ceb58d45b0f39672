"""PostgreSQL killed (-9) in the middle of a drain, of a refresh and of an ingest: what must hold is counted.

Every kill hits at another point of the action: its undisturbed time is measured first and divided evenly. A kill that
comes after the end of the action is not counted and is tried again, a little earlier.
"""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from app.ingest.errors import IngestError
from app.ingest.pipeline import ingest
from app.ingest.sample import write_sample
from ops.cell import cell
from ops.drills import invariants
from ops.drills.actions import ENTRIES, Action, Drain, Ingest, Refresh
from ops.drills.report import Tallies, Tally
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.cell import Cell

TITLE = "Drill: PostgreSQL killed in the middle of its work"

PROMISE = """\
Whatever PostgreSQL is doing when it is killed (`kill -9` of every process of its container), nothing that was committed
is lost, nothing is half done, and the next run of the same action finishes the work. The kills hit a drain of the
DEFAULT partition, a refresh of both views and the ingest of a file at moments spread evenly over the
action. A kill that comes after its end is not one of those asked for; what must hold is looked at after it all the
same. An ingest goes on after its commit (areas, statistics, views), so most of its kills find the file stored."""

_READY_SECONDS = 90
_GIVE_UP_AFTER = 4
"""Kills tried for one that is counted, at most."""


def run(times: int, say: Callable[[str, float], None]) -> Tallies:
    """Kills a PostgreSQL of its own `times` times in each action and counts what held.

    Args:
        times: kills that hit an unfinished action, for each of the three.
        say: called with the action and the kills that have counted so far.

    Raises:
        OpsError: the server does not come back, or the kills keep missing the action.
    """
    with cell("drill") as own:
        own.start_postgres()
        with tempfile.TemporaryDirectory(prefix="mundo-drill-") as folder:
            path = Path(folder) / "farm.geojsonl"
            write_sample(path, ENTRIES)
            ingest(own.conninfo("owner"), path)
        return Tallies([_drill(own, kind(own), times, say) for kind in (Drain, Refresh, Ingest)])


def _drill(own: Cell, action: Action, times: int, say: Callable[[str, float], None]) -> Tally:
    tally = Tally(action.name)
    say(action.name, 0)
    action.prepare(0)
    begun = time.monotonic()
    action.run()
    seconds = time.monotonic() - begun
    for number in range(1, times * _GIVE_UP_AFTER + 1):
        if tally.faults == times:
            break
        action.prepare(number)
        if _killed_during(own, action, seconds * (tally.faults + 0.5) / times):
            tally.faults += 1
        else:
            tally.missed += 1
            seconds *= 0.85  # it takes less time than was measured
        tally.recovery.append(_restart(own))
        _judge(action, tally)
        say(action.name, tally.faults)
    else:
        raise OpsError(f"{action.name}: only {tally.faults} of {times * _GIVE_UP_AFTER} kills came before its end")
    invariants.check_pages(lambda: _amcheck(own), tally)
    return tally


def _killed_during(own: Cell, action: Action, delay: float) -> bool:
    """Kills the server `delay` seconds after the action's begin: whether the action was cut off."""
    cut_off = threading.Event()

    def act() -> None:
        try:
            action.run()
        except (psycopg.Error, IngestError):
            cut_off.set()

    thread = threading.Thread(target=act)
    thread.start()
    time.sleep(delay)
    own.running["postgres"].get_wrapped_container().kill("SIGKILL")
    thread.join()
    return cut_off.is_set()


def _restart(own: Cell) -> float:
    """Starts the killed server: seconds until it answers.

    Raises:
        OpsError: it does not within a minute and a half.
    """
    begun = time.monotonic()
    own.running["postgres"].get_wrapped_container().start()
    while True:
        try:
            with psycopg.connect(own.conninfo("owner"), connect_timeout=2):
                return time.monotonic() - begun
        except psycopg.OperationalError as error:
            if time.monotonic() - begun > _READY_SECONDS:
                raise OpsError(f"PostgreSQL does not come back: {str(error).splitlines()[0]}") from None
        time.sleep(0.05)


def _judge(action: Action, tally: Tally) -> None:
    with psycopg.connect(action.conninfo, autocommit=True) as connection:
        invariants.check_after_the_fault(connection, tally)
        if action.was_done(connection, tally):
            tally.done += 1
        else:
            tally.undone += 1
    action.run()
    with psycopg.connect(action.conninfo, autocommit=True) as connection:
        invariants.check_when_repeated(connection, tally)
        action.check_repeated(connection, tally)


def _amcheck(own: Cell) -> tuple[int, str]:
    """Exit status and output of pg_amcheck on the whole database."""
    quiet = "PGOPTIONS=-c client_min_messages=warning"
    status, output = own.running["postgres"].exec(
        ["env", quiet, "pg_amcheck", "--install-missing", "--heapallindexed", "mundo"]
    )
    assert isinstance(output, bytes)  # noqa: S101 - not streamed
    return int(status or 0), output.decode()
