"""The order of a comparison: mirrored blocks, so that whatever drifts in the machine falls on all sides alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LEAST_PAIRS = 12
"""Pairs below which no ratio is published: six blocks, so that the peer by itself has an interval too."""


@dataclass(frozen=True)
class Arm:
    """One side of a comparison.

    Attributes:
        name: what it is, for a reader of the table.
        run: does the work of one round (numbered from 0; -1 warms up) and gives what it took; what is not part of the
            measure is done before its clock starts.
    """

    name: str
    run: Callable[[int], float]


@dataclass(frozen=True)
class Comparison:
    """What was measured, round by round.

    Attributes:
        label: what was compared.
        unit: of the values.
        subject: name of what the project has.
        peer: name of what it is compared with.
        values: of the subject and of the peer.
        again: the peer's second arm, or empty where its own two rounds of a block serve.
        criterion: key of the criterion it is judged by.
    """

    label: str
    unit: str
    subject: str
    peer: str
    values: tuple[list[float], list[float]]
    again: list[float] = field(default_factory=list)
    criterion: str | None = None

    @property
    def ratio(self) -> statistics.Estimate:
        """Subject by peer."""
        return statistics.estimate(statistics.ratios(*self.values))

    @property
    def same(self) -> statistics.Estimate | None:
        """The peer by itself (A/A): what the machine's noise alone makes of equal things; None with too few blocks."""
        peer = self.values[1]
        found = statistics.ratios(self.again, peer) if self.again else _by_itself(peer)
        return statistics.estimate(found) if len(found) >= statistics.FEWEST else None


def rounds(arms: int, pairs: int) -> list[tuple[int, ...]]:
    """The order of the arms (0 to `arms` - 1) in each round: two mirrored rounds are a block, blocks rotate.

    With two arms this is AB BA, BA AB and so on: ABBA blocks, each beginning with the other arm than the last.

    Raises:
        ValueError: fewer than two arms, or a number of pairs that is odd or below `LEAST_PAIRS`.
    """
    if arms < 2:  # noqa: PLR2004
        raise ValueError(f"{arms} arms: nothing to compare")
    if pairs < LEAST_PAIRS or pairs % 2:
        raise ValueError(f"pairs is {pairs}, allowed is an even number from {LEAST_PAIRS} up")
    order: list[tuple[int, ...]] = []
    for block in range(pairs // 2):
        first = tuple((block + place) % arms for place in range(arms))
        order += [first, first[::-1]]
    return order


def measured(
    arms: Sequence[Arm], pairs: int, *, warm_up: bool = True, on_round: Callable[[], None] = lambda: None
) -> list[list[float]]:
    """Runs the arms interleaved; gives the values of each, round by round.

    Args:
        arms: two or more.
        pairs: rounds, see `rounds`.
        warm_up: whether each arm runs once unmeasured first.
        on_round: called after each round, for progress.
    """
    order = rounds(len(arms), pairs)
    if warm_up:
        for arm in arms:
            arm.run(-1)
    values: list[list[float]] = [[] for _ in arms]
    for number, places in enumerate(order):
        for place in places:
            values[place].append(arms[place].run(number))
        on_round()
    return values


def compare(
    label: str,
    unit: str,
    arms: Sequence[Arm],
    pairs: int,
    *,
    criterion: str | None = None,
    warm_up: bool = True,
    on_round: Callable[[], None] = lambda: None,
) -> Comparison:
    """Runs the arms interleaved and compares the first two.

    Args:
        label: what is compared.
        unit: of what the arms give.
        arms: the subject, the peer, and optionally the peer once more, for the A/A ratio.
        pairs: rounds, see `rounds`.
        criterion: key of the criterion that the ratio is judged by.
        warm_up: whether each arm runs once unmeasured first.
        on_round: called after each round, for progress.
    """
    values = measured(arms, pairs, warm_up=warm_up, on_round=on_round)
    return Comparison(
        label=label,
        unit=unit,
        subject=arms[0].name,
        peer=arms[1].name,
        values=(values[0], values[1]),
        again=values[2] if len(arms) > 2 else [],  # noqa: PLR2004
        criterion=criterion,
    )


def _by_itself(peer: Sequence[float]) -> list[float]:
    """The two rounds of each block against each other, the later one on top in every other block."""
    found: list[float] = []
    for block, start in enumerate(range(0, len(peer) - 1, 2)):
        first, second = peer[start : start + 2]
        found.append(second / first if block % 2 == 0 else first / second)
    return found
