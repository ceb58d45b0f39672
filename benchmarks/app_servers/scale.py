"""How much the benchmarks of the app do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Scale:
    """Parameters of a scale of the same name as in `benchmarks.options`.

    Attributes:
        bounds_ids: entries that are asked for where a level is to be missed now and then by nobody.
        bounds_seconds: length of a round of wrk.
    """

    bounds_ids: int
    bounds_seconds: float


SCALES: Final = {
    "small": Scale(bounds_ids=1000, bounds_seconds=1),
    "medium": Scale(bounds_ids=10_000, bounds_seconds=2),
    "full": Scale(bounds_ids=10_000, bounds_seconds=4),
}
"""One for each scale."""
