"""What one fault of the cache did: its figures, and what was promised and did not hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.drills.promises import Promises

if TYPE_CHECKING:
    from ops.load import Outcome


@dataclass
class Run(Promises):
    """One fault under load; moments are those of `time.monotonic()`.

    Attributes:
        window: seconds of the fault's window.
        struck: when the fault began.
        healing: when its repair began.
        requests: requests in the fault's window.
        failures: those of them that failed and must not.
        control_worst_ms: the slowest in the control window.
        fault_worst_ms: the slowest in the fault's window.
        levels: who answered in the fault's window (X-Cache) → how often.
        control_pause_ms: the longest time without an accepted write before the fault.
        first_write_ms: from the last write accepted before the longest pause to the first after it.
        stock_write_ms: the same for redis-py's own Sentinel client.
        agreed_ms: until all Sentinels that live named the new master; None where there is none.
        promotions: seconds from the fault until a Sentinel named another master, one a promotion.
        acknowledged: writes acknowledged in the whole run.
        lost: those of them that the master does not have afterwards.
    """

    window: float
    struck: float = 0
    healing: float = 0
    requests: int = 0
    failures: int = 0
    control_worst_ms: float = 0
    fault_worst_ms: float = 0
    levels: Counter[str] = field(default_factory=Counter)
    control_pause_ms: float = 0
    first_write_ms: float | None = None
    stock_write_ms: float | None = None
    agreed_ms: float | None = None
    promotions: list[float] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0

    @property
    def added_ms(self) -> float:
        """What the fault added to the slowest request, at least 0."""
        return max(0.0, self.fault_worst_ms - self.control_worst_ms)

    def count(self, outcomes: list[Outcome], kinds: tuple[str, ...]) -> None:
        """Takes the requests; only `kinds` must not fail and are timed."""
        judged = [outcome for outcome in outcomes if outcome.request.kind in kinds]
        before = [outcome for outcome in judged if outcome.due < self.struck]
        after = [outcome for outcome in judged if outcome.due >= self.struck]
        self.requests = len(after)
        failed = [outcome for outcome in judged if outcome.failed]
        self.failures = len(failed)
        self.control_worst_ms = 1000 * max((outcome.latency for outcome in before), default=0)
        self.fault_worst_ms = 1000 * max((outcome.latency for outcome in after), default=0)
        self.levels = Counter(outcome.cache for outcome in after if outcome.cache)
        reasons = Counter(f"{each.request.kind}: {each.error or f'status {each.status}'}" for each in failed)
        said = ", ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3))
        self.check("no request fails", not failed, f"{len(failed)} of {len(judged)} ({said})")
