"""The page of the KPIs: what is measured, its target, its query, and the alert that watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.alerts.rules import ALERTS
from dashboards.slo import KPIS
from ops.docs.page import block, code, head, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dashboards.slo import Kpi

SOURCE: Final = "`dashboards/slo.py` and `dashboards/alerts`"
_ABOUT: Final = """\
The numbers the platform is measured by. Panels, alerts, the status page and `make kpis` read the same declaration. A
live KPI is what happens now; one of the release was measured by a benchmark, a drill or the tests of the version that
runs. Prometheus records each as `mundo:kpi:NAME`.
"""
_UNITS: Final = {"s": "seconds", "ratio": "share, 0 to 1", "items/s": "features a second"}


def text() -> str:
    """The page."""
    rows = [
        (f"[{kpi.name}](#{kpi.name})", kpi.titulo, kpi.shown_target, _UNITS[kpi.unit], kpi.source, _alerts(kpi))
        for kpi in KPIS
    ]
    overview = table(("KPI", "em português", "target", "unit", "source", "alert"), rows)
    return "\n".join([head("KPI reference", SOURCE, _ABOUT), overview, *(_section(kpi) for kpi in KPIS)])


def watching(kpi: Kpi) -> Iterator[str]:
    """Names of the alerts that look at the KPI: its recorded series, or its own query."""
    for alert in ALERTS:
        if kpi.series in alert.expr or kpi.promql in alert.expr:
            yield alert.name


def _alerts(kpi: Kpi) -> str:
    return ", ".join(f"[{name}](../runbooks/alerts.md#{name.lower()})" for name in watching(kpi)) or "none"


def _section(kpi: Kpi) -> str:
    return (
        f"## {kpi.name}\n\n{kpi.description}\n\n*{kpi.descricao}*\n\n"
        f"Target: {kpi.shown_target} (exactly {kpi.target:g}, {_UNITS[kpi.unit]}). "
        f"Amber from {kpi.shown(kpi.near)}. Recorded as {code(kpi.series)}.\n\n"
        f"{block(kpi.promql, 'promql')}"
    )
