"""Sizes of the geometries' partitions, and what is planned for the year's end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final

from app.status import windows
from app.status.models import PartitionNow

if TYPE_CHECKING:
    from app.status.prometheus import Prometheus, Sample
    from app.status.windows import Lines, Span

_BYTES: Final = "max by (partition) (pg_mundo_partition_bytes)"
_ROWS: Final = "max by (partition) (pg_mundo_partition_rows)"
_PLANNED: Final = 'max(pg_mundo_capacity_projected_bytes{scenario="high"} >= 0)'
_SHOWN = 100


@dataclass(frozen=True)
class Sizes:
    """What is known of the partitions over a window."""

    lines: Lines
    planned_bytes: float | None
    items: list[PartitionNow]


async def sizes(prometheus: Prometheus, span: Span) -> Sizes:
    """Ask for every partition's size, now and over a window."""
    now, rows, planned, lines = await asyncio.gather(
        prometheus.instant(_BYTES),
        prometheus.instant(_ROWS),
        prometheus.instant(_PLANNED),
        windows.read(prometheus, span, _BYTES, "partition"),
    )
    counted = _by_name(rows)
    items = [
        PartitionNow(
            name=name,
            bytes=size,
            rows=counted.get(name),
            points=lines.points.get(name, []),
        )
        # Years first, in their order; `default` and whatever else has no year after them.
        for name, size in sorted(_by_name(now).items(), key=lambda item: (not item[0].isdigit(), item[0]))
    ]
    plan = next((sample.value[1] for sample in planned if isfinite(sample.value[1])), None)
    return Sizes(lines, plan, items[:_SHOWN])


def _by_name(samples: list[Sample]) -> dict[str, int]:
    return {item.metric.get("partition", ""): int(item.value[1]) for item in samples if isfinite(item.value[1])}
