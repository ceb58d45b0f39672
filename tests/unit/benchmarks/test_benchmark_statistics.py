"""The statistics against what is known of them, and a comparison against a ratio that is known beforehand."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.blocks import Arm, compare, rounds
from benchmarks.statistics import estimate, percentile, ratios

# From tables of the sign test: ranks whose interval of the median has at least 95 %, and what it really has.
RANKS = {6: (1, 6, 0.96875), 10: (2, 9, 0.978515625), 20: (6, 15, 0.958610534667968), 40: (14, 27, 0.961522)}

VALUES = [(37 * at) % 101 for at in range(1, 101)]
"""1 to 100 in disorder."""


@pytest.mark.parametrize(("count", "known"), RANKS.items())
def test_interval_takes_the_ranks_of_the_sign_test(count: int, known: tuple[int, int, float]) -> None:
    values = list(range(1, count + 1))
    random.Random(count).shuffle(values)  # noqa: S311  (seeded noise)
    found = estimate(values)
    assert (found.low, found.high) == known[:2]
    assert found.coverage == pytest.approx(known[2], abs=1e-5)
    assert found.median == (count + 1) / 2


def test_too_few_values_are_refused() -> None:
    with pytest.raises(ValueError, match="5 values bound no median"):
        estimate([1.0] * 5)


def test_interval_covers_the_true_median_as_often_as_it_says() -> None:
    rng = random.Random(5)  # noqa: S311  (seeded noise)
    runs = 2000
    covered = 0
    for _ in range(runs):
        found = estimate([rng.lognormvariate(0, 1) for _ in range(20)])
        covered += found.low <= 1 <= found.high
    # 95.86 % is promised; five standard deviations of the count below it.
    assert covered / runs >= 0.9586 - 5 * (0.9586 * 0.0414 / runs) ** 0.5


@given(st.lists(st.floats(0.001, 1000), min_size=6, max_size=60))
def test_interval_encloses_the_median_and_follows_the_unit(values: list[float]) -> None:
    found = estimate(values)
    assert min(values) <= found.low <= found.median <= found.high <= max(values)
    doubled = estimate([2 * value for value in values])
    assert (doubled.low, doubled.median, doubled.high) == (2 * found.low, 2 * found.median, 2 * found.high)


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1, 100), (0.001, 1)])
def test_percentile_is_the_smallest_value_that_so_many_do_not_exceed(share: float, value: int) -> None:
    assert percentile(VALUES, share) == value


def test_ratios_go_by_pair() -> None:
    assert ratios([2, 3], [1, 6]) == [2, 0.5]
    with pytest.raises(ValueError, match="make no pairs"):
        ratios([1], [1, 2])
    with pytest.raises(ValueError, match="not positive"):
        ratios([1], [0])


class Machine:
    """A machine that is slow at first, then quick, and disturbed now and then: work takes what it takes times that."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  (seeded noise)
        self.done = 0

    def work(self, seconds: float) -> float:
        """What the clock says that work of so many seconds took."""
        self.done += 1
        disturbed = 3 if self.rng.random() < 0.05 else 1
        return seconds * (2 - self.done / 200) * disturbed * self.rng.lognormvariate(0, 0.03)


@pytest.mark.parametrize("known", [0.05, 1.0, 1.05, 3.0])
def test_a_known_ratio_is_found_in_a_drifting_noisy_machine(known: float) -> None:
    machine = Machine(7)
    arms = [
        Arm("ours", lambda _: machine.work(known)),
        Arm("theirs", lambda _: machine.work(1)),
        Arm("again", lambda _: machine.work(1)),
    ]
    found = compare("known", "s", arms, 40)
    assert found.ratio.low <= known <= found.ratio.high
    assert found.ratio.median == pytest.approx(known, rel=0.02)
    assert found.same
    assert found.same.low <= 1 <= found.same.high


def test_a_difference_that_is_there_is_not_taken_for_noise() -> None:
    machine = Machine(8)
    found = compare("known", "s", [Arm("a", lambda _: machine.work(1.1)), Arm("b", lambda _: machine.work(1))], 40)
    assert found.ratio.low > 1


@pytest.mark.parametrize("pairs", [12, 40])
def test_the_peer_by_itself_comes_from_its_own_rounds_where_it_has_no_second_arm(pairs: int) -> None:
    slower = iter(range(1, 1000))
    found = compare(
        "drift", "s", [Arm("a", lambda _: float(next(slower))), Arm("b", lambda _: float(next(slower)))], pairs
    )
    assert found.same
    assert found.same.count == pairs // 2
    assert found.same.low <= 1 <= found.same.high


def test_two_arms_make_abba_blocks_that_begin_with_either() -> None:
    assert rounds(2, 12)[:4] == [(0, 1), (1, 0), (1, 0), (0, 1)]


@pytest.mark.parametrize("arms", [2, 3, 4])
def test_every_block_is_mirrored_and_every_arm_is_everywhere_alike(arms: int) -> None:
    order = rounds(arms, 2 * arms * 6)
    for first, second in zip(order[::2], order[1::2], strict=True):
        assert second == first[::-1]
        assert sorted(first) == list(range(arms))
    for place in range(arms):
        assert len({sum(found[place] == arm for found in order) for arm in range(arms)}) == 1


@pytest.mark.parametrize("pairs", [0, 10, 13])
def test_too_few_or_odd_pairs_are_refused(pairs: int) -> None:
    with pytest.raises(ValueError, match="an even number from 12 up"):
        rounds(2, pairs)


def test_each_arm_runs_once_a_round_after_its_warm_up() -> None:
    seen: dict[str, list[int]] = {"a": [], "b": []}

    def run(name: str, number: int) -> float:
        seen[name].append(number)
        return 1.0

    steps: list[int] = []
    compare(
        "x",
        "s",
        [Arm("a", lambda number: run("a", number)), Arm("b", lambda number: run("b", number))],
        12,
        on_round=lambda: steps.append(1),
    )
    assert seen == {"a": [-1, *range(12)], "b": [-1, *range(12)]}
    assert len(steps) == 12
