"""The plan as a picture: total size by scenario and year, an SVG that refers to nothing outside itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from ops.capacity.report import percent, size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.capacity.model import PlanYear

_WIDTH, _HEIGHT = 880, 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 204, 84, 52
_TICKS = 5
_LABEL_GAP = 38
_STYLES = ("low", "expected", "high")
_ACCESSIBLE = 'role="img" aria-labelledby="title summary"'
_STYLE = """
text { font: 14px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 } .soft { fill: #59636e } .name { font-weight: 600 }
.panel { fill: #ffffff; stroke: #d1d9e0 } .grid { stroke: #d1d9e0; stroke-width: 1 } .axis { stroke: #818b98 }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round } .band { fill: #0969da; opacity: .1 }
.low { stroke: #1a7f37 } .expected { stroke: #0969da } .high { stroke: #bc4c00 }
.dot.low { fill: #1a7f37 } .dot.expected { fill: #0969da } .dot.high { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .soft { fill: #9198a1 } .panel { fill: #0d1117; stroke: #3d444d } .grid { stroke: #3d444d }
.axis { stroke: #9198a1 } .band { fill: #4493f8; opacity: .16 }
.low { stroke: #3fb950 } .expected { stroke: #4493f8 } .high { stroke: #f0883e }
.dot.low { fill: #3fb950 } .dot.expected { fill: #4493f8 } .dot.high { fill: #f0883e }
}
"""


def draw(plan: Mapping[str, Sequence[PlanYear]], growth: Mapping[str, float], subtitle: str) -> str:
    """The picture's text. `plan` is by scenario, all over the same years, in the order low, expected, high.

    `growth` is each scenario's yearly growth; `subtitle` stands below the title.
    """
    years = [entry.year for entry in next(iter(plan.values()))]
    highest = max(entry.total for entries in plan.values() for entry in entries)
    step = _step(highest)
    top = math.ceil(highest / step) * step

    def x(number: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (number / max(len(years) - 1, 1))

    def y(count: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - count / top)

    lines = {name: [(x(i), y(entry.total)) for i, entry in enumerate(entries)] for name, entries in plan.items()}
    title = f"Size on disk at the end of each year, {years[0]} to {years[-1]}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_ACCESSIBLE}>',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="summary">{escape(_summary(plan))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="panel" x=".5" y=".5" width="{_WIDTH - 1}" height="{_HEIGHT - 1}" rx="8"/>',
        f'<text class="title" x="24" y="34">{escape(title)}</text>',
        f'<text class="soft" x="24" y="56">{escape(subtitle)}</text>',
    ]
    for number in range(round(top / step) + 1):
        height = y(number * step)
        kind = "axis" if number == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{height:.1f}" y2="{height:.1f}"/>')
        label = _round(number * step)
        parts.append(f'<text class="soft" x="{_LEFT - 10}" y="{height + 5:.1f}" text-anchor="end">{label}</text>')
    for number, year in enumerate(years):
        place = f'x="{x(number):.1f}" y="{_HEIGHT - _BOTTOM + 24}"'
        parts.append(f'<text class="soft" {place} text-anchor="middle">{year}</text>')
    edges = list(lines.values())
    parts.append(f'<polygon class="band" points="{_points([*edges[0], *edges[-1][::-1]])}"/>')
    for points, style in zip(lines.values(), _STYLES, strict=True):
        parts.append(f'<polyline class="line {style}" points="{_points(points)}"/>')
        parts += [f'<circle class="dot {style}" cx="{left:.1f}" cy="{high:.1f}" r="3"/>' for left, high in points]
    parts += _labels(plan, growth, {name: points[-1] for name, points in lines.items()})
    return "\n".join([*parts, "</svg>"]) + "\n"


def _labels(
    plan: Mapping[str, Sequence[PlanYear]], growth: Mapping[str, float], ends: Mapping[str, tuple[float, float]]
) -> list[str]:
    """Two lines at the end of each curve, moved up where they would meet those below."""
    parts = []
    limit = _HEIGHT - _BOTTOM + 0.0
    for name in sorted(ends, key=lambda key: -ends[key][1]):
        left, height = ends[name]
        height = min(height, limit)
        limit = height - _LABEL_GAP
        place = f'x="{left + 12:.1f}" y="{height - 2:.1f}"'
        below = f'x="{left + 12:.1f}" y="{height + 15:.1f}"'
        parts += [
            f'<text class="name" {place}>{escape(name)}: {size(plan[name][-1].total)}</text>',
            f'<text class="soft" {below}>additions {percent(growth[name], sign=True)} a year</text>',
        ]
    return parts


def _round(count: int) -> str:
    number, unit = size(count).split()
    return f"{float(number.replace(',', '')):,g} {unit}" if count else "0"


def _summary(plan: Mapping[str, Sequence[PlanYear]]) -> str:
    last = next(iter(plan.values()))[-1].year
    ends = ", ".join(f"{name} {size(entries[-1].total)}" for name, entries in plan.items())
    return f"End of {last}: {ends}"


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{left:.1f},{height:.1f}" for left, height in points)


def _step(highest: int) -> int:
    """Distance of the grid's lines: 1, 2 or 5 times a power of ten of the unit that fits, five lines or a few more."""
    unit = 1024 ** int(math.log(max(highest, 2), 1024))
    wanted = highest / unit / _TICKS
    power: float = 10 ** math.floor(math.log10(wanted))
    factor = next(factor for factor in (1, 2, 5, 10) if factor * power >= wanted * 0.999)
    return max(int(factor * power * unit), 1)
