"""Numbers and times as the pages write them, by the very module that they load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

NBSP = "\u00a0"


@pytest.fixture
def page_with_modules(page: Page) -> Page:
    """Any page of the app: its modules can be loaded from there."""
    page.goto("/status")
    return page


def call(page: Page, module: str, name: str, *arguments: object) -> Any:
    """What a function of a module gives."""
    script = "([module, name, given]) => import(`/static/status/${module}.js`).then((found) => found[name](...given))"
    return page.evaluate(script, [module, name, list(arguments)])


def kpi(value: float | None, target: float, unit: str, better: str) -> dict[str, object]:
    return {"value": value, "target": target, "unit": unit, "better": better}


def test_values_are_brazilian_and_stay_on_their_side_of_the_target(page_with_modules: Page) -> None:
    for value, target, unit, better, shown in (
        (0.01234, 0.5, "s", "lower", "12,3 ms"),
        (4.5678, 5, "s", "lower", "4,57 s"),
        (0.49999, 0.5, "s", "lower", "499,99 ms"),
        (0.5, 0.5, "s", "lower", "500 ms"),
        (0.9996, 1, "ratio", "higher", "99,96 %"),
        (1, 1, "ratio", "higher", "100 %"),
        (0.00042, 0.001, "ratio", "lower", "0,042 %"),
        (0, 0.001, "ratio", "lower", "0 %"),
        (211.4, 211.5, "items/s", "higher", "211 feições/s"),
        (12345.6, 211.5, "items/s", "higher", "12.346 feições/s"),
        (None, 1, "ratio", "lower", "—"),
    ):
        written = call(page_with_modules, "format", "value", kpi(value, target, unit, better))
        assert written.replace(NBSP, " ") == shown
    assert call(page_with_modules, "format", "target", kpi(0, 0.9, "ratio", "higher")) == f"pelo menos 90{NBSP}%"
    assert call(page_with_modules, "format", "target", kpi(0, 0.1, "s", "lower")) == f"menor que 100{NBSP}ms"
    assert call(page_with_modules, "format", "bytes", 3_198_156) == f"3,2{NBSP}MB"
    assert call(page_with_modules, "format", "bytes", 8192, {"sign": True}) == f"+8,19{NBSP}kB"
    assert call(page_with_modules, "format", "counted", 1, "alerta", "alertas") == "1 alerta"


def test_axes_have_round_numbers_and_hold_everything(page_with_modules: Page) -> None:
    ticks = call(page_with_modules, "chart", "ticks", 0, 0.56)
    assert ticks == pytest.approx([0, 0.2, 0.4])
    for values, target, unit, better in (
        ([0.01, 0.02], 0.5, "s", "lower"),
        ([0.7], 0.5, "s", "lower"),
        ([0.99, 1], 0.9, "ratio", "higher"),
        ([1, 1], 1, "ratio", "higher"),
        ([], 0.1, "s", "lower"),
        ([0, 900], 211.5, "items/s", "higher"),
    ):
        low, high = call(page_with_modules, "chart", "range", kpi(None, target, unit, better), values)
        assert low < high
        assert all(low <= value <= high for value in [*values, target])
        assert call(page_with_modules, "chart", "ticks", low, high)


def test_a_gap_is_no_line(page_with_modules: Page) -> None:
    points = [[0, 1.0], [30, 2.0], [90, 3.0], [120, 4.0]]
    assert call(page_with_modules, "chart", "runs", points, 30) == [points[:2], points[2:]]
