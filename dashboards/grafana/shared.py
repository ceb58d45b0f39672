"""Panels that stand on more than one dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.grafana.kpi import against
from dashboards.grafana.panels import number, state
from dashboards.grafana.queries import of
from dashboards.slo import JOB_REDIS, REPLICAS

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import stat, timeseries


def view_refresh() -> timeseries.Panel:
    """How long the last refresh of each view took, against the target."""
    return against(
        "view_refresh",
        "Duração da atualização",
        "Duração da última atualização de cada visão materializada.",
        (f"max by (view_name) ({of('pg_mundo_view_refresh_seconds')})", "{{view_name}}"),
        alerts=["ViewRefreshSlow", "ViewRefreshFailing"],
    )


def freshness() -> timeseries.Panel:
    """How old the data of each view are, against the age that is allowed."""
    age, limit = of("pg_mundo_view_age_seconds"), of("pg_mundo_view_max_age_seconds")
    return against(
        "freshness",
        "Atraso dos dados",
        "Idade de cada visão materializada em relação à idade máxima permitida.",
        (f"max by (view_name) ({age} / on (instance, view_name) {limit})", "{{view_name}}"),
        alerts=["ViewStale"],
    )


def replicas(title: str) -> stat.Panel:
    """How many replicas follow the Redis master."""
    return number(
        title,
        "Réplicas que seguem o servidor principal.",
        "none",
        f"max({of('redis_connected_slaves', job=JOB_REDIS)})",
        steps=((None, "red"), (1, "orange"), (REPLICAS, "green")),
        alerts=["RedisReplicasLow"],
    )


def breaker(title: str) -> stat.Panel:
    """Whether the app uses Redis."""
    return state(
        title,
        "Se a aplicação usa o Redis (disjuntor fechado) ou passa sem ele.",
        f"min({of('mundo_breaker_state', state='closed')})",
        good="fechado",
        bad="aberto",
        alerts=["BreakerOpen"],
    )
