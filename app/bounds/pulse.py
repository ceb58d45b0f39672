"""Whether the copies of bounds can be trusted now: kept by those who follow the changes, read by the cache."""

from __future__ import annotations

import math
from dataclasses import dataclass

GRACE_S = 2.0
"""For so long after a look at the changes, copies count as right."""


@dataclass(slots=True)
class Pulse:
    """When every change was last known (seconds of `time.monotonic`), and whether Redis has all of them."""

    seen_at: float = -math.inf
    shared: bool = False

    def well(self, now: float) -> bool:
        """Whether the changes were looked at lately."""
        return now < self.seen_at + GRACE_S
