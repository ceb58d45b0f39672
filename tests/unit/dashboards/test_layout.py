"""Panels lie in Grafana's grid of 24 columns: nothing overlaps, no row has a hole, like stands beside like."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

import pytest

from dashboards import grafana
from dashboards.grafana.frame import widths

COLUMNS = 24
BOARDS = grafana.build()


def place(panel: dict[str, Any]) -> tuple[int, int, int, int]:
    at = panel["gridPos"]
    return at.get("x", 0), at.get("y", 0), at["w"], at["h"]


def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
    x, y, width, height = place(panel)
    return {(column, row) for column in range(x, x + width) for row in range(y, y + height)}


@pytest.fixture(params=BOARDS)
def board(request: pytest.FixtureRequest) -> dict[str, Any]:
    return BOARDS[request.param]


def test_every_cell_down_to_the_end_has_one_panel(board: dict[str, Any]) -> None:
    taken = [cell for panel in board["panels"] for cell in cells(panel)]
    assert len(taken) == len(set(taken)), "panels overlap"
    end = 1 + max(row for _, row in taken)
    assert set(taken) == {(column, row) for column in range(COLUMNS) for row in range(end)}


def test_panels_of_a_row_are_of_one_height_and_about_one_width(board: dict[str, Any]) -> None:
    for _, row in groupby(board["panels"], key=lambda panel: place(panel)[1]):
        sizes = [place(panel)[2:] for panel in row]
        assert len({height for _, height in sizes}) == 1
        assert max(width for width, _ in sizes) - min(width for width, _ in sizes) <= 1


def test_panels_stand_in_the_order_in_which_they_are_read(board: dict[str, Any]) -> None:
    spots = [(place(panel)[1], place(panel)[0]) for panel in board["panels"]]
    assert all(before < after for before, after in pairwise(spots))


def test_a_heading_stands_above_panels(board: dict[str, Any]) -> None:
    kinds = [panel["type"] for panel in board["panels"]]
    assert kinds[0] == "row"
    assert kinds[-1] != "row"
    assert ("row", "row") not in set(pairwise(kinds))


@pytest.mark.parametrize("count", range(1, 40))
@pytest.mark.parametrize("per_row", [4, 5, 6])
def test_any_number_of_tiles_fills_its_rows(count: int, per_row: int) -> None:
    found = widths(count, per_row)
    assert len(found) == count
    rows = [found[start : start + per_row] for start in range(0, count, per_row)]
    assert all(sum(row) == COLUMNS for row in rows)
