"""Draws the declared graph as SVG: a lane for each component, from left to right what needs what."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BOX: Final = (176, 34)
_STEP: Final = (236, 46)
_LEFT: Final = 140
_MARGIN: Final = 14
_HEADING: Final = 44
_ABOVE: Final = 8
_COLOURS: Final = {"container": "#dbeafe", "database": "#dcfce7"}


@dataclass(frozen=True)
class Node:
    """One box: `lane` names its component, `kind` its colour, `needs` the ids of the boxes that it waits for."""

    id: str
    label: str
    lane: str
    kind: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Placed:
    """A node and where it is: its column and its line, both from 0."""

    node: Node
    column: int
    line: int

    @property
    def left(self) -> int:
        """X of its left edge."""
        return _LEFT + self.column * _STEP[0]

    @property
    def middle(self) -> int:
        """Y of its middle."""
        return _HEADING + _ABOVE + self.line * _STEP[1] + _BOX[1] // 2


def columns(nodes: Sequence[Node]) -> dict[str, int]:
    """Id → the length of the longest way to it: everything stands to the right of what it needs."""
    by_id = {node.id: node for node in nodes}
    found: dict[str, int] = {}

    def column(node: Node) -> int:
        if node.id not in found:
            found[node.id] = 1 + max((column(by_id[one]) for one in node.needs), default=-1)
        return found[node.id]

    for node in nodes:
        column(node)
    return found


def direct(nodes: Sequence[Node]) -> list[tuple[str, str]]:
    """The arrows that say something: not those that a way over other boxes says already."""
    needs = {node.id: node.needs for node in nodes}

    def behind(one: str) -> set[str]:
        return {one}.union(*(behind(other) for other in needs[one]))

    return [
        (one, node.id)
        for node in nodes
        for one in node.needs
        if not any(one in behind(other) for other in node.needs if other != one)
    ]


def draw(lanes: Sequence[str], nodes: Sequence[Node], title: str) -> str:
    """The whole picture; the same for the same graph."""
    placed, heights = _place(lanes, nodes)
    width = max(one.left for one in placed.values()) + _BOX[0] + _MARGIN
    total = sum(heights)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEADING + total * _STEP[1] + _MARGIN}" '
            'font-family="Helvetica, Arial, sans-serif" font-size="13" role="img">'
        ),
        f"<title>{escape(title)}</title>",
        (
            '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
            '<path d="M0,0 L8,4 L0,8 z" fill="#475569"/></marker></defs>'
        ),
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{_MARGIN}" y="27" font-size="16" font-weight="bold">{escape(title)}</text>',
    ]
    first = 0
    for lane, height in zip(lanes, heights, strict=True):
        top = _HEADING + first * _STEP[1] + 3
        parts += [
            (
                f'<rect x="{_MARGIN // 2}" y="{top}" width="{width - _MARGIN}" height="{height * _STEP[1] - 2}" '
                'fill="#f8fafc" stroke="#cbd5e1"/>'
            ),
            f'<text x="{_MARGIN}" y="{top + 24}" font-weight="bold">{escape(lane)}</text>',
        ]
        first += height
    parts += [_arrow(placed[one], placed[other]) for one, other in direct(nodes)]
    parts += [_box(one) for one in placed.values()]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _place(lanes: Sequence[str], nodes: Sequence[Node]) -> tuple[dict[str, Placed], list[int]]:
    """Where each box stands, and how many lines each lane has."""
    column = columns(nodes)
    last = max(column.values(), default=0)
    placed: dict[str, Placed] = {}
    heights: list[int] = []
    for lane in lanes:
        own = [node for node in nodes if node.lane == lane]
        # Boxes that wait for nothing and that nothing waits for are spread over the columns, line by line.
        spread = _alone(own, nodes)
        taken = dict.fromkeys(range(last + 1), 0)
        for node in own:
            at = min(taken, key=lambda one: (taken[one], one)) if spread else column[node.id]
            placed[node.id] = Placed(node, at, sum(heights) + taken[at])
            taken[at] += 1
        heights.append(max(1, *taken.values()))
    return placed, heights


def _alone(own: Iterable[Node], nodes: Iterable[Node]) -> bool:
    needed = {one for node in nodes for one in node.needs}
    return all(not node.needs and node.id not in needed for node in own)


def _box(one: Placed) -> str:
    top = one.middle - _BOX[1] // 2
    return (
        f'<rect x="{one.left}" y="{top}" width="{_BOX[0]}" height="{_BOX[1]}" rx="5" '
        f'fill="{_COLOURS[one.node.kind]}" stroke="#475569"/>'
        f'<text x="{one.left + _BOX[0] // 2}" y="{one.middle + 5}" text-anchor="middle">{escape(one.node.label)}</text>'
    )


def _arrow(start: Placed, end: Placed) -> str:
    right = start.left + _BOX[0]
    bend = (_STEP[0] - _BOX[0]) // 2
    return (
        f'<path d="M{right},{start.middle} C{right + bend},{start.middle} {end.left - bend},{end.middle} '
        f'{end.left},{end.middle}" fill="none" stroke="#475569" marker-end="url(#tip)"/>'
    )
