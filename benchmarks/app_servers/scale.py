"""How much the benchmarks of the app do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Scale:
    """Parameters of a scale of the same name as in `benchmarks.options`.

    Attributes:
        bounds_ids: entries whose bounds are asked for in turn.
        bounds_seconds: length of a round of wrk.
        route_seconds: length of a route's window.
        zipf_entries: entries that the hit rate is measured over.
        zipf_rate: requests a second of that.
        zipf_seconds: length of a window of that.
    """

    bounds_ids: int
    bounds_seconds: float
    route_seconds: float
    zipf_entries: int
    zipf_rate: float
    zipf_seconds: float


SCALES: Final = {
    "small": Scale(1000, 1, 1.0, 2000, 200, 3),
    "medium": Scale(10_000, 2, 8.0, 20_000, 500, 20),
    "full": Scale(10_000, 4, 20.0, 100_000, 500, 60),
}
"""One for each scale."""
