"""Metrics of imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prometheus_client import CollectorRegistry

STATES = ("pending", "running", "done", "refused", "failed")
OUTCOMES = ("stored", "rejected", "repaired")


class ImportMetrics:
    """What arrived, what waits, what became of it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register everything with the service's other metrics."""
        self._bytes = Counter("mundo_import_received_bytes", "Bytes of uploads received", registry=registry)
        jobs = Gauge("mundo_import_jobs", "Jobs in the table, by state", ("state",), registry=registry)
        self._jobs = {state: jobs.labels(state) for state in STATES}
        self._depth = Gauge("mundo_import_queue_depth", "Jobs that wait or run", registry=registry)
        ended = Counter("mundo_import_jobs_ended", "Jobs that ended, by outcome", ("state",), registry=registry)
        self._ended = {state: ended.labels(state) for state in STATES[2:]}
        features = Counter("mundo_import_features", "Features of ended jobs", ("outcome",), registry=registry)
        self._features = {outcome: features.labels(outcome) for outcome in OUTCOMES}
        self._crashes = Counter(
            "mundo_import_worker_crashes", "Times that the process that loads files ended by itself", registry=registry
        )

    def received(self, count: int) -> None:
        """Count bytes of uploads."""
        self._bytes.inc(count)

    def jobs(self, counts: Mapping[str, int]) -> None:
        """Show the jobs by state."""
        for state, gauge in self._jobs.items():
            gauge.set(counts.get(state, 0))
        self._depth.set(counts.get("pending", 0) + counts.get("running", 0))

    def ended(self, state: str, features: Mapping[str, int]) -> None:
        """Count a job that ended and what became of its features; other words are left out."""
        if state in self._ended:
            self._ended[state].inc()
        for outcome, counter in self._features.items():
            counter.inc(features.get(outcome, 0))

    def crashed(self) -> None:
        """Count a crash of the worker."""
        self._crashes.inc()
