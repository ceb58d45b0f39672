"""CQL2 filters as conditions of a query.

The JSON form of a filter is walked once; each operator stands in a table here, property names are looked up among the
columns, and every literal becomes a value beside the text. What is in no table is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.mapa import cql2_space, cql2_time
from app.mapa.errors import FilterError
from app.mapa.view import GEOMETRY, QUERYABLES, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.mapa.conditions import Values

MAX_DEPTH = 16
MAX_NODES = 1000
_BIGINT = 2**63

Type = Literal["boolean", "number", "text", "instant", "day"]

_COMPARISONS = {"=": "=", "<>": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_LOGICAL = {"and": " AND ", "or": " OR "}
# Functions of the Postgres schema; both take and give text.
_FOLDS = {"casei": "lower", "accenti": "unaccent"}
_TYPES: Mapping[str, Type] = {"integer": "number", "text": "text", "boolean": "boolean", "instant": "instant"}


@dataclass(frozen=True, slots=True)
class _Operand:
    """A part of a condition; `literal` is the text of a literal, which may still be read as a time."""

    text: str
    type: Type
    literal: str | None = None


def condition(filter_json: object, values: Values) -> str:
    """Return a CQL2 filter as a condition; its literals are added to the values. Raises FilterError."""
    walk = _Walk(values)
    return walk.boolean(filter_json, 0)


class _Walk:
    def __init__(self, values: Values) -> None:
        self._values = values
        self._nodes = 0

    def boolean(self, node: object, depth: int) -> str:
        """Return what is true or false."""
        if isinstance(node, dict) and "op" in node:
            self._count(depth)
            op, args = _operation(node)
            if (build := self._builder(op)) is not None:
                return f"({build(op, args, depth + 1)})"
            raise FilterError(f"the operator {op!r} is not supported")
        found = self._scalar(node, depth)
        if found.type != "boolean":
            raise FilterError(f"{_shown(node)} is neither true nor false")
        return found.text

    def _builder(self, op: str) -> Callable[[str, list[object], int], str] | None:
        if op in _LOGICAL:
            return self._logical
        if op in _COMPARISONS:
            return self._comparison
        if op in cql2_space.RELATIONS:
            return self._relation
        if op in cql2_time.RELATIONS:
            return self._times
        named: dict[str, Callable[[str, list[object], int], str]] = {
            "not": self._not,
            "like": self._like,
            "between": self._between,
            "in": self._in,
            "isnull": self._is_null,
        }
        return named.get(op)

    def _logical(self, op: str, args: list[object], depth: int) -> str:
        _expect(op, args, 2, None)
        return _LOGICAL[op].join(self.boolean(arg, depth) for arg in args)

    def _not(self, op: str, args: list[object], depth: int) -> str:
        _expect(op, args, 1)
        return f"NOT {self.boolean(args[0], depth)}"

    def _comparison(self, op: str, args: list[object], depth: int) -> str:
        _expect(op, args, 2)
        left, right = self._same([self._scalar(arg, depth) for arg in args])
        return f"{left} {_COMPARISONS[op]} {right}"

    def _like(self, op: str, args: list[object], depth: int) -> str:
        _expect(op, args, 2)
        left, right = (self._scalar(arg, depth) for arg in args)
        if left.type != "text" or right.type != "text":
            raise FilterError("LIKE takes texts")
        return f"{left.text} LIKE {right.text}"

    def _between(self, op: str, args: list[object], depth: int) -> str:
        _expect(op, args, 3)
        value, low, high = self._same([self._scalar(arg, depth) for arg in args])
        return f"{value} BETWEEN {low} AND {high}"

    def _in(self, op: str, args: list[object], depth: int) -> str:
        _expect(op, args, 2)
        items = args[1]
        if not isinstance(items, list) or not items:
            raise FilterError("IN takes a list of values")
        value, *others = self._same([self._scalar(arg, depth) for arg in (args[0], *items)])
        return f"{value} IN ({', '.join(others)})"

    def _is_null(self, op: str, args: list[object], depth: int) -> str:
        _expect(op, args, 1)
        if _property(args[0]) == GEOMETRY:
            return f"{GEOMETRY} IS NULL"
        return f"{self._scalar(args[0], depth).text} IS NULL"

    def _relation(self, op: str, args: list[object], depth: int) -> str:
        _expect(op, args, 2)
        self._count(depth)
        places = [_property(arg) == GEOMETRY for arg in args]
        if sum(places) != 1:
            raise FilterError(f"{op.upper()} takes the property {GEOMETRY} and one geometry")
        return cql2_space.relation(op, args[places.index(False)], self._values, swapped=places[1])

    def _times(self, op: str, args: list[object], depth: int) -> str:
        _expect(op, args, 2)
        self._count(depth)
        return cql2_time.relation(op, args[0], args[1], self._values)

    def _scalar(self, node: object, depth: int) -> _Operand:
        self._count(depth)
        if isinstance(node, dict):
            return self._named(node, depth)
        if isinstance(node, bool):
            return _Operand(self._values.add(node, "boolean"), "boolean")
        if isinstance(node, int | float):
            return self._number(node)
        if isinstance(node, str):
            return _Operand(self._values.add(cql2_time.storable(node), "text"), "text", node)
        raise FilterError(f"{_shown(node)} is no value to compare")

    def _named(self, node: dict[str, Any], depth: int) -> _Operand:
        if (name := _property(node)) is not None:
            column = _column(name)
            return _Operand(column.name, _TYPES[column.kind])
        if "timestamp" in node:
            return _Operand(self._values.add(cql2_time.instant_of(node), "timestamptz"), "instant")
        if "date" in node:
            return _Operand(self._values.add(cql2_time.day_of(node), "date"), "day")
        op, args = _operation(node)
        if op in _FOLDS:
            _expect(op, args, 1)
            inner = self._scalar(args[0], depth + 1)
            if inner.type != "text":
                raise FilterError(f"{op.upper()} takes a text")
            return _Operand(f"{_FOLDS[op]}({inner.text})", "text")
        if op == "*" and len(args) == 2 and args[0] == -1 and isinstance(args[1], int | float):  # noqa: PLR2004
            return self._number(-args[1])  # how a parser may tell a number below zero
        raise FilterError(f"the function {op!r} is not supported")

    def _number(self, value: float) -> _Operand:
        # A whole number is compared as one, so that an index on it is of use.
        if abs(value) < _BIGINT and value == int(value):
            return _Operand(self._values.add(int(value), "bigint"), "number")
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
        if not math.isfinite(found):
            raise FilterError("a number is out of range")
        return _Operand(self._values.add(found, "double precision"), "number")

    def _same(self, operands: list[_Operand]) -> list[str]:
        """Return the operands as texts of one type: a text beside a time is read as a time."""
        if any(operand.type == "instant" for operand in operands):
            operands = [self._as_time(operand) for operand in operands]
        types = {operand.type for operand in operands}
        if types == {"instant", "day"}:
            return [
                f"({operand.text} AT TIME ZONE 'UTC')::date" if operand.type == "instant" else operand.text
                for operand in operands
            ]
        if len(types) != 1:
            raise FilterError(f"{' and '.join(sorted(types))} cannot be compared")
        return [operand.text for operand in operands]

    def _as_time(self, operand: _Operand) -> _Operand:
        if operand.literal is None:
            return operand
        if cql2_time.is_day(operand.literal):
            return _Operand(self._values.add(cql2_time.day_of({"date": operand.literal}), "date"), "day")
        return _Operand(
            self._values.add(cql2_time.instant_of({"timestamp": operand.literal}), "timestamptz"), "instant"
        )

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise FilterError(f"it is too large: {MAX_DEPTH} levels and {MAX_NODES} parts are allowed")


def _operation(node: dict[str, Any]) -> tuple[str, list[object]]:
    op, args = node.get("op"), node.get("args")
    if not isinstance(op, str) or not isinstance(args, list):
        raise FilterError(f"{_shown(node)} is no operation, property or literal")
    return op.lower(), args


def _property(node: object) -> str | None:
    name = node.get("property") if isinstance(node, dict) else None
    return name if isinstance(name, str) else None


def _column(name: str) -> Column:
    column = QUERYABLES.get(name)
    if column is None:
        raise FilterError(f"{name[:60]!r} is no property to filter by; see queryables")
    return column


def _expect(op: str, args: list[object], least: int, most: int | None = -1) -> None:
    most = least if most == -1 else most
    if len(args) < least or (most is not None and len(args) > most):
        raise FilterError(f"{op.upper()} takes {least} arguments, not {len(args)}")


def _shown(node: object) -> str:
    # Not by its text: a node may be as deep as it likes.
    if isinstance(node, dict):
        return "an object"
    return "a list" if isinstance(node, list) else repr(node)[:60]
