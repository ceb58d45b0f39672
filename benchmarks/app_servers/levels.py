"""Which level answered: what the app's own metrics say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.app_servers.group import HttpServer

_LOOKUPS: Final = "mundo_bounds_lookups_total"

LEVELS: Final = ("l1", "redis", "postgres")
"""In the order in which they are asked: the in-process copy first."""


def lookups(server: HttpServer) -> dict[str, float]:
    """Bounds that each level has answered so far."""
    return read(server.get("/metrics").decode())


def read(metrics: str) -> dict[str, float]:
    """The same out of the metrics' text.

    Raises:
        LookupError: a level is not there.
    """
    found = {
        sample.labels["level"]: sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == _LOOKUPS
    }
    if set(found) != set(LEVELS):
        raise LookupError(f"{_LOOKUPS} has the levels {', '.join(sorted(found)) or 'none'}, not {', '.join(LEVELS)}")
    return found


def shares(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Share of each level in the lookups between two readings.

    Raises:
        RuntimeError: there were none.
    """
    gained = {level: after[level] - before[level] for level in LEVELS}
    total = sum(gained.values())
    if total <= 0:
        raise RuntimeError("the app looked up no bounds: nothing was measured")
    return {level: count / total for level, count in gained.items()}
