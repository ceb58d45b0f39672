"""The few statistics that the benchmarks need: exact, small, and free of assumptions about the shape of the noise."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVEL = 0.95
"""Confidence of every interval."""

FEWEST = 6
"""Values below which no two of them bound the median with that confidence."""


@dataclass(frozen=True)
class Estimate:
    """A median with its interval.

    Attributes:
        median: of the values.
        low: lower end of the interval.
        high: upper end of the interval.
        coverage: confidence that the interval really has, at least `LEVEL`.
        count: number of values.
    """

    median: float
    low: float
    high: float
    coverage: float
    count: int


def estimate(values: Sequence[float]) -> Estimate:
    """The median and its interval from order statistics: exact for any continuous distribution (sign test).

    Raises:
        ValueError: fewer than `FEWEST` values.
    """
    count = len(values)
    if count < FEWEST:
        raise ValueError(f"{count} values bound no median with {LEVEL:.0%}; {FEWEST} or more are needed")
    ordered = sorted(values)
    # The median lies below the k-th smallest value only if fewer than k of all values fall below it: Binomial(n, 1/2).
    tail, rank = 0.0, 0
    while True:
        more = tail + math.comb(count, rank) / 2**count
        if 1 - 2 * more < LEVEL:
            break
        tail, rank = more, rank + 1
    return Estimate(
        median=statistics.median(ordered),
        low=ordered[rank - 1],
        high=ordered[count - rank],
        coverage=1 - 2 * tail,
        count=count,
    )


def ratios(subject: Sequence[float], peer: Sequence[float]) -> list[float]:
    """Subject by peer, pair by pair.

    Raises:
        ValueError: the pairs do not match, or a peer's value is not positive.
    """
    if len(subject) != len(peer):
        raise ValueError(f"{len(subject)} values of the subject and {len(peer)} of the peer make no pairs")
    if any(value <= 0 for value in peer):
        raise ValueError("a peer's value is not positive: nothing was measured")
    return [ours / theirs for ours, theirs in zip(subject, peer, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all values do not exceed.

    Raises:
        ValueError: no values, or a share outside 0 to 1.
    """
    if not values or not 0 < share <= 1:
        raise ValueError(f"no percentile {share} of {len(values)} values")
    return sorted(values)[math.ceil(share * len(values)) - 1]
