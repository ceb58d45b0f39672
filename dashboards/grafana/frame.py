"""What all dashboards share: variables, links, marks, and rows of panels that fill the grid."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from dashboards.grafana import links
from dashboards.grafana.annotations import ANNOTATIONS
from dashboards.grafana.panels import WHOLE
from dashboards.grafana.queries import SOURCE, STACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models.dashboard import Panel

TAG: Final = "mundo"
"""The tag by which the dashboards find each other."""

_ALL: Final = VariableOption(selected=True, text=["All"], value=["$__all"])


@dataclass(frozen=True, kw_only=True)
class Section:
    """Panels below one heading."""

    title: str
    panels: Sequence[Builder[Panel]]


@dataclass(frozen=True, kw_only=True)
class Board:
    """A dashboard.

    Attributes:
        name: name of its file, and with `mundo-` before it its uid.
        title: what people call it.
        description: what it answers, in one sentence.
        sections: what is on it.
        jobs: jobs that its list offers, as a regular expression.
    """

    name: str
    title: str
    description: str
    sections: Sequence[Section]
    jobs: str = ".+"

    def build(self, *, runbook_url: str) -> dict[str, Any]:
        """Grafana's JSON; `runbook_url` is the address of the runbook of all alerts."""
        board = self._frame(runbook_url)
        for section in self.sections:
            board = board.with_row(dashboard.Row(section.title))
            for panel in section.panels:
                board = board.with_panel(panel)
        built = board.build()
        for number, part in enumerate(built.panels or [], start=1):
            part.id_val = number
        encoded: dict[str, Any] = json.loads(JSONEncoder(sort_keys=True, indent=2).encode(built))
        return encoded

    def _frame(self, runbook_url: str) -> dashboard.Dashboard:
        board = dashboard.Dashboard(f"Mundo Virtual / {self.title}").uid(f"mundo-{self.name}")
        board = board.description(self.description).tags([TAG]).readonly()
        board = board.refresh("30s").time("now-1h", "now").timezone("browser").tooltip(DashboardCursorSync.CROSSHAIR)
        for variable in (
            dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"),
            _choice("stack", "label_values(up, stack)").label("Stack"),
            _several("job", f'label_values({{job=~"{self.jobs}",{STACK}}}, job)').label("Job"),
            _several("instance", f'label_values({{job=~"$job",{STACK}}}, instance)').label("Instance"),
            _text("runbook", runbook_url).label("Runbook"),
        ):
            board = board.with_variable(variable)
        for annotation in ANNOTATIONS:
            board = board.annotation(annotation)
        return board.link(links.siblings(TAG))


def widths(count: int, per_row: int) -> list[int]:
    """Columns of `count` panels, `per_row` in a row, so that every row is full."""
    found: list[int] = []
    while (left := count - len(found)) > 0:
        here = min(per_row, left)
        found += [WHOLE // here + (number < WHOLE % here) for number in range(here)]
    return found


def _choice(name: str, query: str) -> dashboard.QueryVariable:
    variable = dashboard.QueryVariable(name).datasource(SOURCE).query(query).sort(VariableSort.ALPHABETICAL_ASC)
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)


def _text(name: str, value: str) -> dashboard.TextBoxVariable:
    return dashboard.TextBoxVariable(name).default_value(value).current(VariableOption(text=value, value=value))


def _several(name: str, query: str) -> dashboard.QueryVariable:
    variable = _choice(name, query).multi(True).include_all(True)  # noqa: FBT003 - the SDK's
    return variable.all_value(".+").current(_ALL)
