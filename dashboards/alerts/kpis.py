"""Alerts on missed KPI targets, one for each KPI.

A KPI without a value, such as the latency of no requests, raises none. That a value is missing which should be there is
told by the alerts on scrapes and on the database's own metrics.
"""

from dataclasses import dataclass
from typing import Final

from dashboards.alerts.model import Alert, Component, Severity
from dashboards.slo import KPIS, Kpi

HOLD: Final = "5m"
"""How long a target must be missed: a cold cache or one slow request is nobody's business."""

OF_THE_RELEASE: Final = "15m"
"""Of what was measured before the release, which only another release changes: longer than an update takes."""

RECENT_SECONDS: Final = 86_400
"""Age up to which somebody can still learn something from a slow import."""


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """How the alert of a KPI differs from the others.

    Attributes:
        component: what is affected.
        hold: how long the target must be missed.
        only: PromQL that must have a value as well.
        follows: alerts that say the same more exactly, or that explain it.
    """

    component: Component = "catalog"
    hold: str | None = None
    only: str | None = None
    follows: tuple[str, ...] = ()


_OF_REQUESTS: Final = ("PostgresDown",)
_TREATMENTS: Final[dict[str, Treatment]] = {
    # The value is that of the last import, and stays until the next.
    "ingest_throughput": Treatment(only=f"max(pg_mundo_import_age_seconds) < {RECENT_SECONDS}"),
    "latency_p95": Treatment(follows=(*_OF_REQUESTS, "LatencyBudgetBurningFast")),
    "search_mean": Treatment(follows=_OF_REQUESTS),
    "error_rate": Treatment(follows=(*_OF_REQUESTS, "ErrorBudgetBurningFast")),
    # Hits stay low for a while after a start or a large import, until what is asked for is cached again.
    "cache_hit_rate": Treatment(component="cache", hold="15m", follows=("CatalogDown", "BreakerOpen")),
    "partition_size": Treatment(component="database", follows=("CapacityExceeded",)),
    # Longer than from one refresh to the next: the one after a large import may take its time.
    "view_refresh": Treatment(component="database", hold="90m", follows=("ViewRefreshSlow",)),
    "freshness": Treatment(component="database", follows=("ViewStale",)),
    "partition_overhead": Treatment(component="database"),
    "failover": Treatment(component="cache"),
    "valid_geometries": Treatment(component="database"),
    "data_traceability": Treatment(component="database", follows=("GeometriesUntraceable",)),
    "code_quality": Treatment(component="monitoring"),
    "test_coverage": Treatment(component="monitoring"),
    "traceability": Treatment(component="monitoring"),
}
_PRINTED: Final = {
    "s": "{{ $value | humanizeDuration }}",
    "ratio": "{{ $value | humanizePercentage }}",
    "items/s": "{{ $value | humanize }} items/s",
}


def _target(kpi: Kpi) -> str:
    return f"{'below' if kpi.better == 'lower' else 'at least'} {kpi.exact_target}"


def _alert(kpi: Kpi) -> Alert:
    words = kpi.name.replace("_", " ")
    treatment = _TREATMENTS[kpi.name]
    severity: Severity = "warning" if kpi.source == "live" else "info"
    return Alert(
        name="Kpi" + "".join(word.capitalize() for word in kpi.name.split("_")) + "Missed",
        component=treatment.component,
        severity=severity,
        expr=f"{kpi.missed} and {treatment.only}" if treatment.only else kpi.missed,
        hold=treatment.hold or (HOLD if kpi.source == "live" else OF_THE_RELEASE),
        summary=f"The target of the KPI '{words}' is missed",
        description=f"{words} is {_PRINTED[kpi.unit]}, wanted is {_target(kpi)}. {kpi.description}",
        follows=treatment.follows,
    )


ALERTS: Final = tuple(_alert(kpi) for kpi in KPIS)
