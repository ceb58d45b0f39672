"""Queries of panels: every series is chosen by stack, job and instance, so that the dashboard's variables hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
"""The data source that the reader of a dashboard chose."""

STACK: Final = 'stack=~"$stack|"'
"""The chosen stack; a series that Prometheus recorded itself has no such label where it watches one stack only."""

_CHOSEN: Final = (STACK, 'job=~"$job"', 'instance=~"$instance"')


@dataclass(frozen=True)
class Match:
    """How a label is compared with what, where it is not `=`."""

    operator: Literal["!=", "=~", "!~"]
    value: str


Labels = str | Match
"""The value that a label must have, or another comparison."""


def of(metric: str, *matchers: str, **labels: Labels) -> str:
    """The series of `metric` in the chosen stack, jobs and instances.

    Args:
        metric: name of the metric.
        matchers: matchers that are declared as text elsewhere.
        labels: what further labels must be.
    """
    further = (_matcher(name, value) for name, value in labels.items())
    return f"{metric}{{{','.join([*_CHOSEN, *matchers, *further])}}}"


def rate(metric: str, *matchers: str, **labels: Labels) -> str:
    """How much a counter grows a second, over the span that fits the scrape interval and the zoom."""
    return f"rate({of(metric, *matchers, **labels)}[$__rate_interval])"


def increase(metric: str, *matchers: str, **labels: Labels) -> str:
    """How much a counter grew over the span that fits the scrape interval and the zoom."""
    return f"increase({of(metric, *matchers, **labels)}[$__rate_interval])"


def like(*patterns: str) -> Match:
    """One of the patterns, which are regular expressions of a whole value."""
    return Match("=~", "|".join(patterns))


def unlike(*patterns: str) -> Match:
    """None of the patterns."""
    return Match("!~", "|".join(patterns))


def drawn(expr: str, legend: str, scraped_every: str = "") -> prometheus.Dataquery:
    """A query for lines over time; `scraped_every` where that is more seldom than the data source's usual."""
    query = prometheus.Dataquery().datasource(SOURCE).expr(expr).legend_format(legend).range()
    return query.interval(scraped_every) if scraped_every else query


def now(expr: str, legend: str = "") -> prometheus.Dataquery:
    """A query for the rows of a table: the value at the end of the chosen time."""
    query = prometheus.Dataquery().datasource(SOURCE).expr(expr).legend_format(legend)
    return query.instant().format(PromQueryFormat.TABLE)


def _matcher(name: str, value: Labels) -> str:
    return f'{name}="{value}"' if isinstance(value, str) else f'{name}{value.operator}"{value.value}"'
