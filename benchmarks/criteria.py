"""Every limit of the validation, once: reports and `make validate-performance` judge by these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from dashboards import slo

Unit = Literal["ratio", "s", "%", "features/s", ""]


@dataclass(frozen=True)
class Criterion:
    """A measured value must not exceed a limit, or must reach it.

    Attributes:
        key: its name.
        text: what is asked, in one line.
        limit: the greatest value that meets it; the least where `better` is `higher`.
        unit: of value and limit; empty for a number of things.
        whole: whether the worse end of the interval is judged, not the median alone.
        entries: catalogue entries below which it says nothing: what is short in any case cannot be a tenth.
        better: which side of the limit is good.
    """

    key: str
    text: str
    limit: float
    unit: Unit
    whole: bool = False
    entries: int = 0
    better: Literal["lower", "higher"] = "lower"

    def judged_at(self, entries: int) -> bool:
        """Whether a catalogue of so many entries is large enough for it."""
        return entries >= self.entries

    @property
    def sign(self) -> str:
        """How a value that meets it stands to the limit."""
        return "≤" if self.better == "lower" else "≥"

    def judged(self, value: float, worst: float | None) -> float:
        """What is judged: the value, or the worse end of its interval where that counts."""
        return worst if self.whole and worst is not None else value

    def met_by(self, value: float, worst: float | None = None) -> bool:
        """Whether a value, or the worse end of its interval where that counts, meets the limit."""
        found = self.judged(value, worst)
        return found <= self.limit if self.better == "lower" else found >= self.limit


CRITERIA: Final = (
    Criterion(
        "partition-single",
        "single inserts: partitioned by plain table, with the interval",
        1 + slo.by_name("partition_overhead").target,
        "ratio",
        whole=True,
    ),
    Criterion("partition-batch", "COPY batches: partitioned by plain table", 1.02, "ratio"),
    Criterion("queue-single", "single inserts: with by without the change queue", 1.10, "ratio"),
    Criterion("queue-batch", "COPY batches: with by without the change queue", 1.03, "ratio"),
    Criterion("pruning", "partitions that a query for one year reads", 1, ""),
    Criterion("next-year-errors", "errors while next year's partition is made under load", 0, ""),
    Criterion("drain", "longest time until a row of another year lies in its own partition", 10.0, "s"),
    Criterion("drain-errors", "errors and rows not seen while DEFAULT is drained under load", 0, ""),
    Criterion("refresh-ratio", "fold and both refreshes by recomputing both views", 1 / 20, "ratio"),
    Criterion("refresh-seconds", "fold and both refreshes", slo.by_name("view_refresh").target, "s"),
    Criterion("fold-ratio", "fold alone by recomputing both views", 1 / 100, "ratio"),
    Criterion("readers", "P99 of reads during refreshes by P99 without", 1.2, "ratio"),
    Criterion(
        "search-common", "P95 of a search for a common word by plain GIN and ts_rank", 1 / 10, "ratio", entries=100_000
    ),
    Criterion(
        "bounds-local", "bounds a second: in-process copy by the bare ASGI server", 0.8, "ratio", better="higher"
    ),
    Criterion("bounds-redis", "bounds a second: Redis hit by the bare ASGI server", 0.4, "ratio", better="higher"),
    Criterion(
        "bounds-newcomer", "bounds a second: Redis hit by plain FastAPI and redis-py", 3, "ratio", better="higher"
    ),
    Criterion("bounds-level", "bounds that came from the level that is measured", 99, "%", better="higher"),
    Criterion("bounds-tool", "share of a core that the load tool took", 0.8, "ratio"),
    Criterion("bounds-errors", "errors while bounds were asked for as fast as they came", 0, ""),
    Criterion("proxy-errors", "errors through the proxy, asked as fast as it came", 0, ""),
    Criterion("routes-p95", "P95 of every route, asked by the clock", 0.02, "s", entries=100_000),
    Criterion("routes-errors", "errors while every route was asked by the clock", 0, ""),
    Criterion("map-page", "P95 of a page of 100 features by that of its SQL", 2, "ratio", entries=100_000),
    Criterion("map-tile", "P95 of a tile from the database by that of its SQL", 2, "ratio", entries=100_000),
    Criterion("map-level", "tiles that came from where it is measured", 99, "%", better="higher"),
    Criterion("map-errors", "errors while the map was asked for", 0, ""),
    Criterion("map-first-view", "first view of the farm on the machine of the app", 1, "s"),
    Criterion("map-weight", "the map's first view over the wire, kB", 1000, ""),
    Criterion("map-moving", "P95 of the time between two frames: all features by none", 2, "ratio", entries=100_000),
    Criterion("hit-rate", "bounds that a cache answered once it was warm", 99, "%", better="higher"),
    Criterion("hit-rate-errors", "errors while bounds were asked for by Zipf's law", 0, ""),
    Criterion(
        "ingest-rate",
        "features a second until they are validated and stored",
        slo.by_name("ingest_throughput").target,
        "features/s",
        better="higher",
    ),
    Criterion(
        "ingest-ogr2ogr",
        "features a second: ingest by ogr2ogr with COPY",
        1.5,
        "ratio",
        entries=100_000,
        better="higher",
    ),
    Criterion(
        "ingest-newcomer",
        "features a second: ingest by shape() and executemany",
        5,
        "ratio",
        entries=100_000,
        better="higher",
    ),
    Criterion("ingest-memory", "peak of the process that loads the largest file, MiB", 400, ""),
    Criterion("monitoring-cost", "processor time of all that watches, as a share of one core", 0.02, "ratio"),
)
"""In the order of the issues."""


def by_key(key: str) -> Criterion:
    """The criterion called `key`.

    Raises:
        KeyError: there is none.
    """
    for criterion in CRITERIA:
        if criterion.key == key:
            return criterion
    raise KeyError(key)
