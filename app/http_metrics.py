"""What is counted at every request: how many were answered, how fast, and from where; each for a few additions.

prometheus_client's own counters and histograms take locks and look up labels at each call, about a fifth of what an
answer from memory costs; the service counts on one event loop and needs neither.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client import Metric

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0)
_LABELS = ("method", "route", "status")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_EDGES = (*map(str, SECONDS), "+Inf")


class Series:
    """The requests of one method, route and status."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        """Nothing was answered yet."""
        self.counts = [0] * len(_EDGES)
        self.seconds = 0.0

    def observe(self, seconds: float) -> None:
        """Count one request that took so many seconds."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.seconds += seconds


class Tally(Collector):
    """A counter by one label whose values are all known: `tally.counts[value] += 1`."""

    def __init__(self, name: str, text: str, label: str, values: Iterable[str]) -> None:
        """Begin at 0 for each of the label's values."""
        self._family = (name, text)
        self._label = label
        self.counts = dict.fromkeys(values, 0)

    def collect(self) -> Iterator[Metric]:
        """Give the counts."""
        family = CounterMetricFamily(*self._family, labels=(self._label,))
        for value, count in self.counts.items():
            family.add_metric((value,), count)
        yield family


class HttpMetrics(Collector):
    """The series of all requests; only the event loop that answers requests may use it."""

    def __init__(self) -> None:
        """There are no series before a request makes one."""
        self._series: dict[tuple[str, str, str], Series] = {}

    def series(self, method: str, route: str, status: int) -> Series:
        """Return a series, to be kept by who counts often; `route` is the template, never the path asked for."""
        labels = (method if method in _METHODS else "OTHER", route, str(status))
        found = self._series.get(labels)
        if found is None:
            found = self._series[labels] = Series()
        return found

    def collect(self) -> Iterator[Metric]:
        """Give the series as a counter and a histogram."""
        answered = CounterMetricFamily("mundo_http_requests", "Requests answered", labels=_LABELS)
        durations = HistogramMetricFamily(
            "mundo_http_request_duration_seconds",
            "Time from the request's arrival to the end of its answer",
            labels=_LABELS,
        )
        for labels, series in self._series.items():
            sums = list(accumulate(series.counts))
            if sums[-1]:
                answered.add_metric(labels, sums[-1])
                durations.add_metric(labels, list(zip(_EDGES, sums, strict=True)), series.seconds)
        yield answered
        yield durations
