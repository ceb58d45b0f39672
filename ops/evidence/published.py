"""KPIs that a published result holds: read from the file that the benchmark or drill wrote."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from app.release import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARTITIONS: Final = "docs/benchmarks/partitions.json"
CACHE: Final = "docs/drills/cache.json"


def published(root: Path) -> dict[str, Evidence]:
    """The KPIs whose results lie in the checkout at `root`."""
    readers: dict[str, tuple[str, Callable[[dict[str, Any]], Evidence]]] = {
        "partition_overhead": (PARTITIONS, _partition_overhead),
        "failover": (CACHE, _failover),
    }
    return {
        kpi: read(json.loads((root / file).read_text(encoding="utf-8")))
        for kpi, (file, read) in readers.items()
        if (root / file).is_file()
    }


def _partition_overhead(result: dict[str, Any]) -> Evidence:
    """The dearest single insert, at the worse end of its interval."""
    ratios = [each["worst"] or each["value"] for each in result["verdicts"] if each["criterion"] == "partition-single"]
    return Evidence(
        value=round(max(ratios) - 1, 4),
        measured_at=_moment(result["begun"]),
        command="make benchmark NAME=partitions",
        source=PARTITIONS.replace(".json", ".md"),
    )


def _failover(result: dict[str, Any]) -> Evidence:
    """The most that any fault which promises a limit added to a request."""
    added = [run["added_ms"] for run in result["runs"] if run["added_limit_ms"] is not None]
    return Evidence(
        value=round(max(added) / 1000, 4),
        measured_at=_moment(result["made"]),
        command="make drill-all",
        source=CACHE.replace(".json", ".md"),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
