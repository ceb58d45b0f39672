"""The capacity plan's arithmetic: hand-computed cases, and what holds for every catalogue."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.capacity.growth import History, baseline
from ops.capacity.model import PAGE, Sizes, added, project, project_all
from ops.errors import OpsError

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 7, 2, 12, tzinfo=UTC)
"""Half of 2026 is over, to the second."""

SIZES = Sizes(
    rows=100,
    entries=50,
    partitions=11,
    filled=1,
    heap=100_000,
    maps=1_000,
    index=60_000,
    toast=41_000,
    empty_index=11_000,
    empty_toast=11_000,
    catalogue=30_000,
    empty_catalogue=5_000,
    files=0,
    geometry_error=0.0,
)


def test_bytes_of_one_more_row_leave_out_what_is_there_without_rows() -> None:
    assert SIZES.total == 232_000
    assert SIZES.heap_per_row == 1_000
    assert SIZES.index_per_row == 490
    assert SIZES.toast_per_row == 300
    assert SIZES.catalogue_per_entry == 500
    assert SIZES.per_row == 1_000 + 490 + 300 + 500 / 2


def test_the_interval_of_the_bytes_per_row() -> None:
    one_file = replace(SIZES, files=1)
    assert one_file.per_row_error == pytest.approx(PAGE / (100 * 2_040))
    skewed = replace(SIZES, geometry_error=0.1)
    assert skewed.per_row_error == pytest.approx(1.96 * 0.1 * 1_300 / 2_040)
    both = replace(SIZES, files=1, geometry_error=0.1)
    assert both.per_row_error == pytest.approx(one_file.per_row_error + skewed.per_row_error)


def test_a_plan_by_hand_without_growth() -> None:
    first, second = project(SIZES, 100, growth=0, wal_per_row=10, now=NEW_YEAR, last_year=2027)
    assert (first.year, first.starts_at, first.start_rows, first.start_total) == (2026, NEW_YEAR, 100, 232_000)
    assert (first.rows, first.wal) == (200, 1_000)
    assert first.heap == 200 * 1_000 + 1_000
    assert first.index == 200 * 490 + 11_000
    assert first.toast == 200 * 300 + 11_000
    assert first.catalogue == 100 * 500 + 5_000
    assert first.total == 436_000
    assert (second.year, second.start_rows, second.start_total) == (2027, 200, first.total)
    assert second.starts_at == datetime(2027, 1, 1, tzinfo=UTC)
    # One more partition, and maps of one more that holds rows.
    assert second.heap == 300 * 1_000 + 2_000
    assert second.index == 300 * 490 + 12_000
    assert second.toast == 300 * 300 + 12_000
    assert (second.rows, second.wal) == (300, 1_000)


def test_a_plan_by_hand_with_growth() -> None:
    years = project(SIZES, 1_000, growth=0.5, wal_per_row=10, now=NEW_YEAR, last_year=2028)
    assert [one.rows for one in years] == [100 + 1_500, 100 + 1_500 + 2_250, 100 + 1_500 + 2_250 + 3_375]
    assert [one.wal for one in years] == [15_000, 22_500, 33_750]


def test_half_a_year_brings_half_of_the_year_where_nothing_grows() -> None:
    first, second = project(SIZES, 100, growth=0, wal_per_row=10, now=NOW, last_year=2027)
    assert (first.rows, second.rows) == (150, 250)
    assert first.starts_at == NOW


def test_leap_years_are_years() -> None:
    years = project(SIZES, 100, growth=0, wal_per_row=1, now=NEW_YEAR, last_year=2035)
    assert [one.rows for one in years] == [200 + 100 * number for number in range(10)]


def test_the_margin_is_that_of_the_rows_to_come_and_of_the_files() -> None:
    sizes = replace(SIZES, files=2, geometry_error=0.1)
    (year,) = project(sizes, 100, growth=0, wal_per_row=1, now=NEW_YEAR, last_year=2026)
    assert year.margin == pytest.approx(2 * PAGE + sizes.per_row_error * 100 * 2_040, abs=1)


rates = st.floats(0.01, 1e6)
growths = st.floats(-0.9, 10)
counts = st.integers(0, 10**12)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
sizes_of = st.builds(
    Sizes,
    rows=st.integers(1, 10**8),
    entries=st.integers(0, 10**8),
    partitions=st.integers(1, 100),
    filled=st.integers(0, 100),
    heap=counts,
    maps=counts,
    index=counts,
    toast=counts,
    empty_index=counts,
    empty_toast=counts,
    catalogue=counts,
    empty_catalogue=counts,
    files=st.integers(0, 1000),
    geometry_error=st.floats(0, 2),
).filter(lambda sizes: sizes.per_row > 0)


@given(sizes_of, rates, growths, moments)
def test_sizes_never_shrink_and_years_join(sizes: Sizes, rate: float, growth: float, now: datetime) -> None:
    years = project(sizes, rate, growth=growth, wal_per_row=100, now=now, last_year=2035)
    assert [one.year for one in years] == list(range(2026, 2036))
    for before, after in pairwise(years):
        assert (after.start_rows, after.start_total) == (before.rows, before.total)
        assert after.rows >= before.rows
        assert after.total >= before.total
        assert after.margin >= before.margin
    for one in years:
        assert one.total == one.heap + one.index + one.toast + one.catalogue
        assert one.wal >= 0


@given(sizes_of, rates, growths, growths, moments)
def test_more_growth_is_never_less_room(sizes: Sizes, rate: float, one: float, other: float, now: datetime) -> None:
    plan = project_all(
        sizes, rate, {"low": min(one, other), "high": max(one, other)}, wal_per_row=1, now=now, last_year=2035
    )
    for low, high in zip(plan["low"], plan["high"], strict=True):
        assert low.rows <= high.rows
        assert low.total <= high.total


@given(rates, growths)
def test_each_year_brings_so_many_times_the_one_before(rate: float, growth: float) -> None:
    yearly = [added(rate, growth, n + 1) - added(rate, growth, n) for n in range(5)]
    assert yearly[0] == pytest.approx(rate * (1 + growth))
    for before, after in pairwise(yearly):
        assert after == pytest.approx(before * (1 + growth), rel=1e-6, abs=1e-9 * rate)


@given(rates, st.floats(-1e-9, 1e-9), st.floats(0, 10))
def test_hardly_any_growth_is_like_none(rate: float, growth: float, years: float) -> None:
    assert added(rate, growth, years) == pytest.approx(rate * years, rel=1e-6)


def history(days: float, *, window: int, first_day: int, arrivals: int) -> History:
    return History(
        now=NOW,
        rows=1_000,
        first=NOW - timedelta(days=days),
        first_day_rows=first_day,
        window_rows=window,
        window_days_with_rows=arrivals,
    )


def test_a_year_of_history_gives_its_last_year() -> None:
    found = baseline(history(400, window=300, first_day=500, arrivals=4))
    assert found.rows_per_year == 300
    assert found.measured
    assert found.relative_error == 0.5


def test_a_shorter_history_is_annualised_without_the_stock_it_opened_with() -> None:
    found = baseline(history(73, window=600, first_day=500, arrivals=5))
    assert found.rows_per_year == pytest.approx(100 * 365 / 73)
    assert found.relative_error == 0.5


def test_the_operator_overrules_the_history() -> None:
    found = baseline(history(400, window=300, first_day=500, arrivals=4), 413)
    assert (found.rows_per_year, found.measured, found.relative_error) == (413, False, None)


@pytest.mark.parametrize("days", [0, 29.9])
def test_too_short_a_history_is_refused(days: float) -> None:
    with pytest.raises(OpsError, match=r"go back \d+ days, and a yearly rate needs 30 or more: .*ROWS_PER_YEAR=1000"):
        baseline(history(days, window=1_000, first_day=1_000, arrivals=1))


@pytest.mark.parametrize(("days", "window", "first_day"), [(100, 500, 500), (400, 0, 500)])
def test_a_history_without_growth_is_refused(days: float, window: int, first_day: int) -> None:
    with pytest.raises(OpsError, match="no geometry was added in the last"):
        baseline(history(days, window=window, first_day=first_day, arrivals=1))


def test_geometries_of_the_future_alone_are_no_history() -> None:
    ahead = History(NOW, rows=5, first=None, first_day_rows=0, window_rows=0, window_days_with_rows=0)
    with pytest.raises(OpsError, match="go back 0 days"):
        baseline(ahead)


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf])
def test_a_rate_is_a_positive_number(wrong: float) -> None:
    with pytest.raises(OpsError, match="must be a number above 0"):
        baseline(history(400, window=300, first_day=500, arrivals=4), wrong)
