"""What the dashboards ask, with Grafana's variables filled in as Grafana fills them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dashboards import grafana
from dashboards.slo import SCRAPE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VARIABLE: Final = re.compile(r"\$(\w+)|\$\{(\w+)(?::\w+)?\}")
STEP_SECONDS: Final = 15


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One query of a dashboard.

    Attributes:
        board: the dashboard's name.
        panel: title of the panel, or name of the annotation.
        expr: PromQL with variables.
        scraped_seconds: how often what is asked for is scraped.
    """

    board: str
    panel: str
    expr: str
    scraped_seconds: int = SCRAPE_SECONDS

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.board}: {self.panel}"

    def expanded(self, stack: str) -> str:
        """The query for one stack with all jobs and instances, at the closest zoom."""
        return expand(self.expr, stack=stack, scraped_seconds=self.scraped_seconds)


def panels(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The panels of a dashboard, without its rows."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def asked() -> Iterator[Asked]:
    """Every query of every panel."""
    for name, board in grafana.build().items():
        for panel in panels(board):
            for target in panel["targets"]:
                every = int(target["interval"].removesuffix("s")) if "interval" in target else SCRAPE_SECONDS
                yield Asked(board=name, panel=panel["title"], expr=target["expr"], scraped_seconds=every)


def marks() -> Iterator[Asked]:
    """The query of every annotation, once."""
    name, board = next(iter(grafana.build().items()))
    for annotation in board["annotations"]["list"]:
        yield Asked(board=name, panel=annotation["name"], expr=annotation["expr"])


def expand(expr: str, *, stack: str, scraped_seconds: int = SCRAPE_SECONDS) -> str:
    """The query for one stack with all jobs and instances, at the closest zoom.

    Raises:
        KeyError: the query has a variable that no dashboard knows.
    """
    values = {
        "stack": stack,
        "job": ".+",
        "instance": ".+",
        "__interval": f"{STEP_SECONDS}s",
        "__interval_ms": f"{STEP_SECONDS * 1000}",
        # Grafana takes four scrapes at least, or one more than the step.
        "__rate_interval": f"{max(4 * scraped_seconds, max(STEP_SECONDS, scraped_seconds) + scraped_seconds)}s",
    }
    return _VARIABLE.sub(lambda found: values[found[1] or found[2]], expr)
