"""What PostgreSQL says of itself to Prometheus: the questions, as data.

`components/monitoring_sql.py` makes of them what the exporter asks and what Prometheus makes of its answers. Limits
stand beside what they limit, from the stack's settings: an alert compares two series and names no number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from components.database import backup_metrics
from components.database.question import Question

if TYPE_CHECKING:
    from components.settings import BackupSettings, DatabaseSettings


def questions(settings: DatabaseSettings, backups: BackupSettings) -> tuple[Question, ...]:
    """Everything that is asked. mundo_exporter may read it, and nothing of any catalogue entry."""
    return (*_upkeep(settings), *_DATA, *_SERVER, *(backup_metrics.questions(backups) if backups.enabled else ()))


def names(settings: DatabaseSettings, backups: BackupSettings) -> frozenset[str]:
    """The names of all metrics of the questions."""
    return frozenset(name for question in questions(settings, backups) for name in question.metrics.values())


def _upkeep(settings: DatabaseSettings) -> tuple[Question, ...]:
    return (
        Question(
            name="view",
            # One that was never refreshed is as old as its schedule: a failure like any other.
            sql="SELECT status.view_name,"  # noqa: S608 - a number from the settings
            " coalesce(status.age_seconds, extract(epoch FROM now() - coalesce(job.scheduled_at,"
            " pg_postmaster_start_time()))) AS age_seconds,"
            f" {settings.refresh_max_age_minutes * 60} AS max_age_seconds,"
            " status.failures_since_success,"
            " status.last_success_duration_ms / 1000 AS refresh_seconds"
            " FROM v_mv_refresh_status AS status"
            " LEFT JOIN v_cron_jobs AS job ON job.job_name = 'refresh-' || status.view_name",
            labels={"view_name": "materialized view"},
            gauges={
                "age_seconds": "age of the data that readers see",
                "max_age_seconds": "age from which the data count as stale",
                "failures_since_success": "refreshes that failed since the last success",
                "refresh_seconds": "time of the last refresh that succeeded",
            },
            rhythm="often",
        ),
        Question(
            name="change_queue",
            sql="SELECT queued, oldest_seconds FROM v_change_queue_status",
            gauges={"queued": "changes that wait for the fold", "oldest_seconds": "age of the oldest of them"},
            rhythm="often",
        ),
        Question(
            name="default_partition",
            sql="SELECT undrained_rows, archived_rows, implausible_rows FROM v_default_partition_status",
            gauges={
                "undrained_rows": "rows of DEFAULT that wait for a partition of their own",
                "archived_rows": "rows of DEFAULT whose year is archived",
                "implausible_rows": "rows of DEFAULT of years that get no partition",
            },
            rhythm="often",
        ),
        Question(
            name="scheduler",
            sql="SELECT age_seconds, coalesce((SELECT extract(epoch FROM longest_gap) FROM v_cron_jobs"
            " WHERE job_name = 'heartbeat'), 60) + 120 AS max_age_seconds FROM v_cron_heartbeat",
            gauges={
                "age_seconds": "time since the last beat of the scheduler",
                "max_age_seconds": "time from which the scheduler counts as silent",
            },
            rhythm="often",
        ),
        Question(
            name="job",
            sql="SELECT job_name, active::integer AS active, missed::integer AS missed,"
            " coalesce(active AND last_status = 'failed', false)::integer AS failing,"
            " last_duration_ms / 1000 AS duration_seconds,"
            " extract(epoch FROM now() - last_success_at) AS last_success_age_seconds FROM v_cron_jobs",
            labels={"job_name": "standing job"},
            gauges={
                "active": "whether it runs at all",
                "missed": "whether it should have run and did not",
                "failing": "whether its last run failed",
                "duration_seconds": "time of its last run",
                "last_success_age_seconds": "time since its last run that succeeded began",
            },
            rhythm="often",
        ),
        Question(
            name="job_failures",
            subject="job",
            sql="SELECT job_name, failures FROM cron_job_failures()",
            labels={"job_name": "standing job"},
            gauges={"failures": "failed runs of the last 24 hours"},
            rhythm="sometimes",
        ),
        Question(
            name="partitions",
            sql="SELECT min(wanted.year) - clock.year - 1 AS years_ahead,"  # noqa: S608 - a number from the settings
            f" {settings.years_ahead} AS years_wanted"
            " FROM (SELECT extract(year FROM now() AT TIME ZONE 'UTC')::integer AS year) AS clock"
            " CROSS JOIN LATERAL generate_series(clock.year, clock.year + 100) AS wanted (year)"
            " WHERE NOT EXISTS (SELECT FROM v_partition_status AS part WHERE part.partition_year = wanted.year)"
            " GROUP BY clock.year",
            gauges={
                "years_ahead": "whole years after the clock's that have a partition, without a gap",
                "years_wanted": "whole years wanted ahead of the clock",
            },
            rhythm="sometimes",
        ),
        Question(
            name="summary",
            sql="SELECT coalesce((SELECT differences FROM summary_reconciliation_log WHERE outcome = 'success'"
            " ORDER BY started_at DESC LIMIT 1), 0) AS differences",
            gauges={"differences": "entries whose summary was wrong at the last comparison"},
            rhythm="sometimes",
        ),
    )


_DATA: Final = (
    Question(
        name="geometries",
        sql="SELECT stored_count AS stored, valid_count AS valid, traceable_count AS traceable FROM v_geometry_status",
        gauges={
            "stored": "geometries, as of the last fold",
            "valid": "those of them that are valid",
            "traceable": "those of them that lead back to a file, a feature and an import",
        },
        rhythm="rarely",
    ),
    Question(
        name="partition",
        sql="SELECT partition_label AS partition, row_count AS rows, total_bytes AS bytes FROM v_partition_size",
        labels={"partition": "its year, or default"},
        gauges={"rows": "rows, counted", "bytes": "bytes on disk, with indexes and TOAST"},
        rhythm="rarely",
    ),
    Question(
        name="capacity",
        sql="SELECT scenario, rows_of_year_end, bytes_of_year_end, bytes_error, actual_bytes AS bytes,"
        " projected_bytes_year_end AS projected_bytes FROM v_capacity_status",
        labels={"scenario": "scenario of the capacity plan"},
        gauges={
            "rows_of_year_end": "rows as a share of what the plan says for the end of the year",
            "bytes_of_year_end": "bytes as a share of what the plan says for the end of the year",
            "bytes_error": "difference of bytes from the plan for today, as a share of the plan",
            "bytes": "bytes on disk of all that grows with the catalogue",
            "projected_bytes": "bytes that the plan says for the end of the year",
        },
        rhythm="rarely",
    ),
    Question(
        name="import",
        sql="SELECT features_per_second, age_seconds FROM v_import_status",
        gauges={
            "features_per_second": "features stored per second by the last import of at least a hundred",
            "age_seconds": "time since that import was complete",
        },
        rhythm="sometimes",
    ),
    Question(
        name="imports",
        sql="SELECT waiting, oldest_seconds FROM v_import_queue",
        gauges={"waiting": "uploads that wait for their turn", "oldest_seconds": "age of the oldest of them"},
        rhythm="often",
    ),
)

_SERVER: Final = (
    Question(
        name="table",
        # Only what has rows: years to come would be as many series, and say nothing.
        sql="SELECT stats.relname AS table, pg_total_relation_size(stats.relid) AS bytes,"
        " stats.n_dead_tup / (stats.n_live_tup + stats.n_dead_tup)::double precision AS dead_ratio"
        " FROM pg_stat_user_tables AS stats"
        " WHERE stats.schemaname = 'public' AND stats.n_live_tup + stats.n_dead_tup > 0"
        " AND (SELECT own.relowner FROM pg_class AS own WHERE own.oid = stats.relid) = 'mundo_owner'::regrole",
        labels={"table": "table or partition with rows"},
        gauges={
            "bytes": "bytes on disk, with indexes and TOAST",
            "dead_ratio": "rows that nobody sees any more, as a share of all",
        },
        rhythm="sometimes",
    ),
    Question(
        name="database",
        sql="SELECT pg_database_size(current_database()) AS bytes",
        gauges={"bytes": "bytes on disk of the whole database"},
        rhythm="sometimes",
    ),
    Question(
        name="checksums",
        # Counted where a page is read; a restore begins anew, and so does the count.
        sql="SELECT coalesce(sum(checksum_failures), 0) AS failures FROM pg_stat_database",
        gauges={"failures": "pages whose checksum was wrong when they were read, of all databases"},
        rhythm="often",
    ),
    Question(
        name="extension",
        sql="SELECT name AS extension, (installed_version <> default_version)::integer AS behind"
        " FROM pg_available_extensions WHERE installed_version IS NOT NULL",
        labels={"extension": "extension of the database"},
        gauges={"behind": "whether its version in the database is not the one of the image"},
        rhythm="rarely",
    ),
    Question(
        name="locks",
        sql="SELECT count(*) AS waiting,"
        " coalesce(extract(epoch FROM clock_timestamp() - min(waitstart)), 0) AS longest_seconds"
        " FROM pg_locks WHERE NOT granted",
        gauges={"waiting": "sessions that wait for a lock", "longest_seconds": "how long the first of them has waited"},
        rhythm="often",
    ),
    Question(
        name="transactions",
        # A vacuum may take hours and holds nobody up; a session of replication has no end.
        sql="SELECT coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0) AS oldest_seconds"
        " FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type NOT IN ('autovacuum worker', 'walsender')",
        gauges={"oldest_seconds": "age of the oldest open transaction"},
        rhythm="often",
    ),
)
