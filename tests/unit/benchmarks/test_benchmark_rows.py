"""What the benchmarks send: like the farm, the same in each run, and as PostgreSQL reads it."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely

from benchmarks import farm, rows


@pytest.fixture(scope="module")
def shapes() -> farm.Farm:
    return farm.Farm.make()


def test_shapes_are_like_the_farms(shapes: farm.Farm) -> None:
    # 45,788 vertices of 413 features.
    assert shapes.mean_vertices == pytest.approx(45788 / 413, rel=0.1)
    assert len(shapes.shapes) == 413
    assert max(len(shape) for shape in shapes.shapes) > 2000
    assert np.median([len(shape) for shape in shapes.shapes]) == pytest.approx(36, abs=2)


def test_every_geometry_is_a_valid_multipolygon_of_its_own(shapes: farm.Farm) -> None:
    made = shapely.from_wkb([shapes.geometry(number) for number in range(900)])
    assert set(shapely.get_type_id(made)) == {shapely.GeometryType.MULTIPOLYGON}
    assert set(shapely.get_srid(made)) == {4326}
    assert shapely.is_valid(made).all()
    assert not shapely.STRtree(made).query(made, predicate="overlaps").size


def test_the_same_numbers_give_the_same_bytes(shapes: farm.Farm) -> None:
    assert farm.Farm.make().geometry(17) == shapes.geometry(17)
    assert list(farm.entries(5000, 50)) == list(farm.entries(5000, 50))


def test_words_are_as_common_as_they_should_be() -> None:
    names = [name.split() for name, _, _ in farm.entries(1, 20_000)]
    for word in ("cerca", "curral", "jatobá"):
        assert sum(word in name for name in names) == pytest.approx(20_000 * farm.WORDS[word], rel=0.5)
    assert all(name and kind for name, _, kind in farm.entries(1, 100))


def source(shapes: farm.Farm, *, ordered: bool) -> rows.Source:
    return rows.Source(shapes, list(range(1, 51)), 20, 10, ordered)


def test_times_in_order_grow_through_all_rounds_of_the_ten_years(shapes: farm.Farm) -> None:
    made = source(shapes, ordered=True)
    times = [row.created_at for number in range(-1, 10) for row in made.round(number)]
    assert times == sorted(set(times))
    assert times[0] == datetime(2026, 1, 1, tzinfo=UTC)
    assert {time.year for time in times} == set(range(2026, 2036))


def test_random_times_lie_anywhere_in_the_ten_years(shapes: farm.Farm) -> None:
    made = source(shapes, ordered=False)
    times = [row.created_at for number in range(10) for row in made.round(number)]
    assert {time.year for time in times} == set(range(2026, 2036))
    assert times != sorted(times)


@pytest.mark.parametrize("ordered", [True, False])
def test_every_arm_of_a_round_gets_the_same_rows(shapes: farm.Farm, *, ordered: bool) -> None:
    made = source(shapes, ordered=ordered)
    first = made.round(3)
    assert made.round(4) != first
    assert made.round(3) == first
    assert [row.entry for row in first] == [31 + at if 31 + at <= 50 else at - 19 for at in range(50, 70)]


def test_rows_of_a_year_stay_in_it(shapes: farm.Farm) -> None:
    made = rows.of_year(source(shapes, ordered=False), 2051)
    assert {row.created_at.year for row in made.round(0)} == {2051}


def test_binary_copy_is_what_the_protocol_says(shapes: farm.Farm) -> None:
    batch = source(shapes, ordered=False).round(0)[:2]
    data = rows.binary_copy(batch)
    assert data[:19] == b"PGCOPY\n\xff\r\n\0" + bytes(8)
    at = 19
    for row in batch:
        fields = []
        (count,) = struct.unpack_from(">h", data, at)
        at += 2
        for _ in range(count):
            (size,) = struct.unpack_from(">i", data, at)
            fields.append(data[at + 4 : at + 4 + size])
            at += 4 + size
        entry, geometry, valid, created = fields
        assert int.from_bytes(entry) == row.entry
        assert geometry == row.geometry
        assert valid == b"\x01"
        assert datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=int.from_bytes(created)) == row.created_at
    assert data[at:] == b"\xff\xff"
