"""Every drill by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.drills import data_lost, disk, failover, postgres_crash
from ops.drills.disk import drill as disk_drill
from ops.drills.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ops.drills.disk.base import Fault as DiskFault
    from ops.drills.faults.base import Fault
    from ops.drills.report import Findings

    Say = Callable[[str, float], None]


@dataclass(frozen=True)
class Drill:
    """A drill.

    Attributes:
        title: heading of its table and its page.
        promise: what must hold.
        times: how often each of its faults is made where nobody says.
        run: makes each fault so many times; tells of each how many are done.
    """

    title: str
    promise: str
    times: int
    run: Callable[[int, Say], Findings]


def _of_the_cache(title: str, promise: str, faults: Sequence[type[Fault]]) -> Drill:
    return Drill(title, promise, 1, lambda times, say: failover.run(faults, times, say))


def _of_the_disk(title: str, faults: Sequence[type[DiskFault]]) -> Drill:
    return Drill(title, disk_drill.PROMISE, 1, lambda times, say: disk_drill.run(faults, times, say))


DRILLS: dict[str, Drill] = {
    "postgres-crash": Drill(postgres_crash.TITLE, postgres_crash.PROMISE, 20, postgres_crash.run),
    "data-lost": Drill(data_lost.TITLE, data_lost.PROMISE, 20, data_lost.run),
    "cache": _of_the_cache("Drills: faults of the cache under load", failover.PROMISE, list(FAULTS.values())),
    **{name: _of_the_cache(f"Drill: {fault.title}", failover.PROMISE, [fault]) for name, fault in FAULTS.items()},
    "disk": _of_the_disk("Drills: faults of the disk under load", list(disk.FAULTS.values())),
    **{name: _of_the_disk(f"Drill: {fault.title}", [fault]) for name, fault in disk.FAULTS.items()},
}
"""Name → drill; `cache` is every fault of the cache, `disk` every one of the disk, one after the other."""
