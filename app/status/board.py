"""What the status page shows, put together; each part is read from Prometheus once for all who look."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from app.status import alerts, kpis, partitions, parts, windows
from app.status.memo import Memo
from app.status.models import KpiPage, Partitions, Series, SeriesPage, Situation
from app.status.prometheus import AwayError, Prometheus
from app.status.windows import SPANS, Lines
from dashboards.slo import KPIS

if TYPE_CHECKING:
    from app.health import Health
    from app.settings import Settings
    from app.status.models import Link, Point, Window
    from dashboards.slo import Kpi

logger = logging.getLogger(__name__)

T = TypeVar("T")

_KEEP_S = 3.0
"""How long what holds now is shown without asking again."""

_MISSED_READINGS = 3
_LEAST_AGE_S = 30


@dataclass(frozen=True)
class _Sources:
    """What Prometheus is asked for."""

    prometheus: Prometheus
    kpis: Memo[dict[str, kpis.Reading]]
    alerts: Memo[alerts.Alerts]
    parts: Memo[parts.Watched]
    series: dict[Window, Memo[Lines]]
    partitions: dict[Window, Memo[partitions.Sizes]]

    @classmethod
    def make(cls, url: str, settings: Settings) -> _Sources:
        prometheus = Prometheus(url)
        # What was not worked out anew for several intervals is no news.
        max_age_s = max(_LEAST_AGE_S, _MISSED_READINGS * settings.prometheus_interval_s)
        return cls(
            prometheus,
            Memo(partial(kpis.read, prometheus, max_age_s), _KEEP_S),
            Memo(partial(alerts.read, prometheus, settings.stack), _KEEP_S),
            Memo(partial(parts.watch, prometheus, settings.stack), _KEEP_S),
            {
                window: Memo(partial(windows.read, prometheus, span, kpis.SELECTOR, "__name__"), span.keep_s)
                for window, span in SPANS.items()
            },
            {window: Memo(partial(partitions.sizes, prometheus, span), span.keep_s) for window, span in SPANS.items()},
        )

    async def close(self) -> None:
        memos: list[Memo[Any]] = [
            self.kpis,
            self.alerts,
            self.parts,
            *self.series.values(),
            *self.partitions.values(),
        ]
        await asyncio.gather(*(memo.stop() for memo in memos))
        await self.prometheus.close()


class Board:
    """Answers for the status page.

    Without Prometheus each says so and knows nothing; no value is shown that Prometheus has not confirmed a moment ago.
    """

    def __init__(self, settings: Settings, health: Health) -> None:
        """Nothing is connected before somebody asks."""
        self._settings = settings
        self._health = health
        self._sources = _Sources.make(settings.prometheus_url, settings) if settings.prometheus_url else None

    async def close(self) -> None:
        """Close every connection."""
        if self._sources is not None:
            await self._sources.close()

    async def kpis(self) -> KpiPage:
        """Return every KPI as it stands now."""
        if self._sources is None:
            return KpiPage(prometheus="off", kpis=[kpis.present(kpi, None, ()) for kpi in KPIS])
        now, hour, day = await asyncio.gather(
            _ask(self._sources.kpis), _ask(self._sources.series["1h"]), _ask(self._sources.series["24h"])
        )
        known = now.found or {}
        return KpiPage(
            prometheus=now.link,
            kpis=[kpis.present(kpi, known.get(kpi.name), _past(kpi, hour.found, day.found)) for kpi in KPIS],
        )

    async def series(self, window: Window) -> SeriesPage:
        """Return every KPI over a window."""
        link, lines = await self._lines(window)
        return SeriesPage(
            prometheus=link,
            janela=window,
            start=lines.start,
            end=lines.end,
            step=SPANS[window].step,
            series={kpi.name: lines.points.get(kpi.series, []) for kpi in KPIS},
        )

    async def one_series(self, kpi: Kpi, window: Window) -> Series:
        """Return one KPI over a window."""
        link, lines = await self._lines(window)
        return Series(
            prometheus=link,
            name=kpi.name,
            janela=window,
            start=lines.start,
            end=lines.end,
            step=SPANS[window].step,
            points=lines.points.get(kpi.series, []),
        )

    async def partitions(self, window: Window) -> Partitions:
        """Return the partitions' sizes over a window."""
        asked = await _ask(self._sources.partitions[window] if self._sources else None)
        found = asked.found
        start, end = (found.lines.start, found.lines.end) if found else SPANS[window].ends()
        return Partitions(
            prometheus=asked.link,
            janela=window,
            start=start,
            end=end,
            planned_bytes=found.planned_bytes if found else None,
            items=found.items if found else [],
        )

    async def situation(self) -> Situation:
        """Return the alerts, and how each service is."""
        sources = self._sources
        readiness, firing, watched = await asyncio.gather(
            self._health.readiness(),
            _ask(sources.alerts if sources else None),
            _ask(sources.parts if sources else None),
        )
        version = self._settings.version
        return Situation(
            prometheus=firing.link,
            stack=self._settings.stack,
            version=version,
            watched=firing.found.watched if firing.found else None,
            alerts=firing.found.items if firing.found else [],
            services=parts.present(readiness, version, firing.link, watched.found),
        )

    async def _lines(self, window: Window) -> tuple[Link, Lines]:
        asked = await _ask(self._sources.series[window] if self._sources else None)
        return asked.link, asked.found or Lines(*SPANS[window].ends(), {})


@dataclass(frozen=True)
class _Asked(Generic[T]):
    """What Prometheus said, or why nothing."""

    link: Link
    found: T | None


async def _ask(memo: Memo[T] | None) -> _Asked[T]:
    if memo is None:
        return _Asked("off", None)
    try:
        return _Asked("ok", await memo.get())
    except AwayError as error:
        logger.debug("no answer from Prometheus: %s", error)
        return _Asked("away", None)


def _past(kpi: Kpi, hour: Lines | None, day: Lines | None) -> list[Point]:
    """The last day's points, those of the last hour in more detail."""
    fine = hour.points.get(kpi.series, []) if hour else []
    coarse = day.points.get(kpi.series, []) if day else []
    return [point for point in coarse if not fine or point[0] < fine[0][0]] + fine
