"""Prometheus metrics of the service; every label has a small, fixed set of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from app import release_metrics
from app.http_metrics import HttpMetrics, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

# A `_created` series beside each counter would double what Prometheus stores, and nothing reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library does not annotate it

BREAKER_STATES = ("closed", "open", "half-open")
BREAKER_TRANSITIONS = (("closed", "open"), ("open", "half-open"), ("half-open", "closed"), ("half-open", "open"))
BOUNDS_WRITES = ("stored", "older", "failed")
LEVELS = ("l1", "redis", "postgres")
TILE_LEVELS = ("l1", "postgres", "stale")
REDIS_FAILURES = ("timeout", "connection", "refused", "breaker_open", "busy", "no_master", "bad_entry", "other")


class Metrics:
    """The service's own registry (one an app, so that several apps in one process do not collide)."""

    def __init__(self, *, version: str, stack: str) -> None:
        """Register everything; `version` and `stack` go into `mundo_build_info`."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.http = HttpMetrics()
        self.registry.register(self.http)
        self.in_progress = 0
        Gauge("mundo_http_requests_in_progress", "Requests being answered", registry=self.registry).set_function(
            lambda: self.in_progress
        )
        self._lookups = Tally("mundo_bounds_lookups", "Bounds answered, by the level that had them", "level", LEVELS)
        self.registry.register(self._lookups)
        self._stale = Counter(
            "mundo_bounds_stale", "Bounds answered from an old copy: nothing newer in reach", registry=self.registry
        )
        self._tiles = Tally(
            "mundo_map_tiles", "Tiles of the map answered, by where they were; stale: an old copy", "level", TILE_LEVELS
        )
        self.registry.register(self._tiles)
        self._redis_failures = Counter(
            "mundo_redis_failures", "Redis hops that gave no answer", ("reason",), registry=self.registry
        )
        self.redis_batches = Counter(
            "mundo_redis_batches", "Round trips that carried reads of bounds", registry=self.registry
        )
        self.redis_resent = Counter(
            "mundo_redis_resent",
            "Round trips sent to a second server: the first was late or lost",
            registry=self.registry,
        )
        self.redis_connections = Counter(
            "mundo_redis_connections", "Connections made to Redis servers", registry=self.registry
        )
        self._writes = Counter("mundo_bounds_writes", "Bounds sent to Redis", ("result",), registry=self.registry)
        invalidations = Counter(
            "mundo_bounds_invalidations", "Changes of bounds taken in", ("kind",), registry=self.registry
        )
        self._invalidations = {kind: invalidations.labels(kind) for kind in ("changed", "deleted")}
        self._breaker = Gauge("mundo_breaker_state", "1 for the breaker's state", ("state",), registry=self.registry)
        self._transitions = Counter(
            "mundo_breaker_transitions",
            "Changes of the breaker's state",
            ("from_state", "to_state"),
            registry=self.registry,
        )
        self.master_changes = Counter("mundo_redis_master_changes", "New Redis masters seen", registry=self.registry)
        Gauge("mundo_build_info", "The running version", ("version", "stack"), registry=self.registry).labels(
            version, stack
        ).set(1)
        release_metrics.register(self.registry)
        # What has not happened yet is 0, or its first time would be no growth.
        for reason in REDIS_FAILURES:
            self._redis_failures.labels(reason)
        for old, new in BREAKER_TRANSITIONS:
            self._transitions.labels(old, new)
        for result in BOUNDS_WRITES:
            self._writes.labels(result)
        self.breaker_state("closed")

    def request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the template, never the path that was asked for."""
        self.http.series(method, route, status).observe(seconds)

    def lookup(self, level: str, *, stale: bool = False) -> None:
        """Count one bounds answer by level."""
        self._lookups.counts[level] += 1
        if stale:
            self._stale.inc()

    def tile(self, level: str) -> None:
        """Count one tile that was answered, by one of TILE_LEVELS."""
        self._tiles.counts[level] += 1

    def redis_failure(self, reason: str) -> None:
        """Count a Redis hop that gave no answer; `reason` is one of REDIS_FAILURES."""
        self._redis_failures.labels(reason).inc()

    def bounds_write(self, result: str) -> None:
        """Count an entry sent to Redis: one of BOUNDS_WRITES; `older`: a newer one was there."""
        self._writes.labels(result).inc()

    def breaker_state(self, state: str) -> None:
        """Show the breaker's state, one of BREAKER_STATES."""
        for name in BREAKER_STATES:
            self._breaker.labels(name).set(1 if name == state else 0)

    def breaker_transition(self, old: str, new: str) -> None:
        """Count a change of the breaker's state and show the new one."""
        self._transitions.labels(old, new).inc()
        self.breaker_state(new)

    def watch_redis(self, readable: Callable[[], int], epoch: Callable[[], float]) -> None:
        """Show how many servers answer reads and the epoch of the master, asked for at each scrape."""
        for name, meaning, function in (
            ("mundo_redis_readable_servers", "Redis servers that answer reads", readable),
            ("mundo_redis_config_epoch", "Configuration epoch of the Redis master; NaN: not known yet", epoch),
        ):
            Gauge(name, meaning, registry=self.registry).set_function(function)

    def invalidated(self, kind: str) -> None:
        """Count a change of bounds taken in by this process: `changed` or `deleted`."""
        self._invalidations[kind].inc()

    def watch_changes(
        self, *, poll_age: Callable[[], float], change_age: Callable[[], float], unshared: Callable[[], float]
    ) -> None:
        """Show how far behind the changes of bounds the caches are, asked for at each scrape; NaN: not known yet."""
        for name, meaning, function in (
            ("mundo_bounds_poll_age_seconds", "Time since all changes of bounds were known", poll_age),
            ("mundo_bounds_newest_change_age_seconds", "Age of the newest change of bounds taken in", change_age),
            ("mundo_bounds_redis_behind", "Changes of bounds taken in that Redis lacks", unshared),
        ):
            Gauge(name, meaning, registry=self.registry).set_function(function)

    def watch_tiles(self, kept_bytes: Callable[[], int]) -> None:
        """Show how many bytes of tiles are in memory, asked for at each scrape."""
        gauge = Gauge("mundo_map_tiles_kept_bytes", "Bytes of the map's tiles in memory", registry=self.registry)
        gauge.set_function(kept_bytes)

    def watch_pool(self, numbers: Callable[[], dict[str, int]]) -> None:
        """Show the database pool's numbers (`in_use`, `size`, `waiting`, `max`), asked for at each scrape."""
        gauge = Gauge("mundo_db_pool_connections", "Database pool", ("kind",), registry=self.registry)
        for kind in ("in_use", "size", "waiting", "max"):
            gauge.labels(kind).set_function(lambda kind=kind: numbers().get(kind, 0))  # type: ignore[misc]

    def render(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)
