"""What the app shows of Redis before anything has happened, and of the master once the Sentinels have spoken."""

from __future__ import annotations

from itertools import product
from math import isnan

from app.bounds.sentinel import SentinelWatch
from app.metrics import BREAKER_STATES, BREAKER_TRANSITIONS, Metrics

SENTINELS = [("10.0.0.21", 26379), ("10.0.0.22", 26379), ("10.0.0.23", 26379)]
MASTER, REPLICA = ("10.0.0.11", 6379), ("10.0.0.12", 6379)


def test_what_has_not_happened_yet_is_zero() -> None:
    value = Metrics(version="1", stack="unit").registry.get_sample_value
    for old, new in BREAKER_TRANSITIONS:
        assert value("mundo_breaker_transitions_total", {"from_state": old, "to_state": new}) == 0
    for result in ("stored", "older", "failed"):
        assert value("mundo_bounds_writes_total", {"result": result}) == 0
    assert set(BREAKER_TRANSITIONS) < set(product(BREAKER_STATES, repeat=2))


def test_the_epoch_is_that_of_the_master_in_use() -> None:
    metrics = Metrics(version="1", stack="unit")
    watch = SentinelWatch(
        SENTINELS, master="mymaster", password="", poll_s=1, deadline_s=1, on_change=lambda _master, _servers: None
    )
    metrics.watch_redis(lambda: 3, lambda: watch.epoch)
    shown = metrics.registry.get_sample_value("mundo_redis_config_epoch")
    assert shown is not None
    assert isnan(shown)
    for sentinel, epoch, master in zip(SENTINELS, (4, 5, 5), (MASTER, REPLICA, REPLICA), strict=True):
        watch._view.heard(sentinel, epoch, master)
    assert watch.address == REPLICA
    assert metrics.registry.get_sample_value("mundo_redis_config_epoch") == 5
