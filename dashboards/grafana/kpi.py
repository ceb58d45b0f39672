"""KPIs as panels: units, colours and lines from their one declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.alerts.rules import ALERTS
from dashboards.grafana.panels import Steps, chart, number
from dashboards.grafana.queries import of
from dashboards.slo import KPIS, Kpi, Unit, by_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grafana_foundation_sdk.builders import stat, timeseries

    from dashboards.grafana.panels import Query

UNITS: Final[dict[Unit, str]] = {"s": "s", "ratio": "percentunit", "items/s": "cps"}
"""Grafana's names of the KPIs' units."""


def steps(kpi: Kpi) -> Steps:
    """Green where the target is met, amber where it is met but not by much, red where it is missed."""
    if kpi.better == "lower":
        return ((None, "green"), (kpi.near, "orange"), (kpi.target, "red"))
    if kpi.near <= kpi.target:
        # Nothing is beyond a target of everything.
        return ((None, "red"), (kpi.target, "green"))
    return ((None, "red"), (kpi.target, "orange"), (kpi.near, "green"))


def alerts_on(kpi: Kpi) -> list[str]:
    """Names of the alerts that look at the KPI."""
    return [alert.name for alert in ALERTS if kpi.series in alert.expr]


def tile(kpi: Kpi, width: int) -> stat.Panel:
    """The value now, before the colour of its state."""
    return number(
        kpi.titulo,
        f"{kpi.descricao} Meta: {kpi.shown_target}.",
        UNITS[kpi.unit],
        of(kpi.series),
        steps=steps(kpi),
        width=width,
        alerts=alerts_on(kpi),
    )


def against(name: str, title: str, description: str, *queries: Query, alerts: Sequence[str] = ()) -> timeseries.Panel:
    """Lines over time with the target of the KPI `name` as a dashed line; they have its unit.

    Args:
        name: the KPI's.
        title: what is shown, in a few words.
        description: the same in a sentence; the target is added.
        queries: what is drawn.
        alerts: alerts besides those on the KPI whose runbooks are linked.
    """
    kpi = by_name(name)
    return chart(
        title,
        f"{description} Meta: {kpi.shown_target}.",
        UNITS[kpi.unit],
        *queries,
        limit=kpi.target,
        alerts=[*alerts_on(kpi), *alerts],
    )


def missed() -> str:
    """How many KPIs miss their target now; one without a value does not."""
    each = (
        f"label_replace({of(kpi.series)} {'>=' if kpi.better == 'lower' else '<'} {kpi.target:g}, "
        f'"kpi", "{kpi.name}", "", "")'
        for kpi in KPIS
    )
    return f"count({' or '.join(each)}) or vector(0)"
