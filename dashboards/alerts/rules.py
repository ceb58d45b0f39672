"""The rule file of Prometheus: the KPIs and the error budgets as recorded series, and the alerts."""

from itertools import groupby
from typing import Any, Final

import yaml

from dashboards.alerts import backups, burn_rates, cache, catalog, database, host, kpis, monitoring, postgres
from dashboards.alerts.durations import scaled
from dashboards.alerts.model import Alert
from dashboards.slo import KPIS, RECORDED

RUNBOOK_URL: Final = "docs/runbooks/alerts.md"
"""Where the runbook lies, relative to the repository; a section (anchor) an alert."""

ALERTS: Final[tuple[Alert, ...]] = (
    *postgres.ALERTS,
    *database.ALERTS,
    *backups.ALERTS,
    *cache.ALERTS,
    *catalog.ALERTS,
    *monitoring.ALERTS,
    *host.ALERTS,
    *burn_rates.ALERTS,
    *kpis.ALERTS,
)
"""Every alert."""


def render_rules(*, runbook_url: str = RUNBOOK_URL, wait_percent: int = 100) -> str:
    """Return the rule file as YAML: recording rules first, then the alerts, a group for each component.

    Args:
        runbook_url: address of the runbook page; `#` and the alert's name in lower case are appended.
        wait_percent: how much of the time that each alert's condition has to hold it really has to.
    """
    groups: list[dict[str, Any]] = [
        {"name": "kpis", "rules": [_recorded(kpi.series, kpi.promql) for kpi in KPIS]},
        {"name": "budgets", "rules": [_recorded(series, expr) for series, expr in burn_rates.recording()]},
    ]
    ordered = sorted(ALERTS, key=lambda alert: alert.component)
    for component, alerts in groupby(ordered, key=lambda alert: alert.component):
        groups.append({"name": component, "rules": [_rule(alert, runbook_url, wait_percent) for alert in alerts]})
    return yaml.safe_dump({"groups": groups}, sort_keys=False, width=120)


def _recorded(series: str, expr: str) -> dict[str, Any]:
    """A recording rule, with the labels by which panels select (`slo.RECORDED`)."""
    return {"record": series, "expr": expr, "labels": dict(RECORDED)}


def _rule(alert: Alert, runbook_url: str, wait_percent: int) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": scaled(alert.hold, wait_percent),
        "labels": {"severity": alert.severity, "component": alert.component},
        "annotations": {
            "summary": alert.summary,
            "description": alert.description,
            "runbook_url": f"{runbook_url}#{alert.name.lower()}",
        },
    }
