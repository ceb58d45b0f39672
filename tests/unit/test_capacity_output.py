"""What people see of a capacity plan: figures, chart, page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from ops.capacity import chart
from ops.capacity.model import project_all
from ops.capacity.report import percent, size
from tests.unit.test_capacity import SIZES

GROWTH = {"low": 0.0, "expected": 0.2, "high": 0.5}
_SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1.00 KiB"),
        (1536, "1.50 KiB"),
        (10_239, "10.0 KiB"),
        (102_400, "100 KiB"),
        (1024**2 - 1, "1.00 MiB"),
        (5 * 1024**4, "5.00 TiB"),
        (5000 * 1024**5, "5,000 PiB"),
    ],
)
def test_sizes_have_three_figures(count: int, shown: str) -> None:
    assert size(count) == shown


@pytest.mark.parametrize(
    ("share", "shown"), [(None, "-"), (0.2, "+20 %"), (-0.0, "+0 %"), (-0.00001, "+0 %"), (0.1234, "+12.3 %")]
)
def test_shares_are_percent(share: float | None, shown: str) -> None:
    assert percent(share, sign=True) == shown


def drawn(rows_per_year: float) -> ET.Element:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    plan = project_all(SIZES, rows_per_year, GROWTH, wal_per_row=1, now=now, last_year=2035)
    text = chart.draw(plan, GROWTH, "from <here>")
    assert "from &lt;here&gt;" in text
    return ET.fromstring(text)  # noqa: S314 - our own text


@pytest.mark.parametrize("rate", [1, 100, 1e9])
def test_the_chart_stays_inside_its_frame_and_its_labels_apart(rate: float) -> None:
    root = drawn(rate)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    points = [
        tuple(map(float, pair.split(",")))
        for line in root.iter(f"{_SVG}polyline")
        for pair in line.attrib["points"].split()
    ]
    assert len(points) == 3 * 10
    assert all(0 < left < width and 0 < top < height for left, top in points)
    labels = [item for item in root.iter(f"{_SVG}text") if item.attrib.get("class") == "name"]
    heights = sorted(float(label.attrib["y"]) for label in labels)
    assert len(heights) == 3
    assert all(below - above >= 37 for above, below in pairwise(heights))
    assert heights[0] > 0


def test_larger_is_higher() -> None:
    lines = [line.attrib["points"].split() for line in drawn(100).iter(f"{_SVG}polyline")]
    ends = [float(points[-1].split(",")[1]) for points in lines]
    assert ends == sorted(ends, reverse=True), "low, expected, high: each above the one before"


def test_the_axis_goes_past_the_largest_and_is_labelled_in_round_numbers() -> None:
    labels = [item.text for item in drawn(100).iter(f"{_SVG}text") if item.attrib.get("text-anchor") == "end"]
    assert labels[0] == "0"
    assert all(re.fullmatch(r"[1-9][\d,.]* [KMG]iB", str(label)) for label in labels[1:]), labels


def test_the_chart_refers_to_nothing_outside_and_knows_dark_mode() -> None:
    text = ET.tostring(drawn(100), encoding="unicode")
    assert "href" not in text
    assert "url(" not in text
    assert "prefers-color-scheme: dark" in text
