"""PromQL taken apart, with Grafana's variables in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import promql_parser
from promql_parser import Call, Expr, MatchOp, MatrixSelector, VectorSelector

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE_INTERVAL: Final = promql_parser.parse_duration("8869990s")
"""Stands for `$__rate_interval` in a query that was taken apart: nobody would type it."""

_VALUES: Final = {"__rate_interval": "8869990s", "__interval": "15s", "__interval_ms": "15000", "__range": "1h"}
_VARIABLE: Final = re.compile(r"\$\{?(\w+)(?::\w+)?\}?")


def parse(expr: str) -> Expr:
    """The query's parts. Variables within quotes stay as they are, as Grafana's linter leaves them.

    Raises:
        ValueError: it is no PromQL.
    """
    parts = expr.split('"')
    parts[::2] = [_VARIABLE.sub(lambda found: _VALUES.get(found[1], found[1]), part) for part in parts[::2]]
    parsed: Expr = promql_parser.parse('"'.join(parts))
    return parsed


def nodes(expr: str) -> Iterator[tuple[Expr, tuple[Expr, ...]]]:
    """Every part of a query with those that it is within, the nearest last."""
    found: list[tuple[Expr, tuple[Expr, ...]]] = []
    above: list[Expr] = []

    def enter(node: Expr) -> None:
        found.append((node, tuple(above)))
        above.append(node)

    def leave(_: Expr) -> None:
        above.pop()

    promql_parser.walk(parse(expr), enter, leave)
    yield from found


def selectors(expr: str) -> Iterator[tuple[VectorSelector, tuple[Expr, ...]]]:
    """What a query selects, with what that is within; a range counts as within itself."""
    for node, above in nodes(expr):
        if isinstance(node, MatrixSelector):
            yield node.vector_selector, (*above, node)
        elif isinstance(node, VectorSelector) and not (above and isinstance(above[-1], MatrixSelector)):
            yield node, above


def function_of(above: tuple[Expr, ...]) -> str | None:
    """The function whose argument something is at once, None where it is that of none."""
    return above[-1].func.name if above and isinstance(above[-1], Call) else None


def has(selector: VectorSelector, label: str, value: str) -> bool:
    """Whether a selector compares `label` with the regular expression `value`."""
    return any(
        matcher.name == label and matcher.op == MatchOp.Re and matcher.value == value
        for matcher in selector.matchers.matchers
    )
