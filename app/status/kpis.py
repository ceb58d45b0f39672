"""The KPIs as Prometheus has recorded them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Final

from app.release import evidence
from app.status.models import KpiNow
from app.status.windows import SPANS
from dashboards.slo import KPIS, Kpi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.status.models import Point
    from app.status.prometheus import Line, Prometheus, Sample

SELECTOR: Final = '{__name__=~"' + "|".join(kpi.series for kpi in KPIS) + '"}'
"""Every KPI's recorded series."""


_GAP_S = 2 * SPANS["24h"].step


@dataclass(frozen=True)
class Reading:
    """A value, and when Prometheus worked it out, in seconds of the epoch."""

    value: float
    at: float


async def read(prometheus: Prometheus, max_age_s: int) -> dict[str, Reading]:
    """Return the current readings by the KPI's name; one older than `max_age_s` is none."""
    return readings(
        *await asyncio.gather(prometheus.instant(SELECTOR), prometheus.recent(SELECTOR, max_age_s)),
    )


def readings(now: Sequence[Sample], samples: Sequence[Line]) -> dict[str, Reading]:
    """Return what both answers tell: the first leaves out what has ended, the second what is old, and tells times."""
    taken = {line.metric.get("__name__"): line.values[-1][0] for line in samples if line.values}
    found = {sample.metric.get("__name__"): sample.value[1] for sample in now}
    return {
        kpi.name: Reading(found[kpi.series], taken[kpi.series])
        for kpi in KPIS
        if kpi.series in taken and isfinite(found.get(kpi.series, float("nan")))
    }


def present(kpi: Kpi, reading: Reading | None, past: Sequence[Point]) -> KpiNow:
    """Say how a KPI stands; `past` are its points, oldest first."""
    value = reading.value if reading else None
    measured = evidence().get(kpi.name) if kpi.source == "release" else None
    return KpiNow(
        name=kpi.name,
        titulo=kpi.titulo,
        descricao=kpi.descricao,
        unit=kpi.unit,
        target=kpi.target,
        near=kpi.near,
        better=kpi.better,
        source=kpi.source,
        value=value,
        state=kpi.state(value),
        at=_time(reading.at) if reading else None,
        since=_time(_since(kpi, reading, past)) if reading else None,
        measured_at=measured.measured_at if measured and reading else None,
    )


def _since(kpi: Kpi, reading: Reading, past: Sequence[Point]) -> float:
    """The time of the oldest point from which on the state was always that of now, without a gap."""
    state, since = kpi.state(reading.value), reading.at
    for at, value in reversed(past):
        if kpi.state(value) != state or since - at > _GAP_S:
            break
        since = min(since, at)
    return since


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
