"""The load tool: a container with wrk, which asks for bounds as fast as they come."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import docker

from benchmarks import extra_image
from images.base import build as base_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docker.models.containers import Container

    from ops.cell import Cell

CONNECTIONS: Final = 32
"""Requests that are under way at any time."""

_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Sample:
    """What a run of wrk saw.

    Attributes:
        rate: requests answered a second.
        latencies: P50, P95 and P99, seconds.
        errors: answers other than 2xx and 3xx, and requests without one.
        tool: share of a core that wrk took.
    """

    rate: float
    latencies: tuple[float, float, float]
    errors: int
    tool: float


@dataclass(frozen=True)
class Wrk:
    """A container with wrk in it."""

    container: Container

    def run(self, address: str, *, ids: int, seconds: float, connections: int = CONNECTIONS) -> Sample:
        """Asks `address` (`host:port`) for the bounds of the entries 1 to `ids`, so many at once.

        Raises:
            RuntimeError: wrk ended with an error, or nothing was answered.
        """
        url = f"http://{address}"
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "-s/bounds.lua", url, "--", str(ids)]
        before = processor_seconds(self.container)
        code, output = self.container.exec_run(command)
        assert isinstance(output, bytes)  # noqa: S101  (not asked for as a stream)
        used = processor_seconds(self.container) - before
        found = parsed(output.decode())
        if code or not found:
            raise RuntimeError(f"wrk {url}: {' '.join(output.decode().split())[:300]}")
        taken = found["microseconds"] / 1e6
        return Sample(
            rate=found["requests"] / taken,
            latencies=(found["p50"] / 1e6, found["p95"] / 1e6, found["p99"] / 1e6),
            errors=found["errors"],
            tool=used / taken,
        )


def parsed(output: str) -> dict[str, int] | None:
    """The line of JSON in what wrk printed; None without one, or when nothing was answered."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    found: dict[str, int] | None = json.loads(lines[-1]) if lines else None
    return found if found and found["requests"] else None


def processor_seconds(container: Container) -> float:
    """Time that the processes of a container have had on processors, seconds."""
    stats = container.stats(stream=False, one_shot=True)
    assert isinstance(stats, dict)  # noqa: S101  (not asked for as a stream)
    return float(stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9)


@contextlib.contextmanager
def running(cell: Cell, say: Callable[[str], None]) -> Iterator[Wrk]:
    """The load tool on the network of a cell for the length of the block.

    Raises:
        ImageError: its image cannot be made.
    """
    placement = cell.placement
    image = extra_image.ensure("wrk", _FOLDER, base_image.ensure(say), say)
    client = docker.from_env()
    container = client.containers.run(
        image,
        name=f"{placement.prefix}-wrk",
        labels=dict(placement.labels),
        network=placement.network,
        cap_drop=["ALL"],
        read_only=True,
        init=True,
        detach=True,
    )
    try:
        yield Wrk(container)
    finally:
        container.remove(force=True)
        client.close()
