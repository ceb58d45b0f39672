"""What is drawn: values over the last hour and the last day, with a bounded number of points."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.status.models import Point, Window
    from app.status.prometheus import Line, Prometheus


@dataclass(frozen=True, kw_only=True)
class Span:
    """A window.

    Attributes:
        seconds: its length.
        step: seconds between two points.
        keep_s: how long what was read of it is shown: half a step, so that no point is late by more than one.
    """

    seconds: int
    step: int

    @property
    def keep_s(self) -> float:
        """How long what was read is kept."""
        return self.step / 2

    def ends(self) -> tuple[int, int]:
        """Return start and end, both on whole steps: points stay where they are from one reading to the next."""
        end = int(time.time()) // self.step * self.step
        return end - self.seconds, end


SPANS: Final[dict[Window, Span]] = {"1h": Span(seconds=3600, step=30), "24h": Span(seconds=86_400, step=300)}


@dataclass(frozen=True)
class Lines:
    """Points by the name of what they are of, and the window that they were asked for."""

    start: int
    end: int
    points: dict[str, list[Point]]


async def read(prometheus: Prometheus, span: Span, query: str, label: str) -> Lines:
    """Ask for a window; series are told apart by `label`, and those alike in it become one."""
    start, end = span.ends()
    found: dict[str, dict[int, float]] = {}
    for line in await prometheus.span(query, start=start, end=end, step=span.step):
        found.setdefault(line.metric.get(label, ""), {}).update(_points(line))
    return Lines(start, end, {name: sorted(points.items()) for name, points in found.items()})


def _points(line: Line) -> Iterable[Point]:
    # JSON has no NaN and no infinity: nothing was measured there.
    return ((int(at), value) for at, value in line.values if isfinite(value))
