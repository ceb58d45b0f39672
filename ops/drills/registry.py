"""Every drill by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.drills import failover, postgres_crash
from ops.drills.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


DRILLS: dict[str, Drill] = {
    "postgres-crash": Drill(postgres_crash.TITLE, postgres_crash.PROMISE, 20, postgres_crash.run),
    "cache": _of_the_cache("Drills: faults of the cache under load", failover.PROMISE, list(FAULTS.values())),
    **{name: _of_the_cache(f"Drill: {fault.title}", failover.PROMISE, [fault]) for name, fault in FAULTS.items()},
}
"""Name → drill; `cache` is every fault of the cache, one after the other."""
