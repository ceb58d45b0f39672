"""Alerts on the catalogue app."""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import JOB_CATALOG, JOB_PROXY

_OF = f'job="{JOB_CATALOG}"'

ALERTS: Final = (
    Alert(
        name="CatalogDown",
        component="catalog",
        severity="critical",
        expr=f"max by (job) (up{{{_OF}}}) == 0",
        hold="30s",
        summary="The catalogue app does not answer",
        description="No instance of {{ $labels.job }} can be scraped: the page and the API are down.",
    ),
    Alert(
        name="CatalogInstanceDown",
        component="catalog",
        severity="warning",
        expr=f"up{{{_OF}}} == 0",
        # An update takes one instance away at a time, for less.
        hold="3m",
        summary="An instance of the catalogue app does not answer",
        description="{{ $labels.instance }} cannot be scraped: the other one, if there is one, answers alone.",
    ),
    Alert(
        name="ProxyDown",
        component="catalog",
        severity="critical",
        expr=f'up{{job="{JOB_PROXY}"}} == 0',
        hold="30s",
        summary="The proxy before the catalogue app does not answer",
        description="{{ $labels.instance }} cannot be scraped: nobody reaches the page and the API.",
    ),
    Alert(
        name="CatalogRestarting",
        component="catalog",
        severity="warning",
        # An update is one start.
        expr=f"changes(process_start_time_seconds{{{_OF}}}[30m]) >= 3",
        hold="0s",
        summary="The catalogue app starts again and again",
        description="{{ $labels.instance }} has started anew {{ $value }} times in half an hour.",
    ),
    Alert(
        name="BreakerOpen",
        component="cache",
        severity="warning",
        # Half-open for the moment of a probe does not end it.
        expr=f'max by (instance) (max_over_time(mundo_breaker_state{{{_OF},state="open"}}[1m])) == 1',
        hold="2m",
        summary="The catalogue app goes without Redis",
        description="The circuit breaker of {{ $labels.instance }} stays open: bounds come from memory or PostgreSQL.",
    ),
    Alert(
        name="BoundsPollStale",
        component="catalog",
        severity="warning",
        # It looks several times a second; not a number, and so silent, until it has looked once.
        expr=f"mundo_bounds_poll_age_seconds{{{_OF}}} > 30",
        hold="1m",
        summary="The catalogue app does not learn of changed bounds",
        description=(
            "{{ $labels.instance }} last knew of all changes {{ $value | humanizeDuration }} ago: "
            "bounds that changed since are shown as they were."
        ),
        follows=("PostgresDown",),
    ),
    Alert(
        name="RedisBehind",
        component="cache",
        severity="warning",
        expr=f"mundo_bounds_redis_behind{{{_OF}}} > 0",
        hold="5m",
        summary="Redis lacks changes of bounds",
        description="{{ $value }} changes that {{ $labels.instance }} knows of could not be written to Redis.",
        follows=("BreakerOpen",),
    ),
    Alert(
        name="DatabasePoolExhausted",
        component="catalog",
        severity="warning",
        # Single requests wait for a moment in any burst: a whole minute in which some always did is another matter.
        expr=f'min_over_time(mundo_db_pool_connections{{{_OF},kind="waiting"}}[1m]) > 0',
        hold="1m",
        summary="Requests wait for a connection to PostgreSQL",
        description="At least {{ $value }} requests of {{ $labels.instance }} wait for a connection at any time.",
        follows=("PostgresDown",),
    ),
    Alert(
        name="ImportWorkerCrashing",
        component="catalog",
        severity="warning",
        expr=f"increase(mundo_import_worker_crashes_total{{{_OF}}}[15m]) > 0",
        hold="0s",
        summary="The process that loads files has ended by itself",
        description="The import worker of {{ $labels.instance }} ended {{ $value | humanize }} times in 15 minutes.",
    ),
)
