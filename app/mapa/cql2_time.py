"""CQL2's times: literals, and the relations between two instants or intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from app.mapa import times
from app.mapa.errors import FilterError
from app.mapa.view import QUERYABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from app.mapa.conditions import Values

T = TypeVar("T")

# a and b begin at a0 and b0, and end at a1 and b1; for an instant both are the same.
RELATIONS = {
    "t_after": "{a0} > {b1}",
    "t_before": "{a1} < {b0}",
    "t_contains": "{a0} < {b0} AND {a1} > {b1}",
    "t_disjoint": "({a1} < {b0} OR {a0} > {b1})",
    "t_during": "{a0} > {b0} AND {a1} < {b1}",
    "t_equals": "{a0} = {b0} AND {a1} = {b1}",
    "t_finishedby": "{a0} < {b0} AND {a1} = {b1}",
    "t_finishes": "{a0} > {b0} AND {a1} = {b1}",
    "t_intersects": "{a0} <= {b1} AND {a1} >= {b0}",
    "t_meets": "{a1} = {b0}",
    "t_metby": "{a0} = {b1}",
    "t_overlappedby": "{a0} > {b0} AND {a0} < {b1} AND {a1} > {b1}",
    "t_overlaps": "{a0} < {b0} AND {a1} > {b0} AND {a1} < {b1}",
    "t_startedby": "{a0} = {b0} AND {a1} > {b1}",
    "t_starts": "{a0} = {b0} AND {a1} < {b1}",
}
_ENDS = 2
_NEVER = {0: "'-infinity'::timestamptz", 1: "'infinity'::timestamptz"}


def relation(op: str, left: object, right: object, values: Values) -> str:
    """Tell whether the relation holds; raises FilterError."""
    (a0, a1), (b0, b1) = _ends(left, values), _ends(right, values)
    return RELATIONS[op].format(a0=a0, a1=a1, b0=b0, b1=b1)


def storable(text: str) -> str:
    """Return a text that Postgres can hold; raises FilterError."""
    if "\x00" in text:
        raise FilterError("a text contains the character U+0000")
    return text


def is_day(text: str) -> bool:
    """Say whether a text is written like a day and not like an instant."""
    return "T" not in text.upper()


def instant_of(node: dict[str, Any]) -> datetime:
    """Return the instant of a `timestamp` literal; raises FilterError."""
    return _read(times.instant, node["timestamp"])


def day_of(node: dict[str, Any]) -> date:
    """Return the day of a `date` literal; raises FilterError."""
    return _read(times.calendar_day, node["date"])


def _read(read: Callable[[str], T], text: object) -> T:
    if not isinstance(text, str):
        raise FilterError("a time is no text")
    try:
        return read(text)
    except ValueError as error:
        raise FilterError(str(error)) from None


def _ends(node: object, values: Values) -> tuple[str, str]:
    if isinstance(node, dict) and isinstance(ends := node.get("interval"), list):
        if len(ends) != _ENDS:
            raise FilterError("an interval has two ends")
        return _end(ends[0], 0, values), _end(ends[1], 1, values)
    return _end(node, 0, values), _end(node, 1, values)


def _end(node: object, which: int, values: Values) -> str:
    if node == "..":
        return _NEVER[which]
    if isinstance(node, dict) and isinstance(name := node.get("property"), str):
        column = QUERYABLES.get(name)
        if column is None or column.kind != "instant":
            raise FilterError(f"{name[:60]!r} is no time")
        return column.name
    if isinstance(node, dict) and "timestamp" in node:
        return values.add(instant_of(node), "timestamptz")
    text = node.get("date") if isinstance(node, dict) else node
    if not isinstance(text, str):
        raise FilterError("a time is missing: TIMESTAMP('…'), DATE('…'), INTERVAL('…','…') or a property")
    found = _read(times.moment, text)
    return values.add((found.start, found.end)[which], "timestamptz")
