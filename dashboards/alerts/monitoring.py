"""Alerts on Prometheus, Alertmanager and the exporters: who watches is watched too."""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import JOB_ALERTMANAGER, JOB_CATALOG, JOB_PROMETHEUS, JOB_PROXY, JOBS

_OF = f'job="{JOB_PROMETHEUS}"'
_OF_ALERTMANAGER = f'job="{JOB_ALERTMANAGER}"'

SLOW_SCRAPE_SECONDS: Final = 5
"""Half of what a scrape may take at most."""

TSDB_FAILURES: Final = (
    "compactions_failed",
    "checkpoint_creations_failed",
    "reloads_failures",
    "wal_corruptions",
    "wal_truncations_failed",
    "wal_writes_failed",
)

_LOST: Final = f"sum by (instance) (increase(prometheus_notifications_errors_total{{{_OF}}}[3m]))"

ALERTS: Final = (
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
        # Those have alerts of their own.
        expr=f'up{{job!~"{JOB_CATALOG}|{JOB_PROXY}"}} == 0',
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
        name="TargetScrapeSlow",
        component="monitoring",
        severity="warning",
        expr=f"scrape_duration_seconds > {SLOW_SCRAPE_SECONDS}",
        hold="5m",
        summary="A target answers slowly",
        description="A scrape of {{ $labels.instance }} ({{ $labels.job }}) takes {{ $value | humanizeDuration }}.",
    ),
    Alert(
        name="RuleEvaluationFailing",
        component="monitoring",
        severity="warning",
        expr=f"sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total{{{_OF}}}[5m])) > 0",
        hold="0s",
        summary="A rule cannot be evaluated",
        description="{{ $value | humanize }} evaluations of the group {{ $labels.rule_group }} failed in five minutes.",
    ),
    Alert(
        name="RuleEvaluationLate",
        component="monitoring",
        severity="warning",
        expr=(
            f"sum by (rule_group) (increase(prometheus_rule_group_iterations_missed_total{{{_OF}}}[10m]))"
            f" / sum by (rule_group) (increase(prometheus_rule_group_iterations_total{{{_OF}}}[10m])) > 0.2"
        ),
        hold="10m",
        summary="Rules are evaluated less often than they should",
        description=(
            "{{ $value | humanizePercentage }} of the evaluations of the group {{ $labels.rule_group }} were left out: "
            "alerts come late."
        ),
    ),
    Alert(
        name="AlertDeliveryFailing",
        component="monitoring",
        severity="critical",
        # What fires is sent again every minute, so there is always something that can fail; a restart of Alertmanager
        # is a failure in one of the two spans only.
        expr=f"{_LOST} > 0 and {_LOST.replace('[3m]', '[3m] offset 3m')} > 0",
        hold="1m",
        summary="Prometheus cannot hand alerts to Alertmanager",
        description="{{ $value | humanize }} attempts of {{ $labels.instance }} failed in three minutes.",
    ),
    Alert(
        name="NotificationsFailing",
        component="monitoring",
        severity="critical",
        expr=f"sum by (integration) (increase(alertmanager_notifications_failed_total{{{_OF_ALERTMANAGER}}}[5m])) > 0",
        hold="1m",
        summary="Alertmanager cannot deliver alerts",
        description="{{ $value | humanize }} messages by {{ $labels.integration }} failed in five minutes.",
    ),
    Alert(
        name="AlertmanagerMissing",
        component="monitoring",
        severity="critical",
        expr=f"prometheus_notifications_alertmanagers_discovered{{{_OF}}} < 1",
        hold="1m",
        summary="Prometheus knows no Alertmanager",
        description="Alerts are evaluated and reach nobody.",
    ),
    Alert(
        name="ConfigReloadFailed",
        component="monitoring",
        severity="warning",
        expr=(
            f"prometheus_config_last_reload_successful{{{_OF}}} == 0"
            f" or alertmanager_config_last_reload_successful{{{_OF_ALERTMANAGER}}} == 0"
        ),
        hold="1m",
        summary="A changed configuration was refused",
        description="{{ $labels.instance }} could not read its configuration anew and goes on with the former one.",
    ),
    Alert(
        name="PrometheusStorageFailing",
        component="monitoring",
        severity="warning",
        expr=" + ".join(f"increase(prometheus_tsdb_{name}_total{{{_OF}}}[30m])" for name in TSDB_FAILURES) + " > 0",
        hold="0s",
        summary="Prometheus cannot store what it sees",
        description="{{ $value | humanize }} operations of the store of {{ $labels.instance }} failed in half an hour.",
    ),
)
