"""Alerts on what keeps the database fit: partitions, views, the change queue and the standing jobs."""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import JOB_POSTGRES, QUEUE_MAX_AGE_SECONDS

_OF = f'job="{JOB_POSTGRES}"'
_DEFAULT = "pg_mundo_default_partition"

ALERTS: Final = (
    Alert(
        name="DefaultPartitionNotEmpty",
        component="database",
        severity="warning",
        expr=f"{_DEFAULT}_undrained_rows{{{_OF}}} + {_DEFAULT}_implausible_rows{{{_OF}}} > 0",
        hold="5m",
        summary="Geometries have no partition of their own",
        description=(
            "{{ $value }} rows lie in the DEFAULT partition of {{ $labels.instance }}: "
            "their year is implausible, or the drain fails."
        ),
    ),
    Alert(
        name="PartitionsRunningOut",
        component="database",
        severity="warning",
        # One year less than wanted is New Year's morning, before the daily job.
        expr=(
            f"pg_mundo_partitions_years_ahead{{{_OF}}} < clamp_min(pg_mundo_partitions_years_wanted{{{_OF}}} - 1, 1)"
        ),
        hold="10m",
        summary="Partitions of coming years are missing",
        description="Only {{ $value }} whole years ahead have a partition on {{ $labels.instance }}.",
    ),
    Alert(
        name="ViewStale",
        component="database",
        severity="warning",
        expr=f"pg_mundo_view_age_seconds{{{_OF}}} > pg_mundo_view_max_age_seconds{{{_OF}}}",
        hold="5m",
        summary="A materialized view is older than allowed",
        description="{{ $labels.view_name }} shows data of {{ $value | humanizeDuration }} ago.",
    ),
    Alert(
        name="ViewRefreshFailing",
        component="database",
        severity="warning",
        expr=f"pg_mundo_view_failures_since_success{{{_OF}}} > 0",
        hold="5m",
        summary="The refresh of a materialized view fails",
        description="{{ $value }} refreshes of {{ $labels.view_name }} have failed since the last success.",
    ),
    Alert(
        name="SummaryDifferences",
        component="database",
        severity="warning",
        expr=f"pg_mundo_summary_differences{{{_OF}}} > 0",
        hold="0s",
        summary="The summary differed from the geometries",
        description="The nightly comparison found, and mended, {{ $value }} entries whose summary was wrong.",
    ),
    Alert(
        name="ChangeQueueStuck",
        component="database",
        severity="warning",
        # A change counts from the start of its transaction: a long import is old when it comes, and gone in seconds.
        expr=f"pg_mundo_change_queue_oldest_seconds{{{_OF}}} > {QUEUE_MAX_AGE_SECONDS}",
        hold="2m",
        summary="Changes are not folded into the summary",
        description="A change has waited for {{ $value | humanizeDuration }}: search and bounds show an older state.",
    ),
    Alert(
        name="SchedulerSilent",
        component="database",
        severity="critical",
        expr=f"pg_mundo_scheduler_age_seconds{{{_OF}}} > pg_mundo_scheduler_max_age_seconds{{{_OF}}}",
        hold="1m",
        summary="pg_cron runs no jobs",
        description="The last beat of {{ $labels.instance }} was {{ $value | humanizeDuration }} ago: no job runs.",
    ),
    Alert(
        name="CronJobFailing",
        component="database",
        severity="warning",
        expr=f"pg_mundo_job_failing{{{_OF}}} == 1 or pg_mundo_job_missed{{{_OF}}} == 1",
        hold="5m",
        summary="A standing job fails or does not run",
        description="The last run of {{ $labels.job_name }} failed, or a run is overdue.",
    ),
    Alert(
        name="CapacityExceeded",
        component="database",
        severity="warning",
        expr=(
            f'max by (instance) (pg_mundo_capacity_bytes_of_year_end{{{_OF},scenario="high"}}) > 1'
            f' or max by (instance) (pg_mundo_capacity_rows_of_year_end{{{_OF},scenario="high"}}) > 1'
        ),
        hold="30m",
        summary="There are more data than the boldest plan of this year",
        description="{{ $labels.instance }} holds {{ $value | humanizePercentage }} of the plan for the year's end.",
    ),
    Alert(
        name="DatabaseMetricsMissing",
        component="database",
        severity="warning",
        expr=f"pg_up{{{_OF}}} == 1 unless on (instance) pg_mundo_scheduler_age_seconds{{{_OF}}}",
        hold="5m",
        summary="The database says nothing of its jobs, views and partitions",
        description="{{ $labels.instance }} is up, but its own metrics are missing: the alerts on them cannot fire.",
    ),
)
