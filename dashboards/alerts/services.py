"""Alerts on the services: what is down, or no longer safe."""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import (
    JOB_ALERTMANAGER,
    JOB_CATALOG,
    JOB_POSTGRES,
    JOB_PROMETHEUS,
    JOB_REDIS,
    JOB_SENTINEL,
    JOBS,
    REPLICAS,
    SENTINEL_QUORUM,
)

_MASTERS = f'redis_instance_info{{job="{JOB_REDIS}",role="master"}}'

DATABASE: Final = (
    Alert(
        name="PostgresDown",
        component="database",
        severity="critical",
        expr=f'pg_up{{job="{JOB_POSTGRES}"}} == 0',
        hold="30s",
        summary="PostgreSQL does not answer",
        description="The exporter cannot log in to {{ $labels.instance }}. Searches fail; cached bounds go on.",
    ),
    Alert(
        name="PostgresConnectionsHigh",
        component="database",
        severity="warning",
        expr=(
            f'sum by (instance) (pg_stat_activity_count{{job="{JOB_POSTGRES}",backend_type="client backend"}})'
            f' / max by (instance) (pg_settings_max_connections{{job="{JOB_POSTGRES}"}}) > 0.8'
        ),
        hold="5m",
        summary="PostgreSQL is running out of connections",
        description="{{ $value | humanizePercentage }} of max_connections are in use on {{ $labels.instance }}.",
    ),
)

CACHE: Final = (
    Alert(
        name="RedisMasterMissing",
        component="cache",
        severity="critical",
        # Says nothing while the exporter itself is away: then ScrapeFailing or ScrapeMissing does.
        expr=f'count(redis_up{{job="{JOB_REDIS}"}}) unless on () count({_MASTERS})',
        hold="30s",
        summary="No Redis server is the master",
        description="None of {{ $value }} watched servers is a master. Nothing new is cached until one is.",
    ),
    Alert(
        name="RedisTwoMasters",
        component="cache",
        severity="critical",
        expr=f"count({_MASTERS}) > 1",
        hold="1m",
        summary="More than one Redis server believes to be the master",
        description="{{ $value }} servers are masters. What is written to all but one of them will be lost.",
    ),
    Alert(
        name="RedisReplicasLow",
        component="cache",
        severity="warning",
        expr=(f'max(redis_connected_slaves{{job="{JOB_REDIS}"}} and on (instance) {_MASTERS}) < {REPLICAS}'),
        hold="2m",
        summary="The Redis master has too few replicas",
        description=(f"{{{{ $value }}}} of {REPLICAS} replicas follow the master. Without any, it refuses writes."),
    ),
    Alert(
        name="RedisInstanceDown",
        component="cache",
        severity="warning",
        expr=f'redis_up{{job=~"{JOB_REDIS}|{JOB_SENTINEL}"}} == 0',
        hold="1m",
        summary="A Redis server or Sentinel does not answer",
        description="{{ $labels.instance }} does not answer its exporter. One more loss may end the failover.",
    ),
    Alert(
        name="SentinelQuorumLost",
        component="cache",
        severity="critical",
        expr=(
            f'sum(redis_up{{job="{JOB_SENTINEL}"}}) < {SENTINEL_QUORUM}'
            f' or max(redis_sentinel_master_ckquorum_status{{job="{JOB_SENTINEL}"}}) == 0'
        ),
        hold="30s",
        summary="The Sentinels cannot choose a new Redis master",
        description="Too few Sentinels answer or agree. The cache works, but would not survive the loss of its master.",
    ),
)

CATALOG: Final = (
    Alert(
        name="CatalogDown",
        component="catalog",
        severity="critical",
        expr=f'up{{job="{JOB_CATALOG}"}} == 0',
        hold="30s",
        summary="The catalogue app does not answer",
        description="{{ $labels.instance }} cannot be scraped: the page and the API are down.",
    ),
    Alert(
        name="BreakerOpen",
        component="cache",
        severity="warning",
        # Half-open for the moment of a probe does not end it.
        expr=f'max by (instance) (max_over_time(mundo_breaker_state{{job="{JOB_CATALOG}",state="open"}}[1m])) == 1',
        hold="2m",
        summary="The catalogue app goes without Redis",
        description="The circuit breaker of {{ $labels.instance }} stays open: bounds come from memory or PostgreSQL.",
    ),
)

MONITORING: Final = (
    Alert(
        name="Watchdog",
        component="monitoring",
        severity="none",
        expr="vector(1)",
        hold="0s",
        summary="Always fires: alerts are evaluated and delivered",
        description="A receiver that stops seeing this alert knows that nobody watches the platform any more.",
    ),
    Alert(
        name="ScrapeFailing",
        component="monitoring",
        severity="warning",
        expr=f'up{{job!="{JOB_CATALOG}"}} == 0',
        hold="1m",
        summary="A target cannot be scraped",
        description="{{ $labels.job }} ({{ $labels.instance }}) gives no metrics: alerts about it cannot fire.",
    ),
    Alert(
        name="ScrapeMissing",
        component="monitoring",
        severity="warning",
        expr=" or ".join(f'absent(up{{job="{job}"}})' for job in JOBS),
        hold="2m",
        summary="A scrape job is missing",
        description="Prometheus has no target of the job {{ $labels.job }}: alerts about it cannot fire.",
    ),
    Alert(
        name="RuleEvaluationFailing",
        component="monitoring",
        severity="warning",
        expr=(
            "sum by (rule_group) (increase("
            f'prometheus_rule_evaluation_failures_total{{job="{JOB_PROMETHEUS}"}}[5m])) > 0'
        ),
        hold="0s",
        summary="A rule cannot be evaluated",
        description="{{ $value | humanize }} evaluations of the group {{ $labels.rule_group }} failed in five minutes.",
    ),
    Alert(
        name="NotificationsFailing",
        component="monitoring",
        severity="warning",
        expr=(
            "sum by (integration) (increase("
            f'alertmanager_notifications_failed_total{{job="{JOB_ALERTMANAGER}"}}[5m])) > 0'
        ),
        hold="1m",
        summary="Alertmanager cannot deliver alerts",
        description="{{ $value | humanize }} messages by {{ $labels.integration }} failed in five minutes.",
    ),
    Alert(
        name="AlertmanagerMissing",
        component="monitoring",
        severity="warning",
        expr=f'prometheus_notifications_alertmanagers_discovered{{job="{JOB_PROMETHEUS}"}} < 1',
        hold="1m",
        summary="Prometheus knows no Alertmanager",
        description="Alerts are evaluated and reach nobody.",
    ),
)
