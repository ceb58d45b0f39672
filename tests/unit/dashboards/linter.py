"""The rules of Grafana's dashboard-linter, each a function that names what a dashboard does wrong.

Rules stand for all panels and targets here, where the linter leaves out kinds of panels that it does not know. It has
two rules on LogQL; no dashboard has any, so that one rule that refuses it stands for both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from promql_parser import MatrixSelector

from tests.dashboard_queries import panels
from tests.promql import RATE_INTERVAL, function_of, has, nodes, parse, selectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Board = dict[str, Any]
    Rule = Callable[[Board], Iterator[str]]

_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
# Of the units that the linter knows, those that are needed: Grafana has some that it takes for a mistake.
_UNITS: Final = {"none", "short", "percentunit", "s", "bytes", "Bps", "reqps", "cps", "ops"}
_LABEL_QUERY: Final = re.compile(r"(label_names|label_values|metrics|query_result)\((.+)\)")
_REFRESH_ON_TIME_RANGE: Final = 2


def _variables(board: Board, kind: str) -> list[dict[str, Any]]:
    return [one for one in board["templating"]["list"] if one["type"] == kind]


def _targets(board: Board) -> Iterator[tuple[str, dict[str, Any]]]:
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield panel["title"], target


def _queries(board: Board) -> Iterator[tuple[str, str]]:
    """Queries that can be taken apart; the others break a rule of their own."""
    for title, target in _targets(board):
        if target["datasource"] == _SOURCE and not _flaw(target["expr"]):
            yield title, target["expr"]


def _flaw(expr: str) -> str:
    try:
        parse(expr)
    except ValueError as error:
        return str(error) or "it cannot be read"
    return ""


def template_datasource(board: Board) -> Iterator[str]:
    """There is a variable for the data source, named and labelled as everywhere."""
    found = _variables(board, "datasource")
    if [(one["name"], one.get("label"), one["query"]) for one in found] != [
        ("datasource", "Data source", "prometheus")
    ]:
        yield f"one variable of Prometheus' data source is wanted, there is {found}"


def _template(board: Board, name: str) -> Iterator[str]:
    found = [one for one in board["templating"]["list"] if one["name"] == name]
    wanted = {
        "type": "query",
        "label": name.title(),
        "datasource": _SOURCE,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
    }
    if len(found) != 1:
        yield f"one variable '{name}' is wanted, there are {len(found)}"
    for one in found:
        yield from (
            f"'{key}' of the variable '{name}' is {one.get(key)!r}"
            for key, value in wanted.items()
            if one.get(key) != value
        )


def template_job(board: Board) -> Iterator[str]:
    """There is a variable for the job."""
    yield from _template(board, "job")


def template_instance(board: Board) -> Iterator[str]:
    """There is a variable for the instance."""
    yield from _template(board, "instance")


def template_label_promql(board: Board) -> Iterator[str]:
    """Variables that are asked for use PromQL and a function that Grafana knows."""
    for one in _variables(board, "query"):
        found = _LABEL_QUERY.fullmatch(one["query"])
        if not found:
            yield f"'{one['name']}' asks for no labels: {one['query']}"
        elif flaw := _flaw(found[2].rpartition(",")[0] or found[2]):
            yield f"'{one['name']}': {flaw}"


def template_on_time_change_reload(board: Board) -> Iterator[str]:
    """Variables are asked for anew when the time range changes."""
    for one in _variables(board, "query"):
        if one.get("refresh") != _REFRESH_ON_TIME_RANGE:
            yield f"'{one['name']}' stays as it was"


def panel_datasource(board: Board) -> Iterator[str]:
    """Panels and their targets ask the chosen data source."""
    for panel in panels(board):
        if panel.get("datasource") != _SOURCE:
            yield f"{panel['title']}: {panel.get('datasource')}"
    for title, target in _targets(board):
        if target.get("datasource") != _SOURCE:
            yield f"{title}: {target.get('datasource')}"


def panel_title_description(board: Board) -> Iterator[str]:
    """Panels have a title and a description."""
    for panel in panels(board):
        if not panel.get("title") or not panel.get("description"):
            yield f"{panel.get('title')!r}: {panel.get('description')!r}"


def panel_units(board: Board) -> Iterator[str]:
    """Panels have a unit that Grafana knows, and so has a column of its own."""
    for panel in panels(board):
        config = panel["fieldConfig"]
        found = [config["defaults"].get("unit")]
        found += [one["value"] for way in config["overrides"] for one in way["properties"] if one["id"] == "unit"]
        yield from (f"{panel['title']}: {unit!r}" for unit in found if unit not in _UNITS)


def panel_no_targets(board: Board) -> Iterator[str]:
    """Panels ask for something."""
    for panel in panels(board):
        if not panel.get("targets"):
            yield panel["title"]


def target_logql(board: Board) -> Iterator[str]:
    """Nothing asks Loki."""
    for title, target in _targets(board):
        if (target.get("datasource") or {}).get("type") == "loki":
            yield title


def target_promql(board: Board) -> Iterator[str]:
    """Queries are PromQL."""
    for title, target in _targets(board):
        if flaw := _flaw(target.get("expr", "")):
            yield f"{title}: {flaw}"


def target_rate_interval(board: Board) -> Iterator[str]:
    """What grows is looked at over `$__rate_interval`."""
    for title, expr in _queries(board):
        for node, above in nodes(expr):
            if (
                isinstance(node, MatrixSelector)
                and function_of(above) in {"rate", "irate", "increase"}
                and node.range != RATE_INTERVAL
            ):
                yield f"{title}: {node}"


def target_job(board: Board) -> Iterator[str]:
    """Everything is selected by the variable of jobs."""
    yield from _selected_by(board, "job")


def target_instance(board: Board) -> Iterator[str]:
    """Everything is selected by the variable of instances."""
    yield from _selected_by(board, "instance")


def _selected_by(board: Board, label: str) -> Iterator[str]:
    for title, expr in _queries(board):
        yield from (f"{title}: {found}" for found, _ in selectors(expr) if not has(found, label, f"${label}"))


def target_counter_agg(board: Board) -> Iterator[str]:
    """Counters are shown by how they grow."""
    for title, expr in _queries(board):
        for found, above in selectors(expr):
            ranged = bool(above) and isinstance(above[-1], MatrixSelector)
            grows = ranged and function_of(above[:-1]) in {"rate", "irate", "increase"}
            if (found.name or "").endswith("_total") and not grows:
                yield f"{title}: {found}"


def uneditable(board: Board) -> Iterator[str]:
    """A change made in Grafana would be lost: the dashboard cannot be edited there."""
    if board.get("editable") is not False:
        yield "it can be edited"


RULES: Final[dict[str, Rule]] = {
    "template-datasource-rule": template_datasource,
    "template-job-rule": template_job,
    "template-instance-rule": template_instance,
    "template-label-promql-rule": template_label_promql,
    "template-on-time-change-reload-rule": template_on_time_change_reload,
    "panel-datasource-rule": panel_datasource,
    "panel-title-description-rule": panel_title_description,
    "panel-units-rule": panel_units,
    "panel-no-targets-rule": panel_no_targets,
    "target-logql-rule": target_logql,
    "target-logql-auto-rule": target_logql,
    "target-promql-rule": target_promql,
    "target-rate-interval-rule": target_rate_interval,
    "target-job-rule": target_job,
    "target-instance-rule": target_instance,
    "target-counter-agg-rule": target_counter_agg,
    "uneditable-dashboard": uneditable,
}
"""Every rule of the linter, by its name there."""
