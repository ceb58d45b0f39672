"""Every dashboard keeps every rule of Grafana's dashboard-linter, and every rule is one that can be broken."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from dashboards import grafana
from tests.dashboard_queries import panels
from tests.unit.dashboards.linter import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    Board = dict[str, Any]

BOARDS = grafana.build()


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize("rule", RULES)
def test_dashboards_keep_the_rules(rule: str, name: str) -> None:
    assert list(RULES[rule](BOARDS[name])) == []


def variable(name: str, /, **change: Any) -> Callable[[Board], None]:
    def spoil(board: Board) -> None:
        (found,) = [one for one in board["templating"]["list"] if one["name"] == name]
        found.update(change)

    return spoil


def without(name: str) -> Callable[[Board], None]:
    def spoil(board: Board) -> None:
        board["templating"]["list"] = [one for one in board["templating"]["list"] if one["name"] != name]

    return spoil


def panel(**change: Any) -> Callable[[Board], None]:
    def spoil(board: Board) -> None:
        panels(board)[0].update(change)

    return spoil


def target(**change: Any) -> Callable[[Board], None]:
    def spoil(board: Board) -> None:
        panels(board)[0]["targets"][0].update(change)

    return spoil


def unit(value: str | None) -> Callable[[Board], None]:
    def spoil(board: Board) -> None:
        panels(board)[0]["fieldConfig"]["defaults"]["unit"] = value

    return spoil


def column(value: str) -> Callable[[Board], None]:
    def spoil(board: Board) -> None:
        panels(board)[0]["fieldConfig"]["overrides"] = [{"properties": [{"id": "unit", "value": value}]}]

    return spoil


def board_is(**change: Any) -> Callable[[Board], None]:
    def spoil(board: Board) -> None:
        board.update(change)

    return spoil


CHOSEN = 'job=~"$job",instance=~"$instance"'
LOKI = {"type": "loki", "uid": "${datasource}"}
SPOILT = [
    ("template-datasource-rule", without("datasource")),
    ("template-datasource-rule", variable("datasource", name="source")),
    ("template-datasource-rule", variable("datasource", label="Fonte")),
    ("template-datasource-rule", variable("datasource", query="loki")),
    ("template-job-rule", without("job")),
    ("template-job-rule", variable("job", label="Trabalho")),
    ("template-job-rule", variable("job", multi=False)),
    ("template-job-rule", variable("job", allValue=".*")),
    ("template-job-rule", variable("job", type="custom")),
    ("template-job-rule", variable("job", datasource={"type": "prometheus", "uid": "fixed"})),
    ("template-instance-rule", without("instance")),
    ("template-instance-rule", variable("instance", includeAll=False)),
    ("template-label-promql-rule", variable("job", query="labels(up, job)")),
    ("template-label-promql-rule", variable("job", query='label_values(up{stack="}, job)')),
    ("template-on-time-change-reload-rule", variable("instance", refresh=1)),
    ("panel-datasource-rule", panel(datasource={"type": "prometheus", "uid": "fixed"})),
    ("panel-datasource-rule", panel(datasource=None)),
    ("panel-datasource-rule", target(datasource={"type": "prometheus", "uid": "fixed"})),
    ("panel-title-description-rule", panel(title="")),
    ("panel-title-description-rule", panel(description="")),
    ("panel-units-rule", unit(None)),
    ("panel-units-rule", unit("suffix: items/s")),
    ("panel-units-rule", column("feições")),
    ("panel-no-targets-rule", panel(targets=[])),
    ("target-logql-rule", target(datasource=LOKI)),
    ("target-logql-auto-rule", target(datasource=LOKI)),
    ("target-promql-rule", target(expr="sum(")),
    ("target-promql-rule", target(expr="")),
    ("target-rate-interval-rule", target(expr=f"rate(a_total{{{CHOSEN}}}[5m])")),
    ("target-rate-interval-rule", target(expr=f"sum(increase(a_total{{{CHOSEN}}}[1h]))")),
    ("target-job-rule", target(expr='up{instance=~"$instance"}')),
    ("target-job-rule", target(expr='up{job="$job",instance=~"$instance"}')),
    ("target-job-rule", target(expr=f'up{{{CHOSEN}}} or absent(up{{job="a",instance=~"$instance"}})')),
    ("target-instance-rule", target(expr='up{job=~"$job"}')),
    ("target-instance-rule", target(expr='rate(a_total{job=~"$job"}[$__rate_interval])')),
    ("target-counter-agg-rule", target(expr=f"a_total{{{CHOSEN}}}")),
    ("target-counter-agg-rule", target(expr=f"sum(a_total{{{CHOSEN}}})")),
    ("target-counter-agg-rule", target(expr=f"max_over_time(a_total{{{CHOSEN}}}[1h])")),
    ("uneditable-dashboard", board_is(editable=True)),
]


@pytest.mark.parametrize(("rule", "spoil"), SPOILT, ids=[f"{number}-{rule}" for number, (rule, _) in enumerate(SPOILT)])
def test_a_rule_notices_what_breaks_it(rule: str, spoil: Callable[[Board], None]) -> None:
    board = copy.deepcopy(BOARDS["cache"])
    assert list(RULES[rule](board)) == []
    spoil(board)
    assert list(RULES[rule](board))


def test_every_rule_is_shown_to_notice_something() -> None:
    assert {rule for rule, _ in SPOILT} == set(RULES)
