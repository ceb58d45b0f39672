"""Alerts on what keeps the database fit: partitions, views, the change queue and the standing jobs."""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import JOB_SQL, QUEUE_MAX_AGE_SECONDS, by_name

_OF = f'job="{JOB_SQL}"'
_DEFAULT = "pg_mundo_default_partition"

BLOAT_MIN_BYTES: Final = 64 * 1024**2
"""Size from which dead rows of a table matter."""

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
        name="LocksWaiting",
        component="database",
        severity="warning",
        # Two looks in a row: the first of those that wait is another one each time where work goes on.
        expr=f"pg_mundo_locks_longest_seconds{{{_OF}}} > 30",
        hold="30s",
        summary="Sessions wait for a lock",
        description="A session of {{ $labels.instance }} has waited for a lock for {{ $value | humanizeDuration }}.",
    ),
    Alert(
        name="TransactionLong",
        component="database",
        severity="warning",
        expr=f"pg_mundo_transactions_oldest_seconds{{{_OF}}} > 900",
        hold="1m",
        summary="A transaction has been open for a long time",
        description=(
            "A transaction of {{ $labels.instance }} has been open for {{ $value | humanizeDuration }}: "
            "nothing that was deleted since can be cleared away, and the drain may wait for it."
        ),
    ),
    Alert(
        name="TableBloat",
        component="database",
        severity="warning",
        expr=(
            f"pg_mundo_table_dead_ratio{{{_OF}}} > 0.4"
            f" and on (instance, table) pg_mundo_table_bytes{{{_OF}}} > {BLOAT_MIN_BYTES}"
        ),
        hold="2h",
        summary="A table is full of dead rows",
        description="{{ $value | humanizePercentage }} of the rows of {{ $labels.table }} are dead: no vacuum came.",
    ),
    Alert(
        name="ImportsStuck",
        component="database",
        severity="warning",
        # A large file takes minutes; a desk that works takes the next one then.
        expr=f"pg_mundo_imports_oldest_seconds{{{_OF}}} > 1800",
        hold="5m",
        summary="Uploads are not worked off",
        description="An upload has waited for its turn for {{ $value | humanizeDuration }}.",
    ),
    Alert(
        name="ViewRefreshSlow",
        component="database",
        severity="warning",
        # One slow refresh, such as that after a large import, is no reason; it is known until the next, an hour later.
        expr=f"pg_mundo_view_refresh_seconds{{{_OF}}} >= {by_name('view_refresh').target:g}",
        hold="90m",
        summary="A materialized view is refreshed slowly, again and again",
        description="The last refresh of {{ $labels.view_name }} took {{ $value | humanizeDuration }}.",
    ),
    Alert(
        name="GeometriesUntraceable",
        component="database",
        severity="warning",
        expr=f"pg_mundo_geometries_stored{{{_OF}}} - pg_mundo_geometries_traceable{{{_OF}}} > 0",
        hold="15m",
        summary="Geometries lead back to no file",
        description="{{ $value }} geometries of {{ $labels.instance }} lead back to no file, feature and import.",
    ),
    Alert(
        name="DatabaseMetricsMissing",
        component="database",
        severity="warning",
        # While PostgreSQL is away this is silent in Alertmanager: PostgresDown mutes it.
        expr=(
            f"count by (job, instance) (pg_mundo_question_answered{{{_OF}}} == 0)"
            f" or count by (job, instance) (up{{{_OF}}} == 1 unless on (instance) pg_mundo_question_answered{{{_OF}}})"
        ),
        hold="5m",
        summary="The database does not say all of its jobs, views, partitions and data",
        description=(
            "Questions to {{ $labels.instance }} without an answer: {{ $value }}. "
            "The alerts on what they ask cannot fire."
        ),
    ),
)
