"""Parts for the tests of the app's Redis client: the client itself, without the app, and readers that never pause."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.bounds.entry import Entry
from app.bounds.store import RedisBounds
from app.metrics import REDIS_FAILURES, Metrics
from tests.integration.app_parts import settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from app.settings import Address

DEADLINE_S = 1.0
"""Longer than the app's, so that a busy machine is not taken for a lost server; what is promised is relative to it."""


def entry(catalogo_id: int, version: int, west: float = -44.0) -> Entry:
    """An entry with these bounds."""
    return Entry.make(
        catalogo_id=catalogo_id,
        version=version,
        bbox=(west, -17.0, -43.0, -16.0),
        centroid=(-43.5, -16.5),
        updated_at=None,
        geometries=1,
    )


def count(bounds: RedisBounds, name: str, **labels: str) -> float:
    """The value of one of the client's metrics."""
    return bounds._metrics.registry.get_sample_value(name, labels) or 0.0


def failures(bounds: RedisBounds) -> dict[str, float]:
    """Hops that gave no answer, by reason."""
    counted = {reason: count(bounds, "mundo_redis_failures_total", reason=reason) for reason in REDIS_FAILURES}
    return {reason: value for reason, value in counted.items() if value}


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition, leaving the loop to the client."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def redis_bounds(
    sentinels: Sequence[Address], password: str, *, readable: int = 3, **others: object
) -> AsyncIterator[RedisBounds]:
    """A started client that has found its servers; `others` are settings."""
    values = {"redis_deadline_ms": round(DEADLINE_S * 1000), **others}
    settings = settings_for("host=unused dbname=unused user=unused password=unused", [*sentinels], password, **values)
    bounds = RedisBounds(settings, Metrics(version="1", stack="test"))
    await bounds.start(wait_s=10)
    try:
        await until(lambda: bounds.nodes.readable == readable)
        yield bounds
    finally:
        await bounds.stop()


@dataclass
class Readers:
    """What readers saw who asked every few milliseconds, whether or not the former reads had ended."""

    seconds: list[tuple[float, float]] = field(default_factory=list)
    """when each read began, and how long it took"""
    without: int = 0
    """reads that gave None"""

    def slow_since(self, when: float, limit_s: float) -> int:
        """Reads begun after `when` that took longer."""
        return sum(begun > when and took > limit_s for begun, took in self.seconds)


@contextlib.asynccontextmanager
async def reading(bounds: RedisBounds, ids: Sequence[int], every_s: float = 0.004) -> AsyncIterator[Readers]:
    """Read the entries in turn all the time; an error of a read is raised at the end."""
    seen = Readers()
    ending = asyncio.Event()

    async def read(number: int) -> None:
        begun = time.monotonic()
        found = await bounds.read(number)
        seen.seconds.append((begun, time.monotonic() - begun))
        seen.without += found is None

    async def ask() -> None:
        async with asyncio.TaskGroup() as tasks:
            turn = 0
            while not ending.is_set():
                tasks.create_task(read(ids[turn % len(ids)]))
                turn += 1
                await asyncio.sleep(every_s)

    asking = asyncio.create_task(ask())
    try:
        yield seen
    finally:
        ending.set()
        await asking
