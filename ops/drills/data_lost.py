"""The server killed and its data volume lost while somebody writes: what the backups bring back is counted."""

from __future__ import annotations

import random
import secrets
import threading
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg

from components.database import backup
from ops.backed_up import BackedUp
from ops.backup.restore import LATEST
from ops.cell import cell
from ops.drills.disk.load import Client
from ops.drills.faults_found import FaultsFound
from ops.drills.promises import Promises
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable

TITLE = "Drill: the data volume is lost"

PROMISE = """\
PostgreSQL as the platform runs it, its log archived with the default settings. A writer commits one entry after the
other, ten a second at most: too few to fill a segment of the log before `archive_timeout_seconds` ends it, so as much
as can be is not archived yet. At a random moment the server is killed (`kill -9`) and everything on its data volume is
gone. Then comes `make restore TO=latest`."""

LEGEND = """\
*Lost* are entries whose commit had been acknowledged, *window* is the time from the first of them to the loss,
*restored after* counts from the command to the first write that the server takes. The database is small: how long a
restore takes at other sizes is measured by `make benchmark NAME=restore`."""

_ANSWER_SECONDS = 60
_ON_ITS_WAY_SECONDS = 10.0
"""For the last segment's way into the archive."""
_PAUSE_SECONDS = 0.1


@dataclass(kw_only=True)
class Run(Promises):
    """What one loss cost.

    Attributes:
        acknowledged: entries that were committed.
        lost: entries of these that did not come back.
        window: seconds from the first lost commit to the loss.
        restored: seconds from the operator's command until the server takes a write.
    """

    acknowledged: int = 0
    lost: int = 0
    window: float = 0.0
    restored: float = 0.0


class VolumeLost:
    """The fault."""

    title: ClassVar[str] = "The data volume is lost"
    promise: ClassVar[str] = (
        "What comes back is everything up to one moment, with no hole in it; that moment is no further back than"
        f" `archive_timeout_seconds` and the {_ON_ITS_WAY_SECONDS:.0f} s that a segment may take into the archive."
    )


@dataclass
class Writer(Client):
    """Commits one small entry after the other.

    Attributes:
        name: begins the names of its entries.
        committed: name and moment (`time.monotonic()`) of each acknowledged commit, in order.
    """

    name: str = ""
    committed: list[tuple[str, float]] = field(default_factory=list)
    tried: int = 0
    __hash__ = threading.Thread.__hash__

    def ask(self, connection: psycopg.Connection[Any]) -> None:
        """One entry; only what is acknowledged counts."""
        self.tried += 1
        name = f"{self.name}-{self.tried}"
        connection.execute("INSERT INTO catalogo (nome, tipo) VALUES (%s, 'ensaio')", [name])
        self.committed.append((name, time.monotonic()))
        time.sleep(_PAUSE_SECONDS)


class Findings(FaultsFound[VolumeLost, Run]):
    """Every loss."""

    columns: ClassVar[tuple[str, ...]] = ("acknowledged", "lost", "window, s", "restored after, s")
    legend: ClassVar[str] = LEGEND

    def row(self, run: Run) -> tuple[str, ...]:
        """Entries and seconds."""
        return f"{run.acknowledged:,}", str(run.lost), f"{run.window:.1f}", f"{run.restored:.1f}"

    def lines(self, run: Run) -> list[str]:
        """What was noted."""
        return run.notes

    def told(self, fault: type[VolumeLost]) -> list[str]:
        """The worst and the middle of all runs."""
        (runs,) = (runs for found, runs in self.runs if found is fault)
        windows, seconds = [run.window for run in runs], [run.restored for run in runs]
        kept = sorted({promise for run in runs for promise in run.held})
        return [
            f"lost in {len(runs)} runs: {median(windows):.1f} s of commits in the median, {max(windows):.1f} s at most",
            f"restored after {median(seconds):.1f} s in the median, {max(seconds):.1f} s at most",
            f"kept: {', '.join(kept)}",
        ]


def run(times: int, say: Callable[[str, float], None]) -> Findings:
    """Loses the data volume of a server of its own so many times.

    Args:
        times: how often.
        say: called with the fault's title and the runs that are done.

    Raises:
        OpsError: all is not well before the loss, or the restore fails.
    """
    runs: list[Run] = []
    say(VolumeLost.title, 0)
    with cell("drill", backups={"enabled": True}) as made:
        made.start_postgres()
        own = BackedUp(made)
        own.start_service()
        own.backup("full")
        for number in range(times):
            runs.append(once(own))
            say(VolumeLost.title, number + 1)
    return Findings([(VolumeLost, runs)])


def once(own: BackedUp) -> Run:
    """One loss at a random moment, and the restore."""
    result = Run()
    allowed = own.cell.context.settings.backups.archive_timeout_seconds + _ON_ITS_WAY_SECONDS
    server = own.cell.running["postgres"].get_wrapped_container()
    with Writer(own.conninfo, name=f"ensaio-{secrets.token_hex(4)}") as writer:
        if not writer.wait_for_answer(0, _ANSWER_SECONDS):
            raise OpsError(f"nothing can be written before the loss: {dict(writer.errors)}")
        # The backup before this ended a segment: the loss comes at any moment of the period that began with it.
        time.sleep(random.uniform(0, 1) * allowed)  # noqa: S311 - no secret
        if writer.errors:
            raise OpsError(f"all is not well before the loss: {dict(writer.errors)}")
        server.kill("SIGKILL")
    lost_at = time.monotonic()
    own.repository.run("find", backup.DATA_PATH, "-mindepth", "1", "-delete")
    asked_at = time.monotonic()
    own.restore(LATEST)
    found = _written(own.conninfo, writer.name)
    result.restored = time.monotonic() - asked_at
    judge(result, writer.committed, found, lost_at, allowed)
    own.backup("full")  # as after every restore; it fails where the log is not archived again
    return result


def judge(result: Run, committed: list[tuple[str, float]], found: set[str], lost_at: float, allowed: float) -> None:
    """Counts what is missing, and looks at both promises.

    Args:
        result: where it is put down.
        committed: names and moments of what was acknowledged, in order.
        found: names that came back.
        lost_at: moment of the loss.
        allowed: seconds of commits that may be missing.
    """
    lost = [(name, moment) for name, moment in committed if name not in found]
    result.acknowledged, result.lost = len(committed), len(lost)
    result.window = lost_at - lost[0][1] if lost else 0.0
    whole = committed[len(committed) - len(lost) :] == lost
    result.check("what came back has no hole", whole, f"lost are {', '.join(name for name, _ in lost[:5])}, …")
    result.check("no more is lost than is promised", result.window <= allowed, f"{result.window:.1f} s")


def _written(conninfo: str, name: str) -> set[str]:
    """Names of the writer's entries, from a server that takes writes."""
    with psycopg.connect(conninfo, connect_timeout=10) as connection:
        connection.execute("INSERT INTO catalogo (nome, tipo) VALUES ('depois', 'ensaio')")
        rows = connection.execute("SELECT nome FROM catalogo WHERE starts_with(nome, %s)", [f"{name}-"])
        return {str(row[0]) for row in rows}
