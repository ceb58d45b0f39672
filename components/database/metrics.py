"""What PostgreSQL says of itself to Prometheus, as postgres_exporter's own queries.

Limits stand beside what they limit, from the stack's settings: an alert compares two series and names no number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.settings import DatabaseSettings

_RARELY_SECONDS = 900
_SOMETIMES_SECONDS = 60


def render_queries_yaml(settings: DatabaseSettings) -> str:
    """The file for `--extend.query-path`; mundo_exporter may read whatever it asks for."""
    return yaml.safe_dump(
        {
            "pg_mundo_view": _query(
                # One that was never refreshed is as old as its schedule: a failure like any other.
                "SELECT status.view_name,"  # noqa: S608 - a number from the settings
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
            ),
            "pg_mundo_change_queue": _query(
                "SELECT queued, oldest_seconds FROM v_change_queue_status",
                gauges={"queued": "changes that wait for the fold", "oldest_seconds": "age of the oldest of them"},
            ),
            "pg_mundo_default_partition": _query(
                "SELECT undrained_rows, archived_rows, implausible_rows FROM v_default_partition_status",
                gauges={
                    "undrained_rows": "rows of DEFAULT that wait for a partition of their own",
                    "archived_rows": "rows of DEFAULT whose year is archived",
                    "implausible_rows": "rows of DEFAULT of years that get no partition",
                },
            ),
            "pg_mundo_partitions": _query(
                "SELECT min(wanted.year) - clock.year - 1 AS years_ahead,"  # noqa: S608 - a number from the settings
                f" {settings.years_ahead} AS years_wanted"
                " FROM (SELECT extract(year FROM now() AT TIME ZONE 'UTC')::integer AS year) AS clock"
                " CROSS JOIN LATERAL generate_series(clock.year, clock.year + 100) AS wanted (year)"
                " WHERE NOT EXISTS (SELECT FROM v_partition_status AS part WHERE part.partition_year = wanted.year)"
                " GROUP BY clock.year",
                gauges={
                    "years_ahead": "whole years after the clock's that have a partition, without a gap",
                    "years_wanted": "whole years wanted ahead of the clock",
                },
            ),
            "pg_mundo_summary": _query(
                "SELECT coalesce((SELECT differences FROM summary_reconciliation_log WHERE outcome = 'success'"
                " ORDER BY started_at DESC LIMIT 1), 0) AS differences",
                gauges={"differences": "entries whose summary was wrong at the last comparison"},
            ),
            "pg_mundo_scheduler": _query(
                "SELECT age_seconds, coalesce((SELECT extract(epoch FROM longest_gap) FROM v_cron_jobs"
                " WHERE job_name = 'heartbeat'), 60) + 120 AS max_age_seconds FROM v_cron_heartbeat",
                gauges={
                    "age_seconds": "time since the last beat of the scheduler",
                    "max_age_seconds": "time from which the scheduler counts as silent",
                },
            ),
            "pg_mundo_job": _query(
                "SELECT job_name, active::integer AS active, missed::integer AS missed,"
                " coalesce(active AND last_status = 'failed', false)::integer AS failing,"
                " last_duration_ms / 1000 AS duration_seconds FROM v_cron_jobs",
                labels={"job_name": "standing job"},
                gauges={
                    "active": "whether it runs at all",
                    "missed": "whether it should have run and did not",
                    "failing": "whether its last run failed",
                    "duration_seconds": "time of its last run",
                },
            ),
            "pg_mundo_geometries": _query(
                "SELECT coalesce(sum(total_geometrias), 0) AS stored,"
                " coalesce(sum(round(total_geometrias * valid_geometry_percent / 100)), 0) AS valid"
                " FROM mv_catalogo_geometrias_stats",
                gauges={"stored": "geometries, as of the last refresh", "valid": "those of them that are valid"},
                cache_seconds=_SOMETIMES_SECONDS,
            ),
            "pg_mundo_capacity": _query(
                "SELECT scenario, rows_of_year_end, bytes_of_year_end, bytes_error FROM v_capacity_status",
                labels={"scenario": "scenario of the capacity plan"},
                gauges={
                    "rows_of_year_end": "rows as a share of what the plan says for the end of the year",
                    "bytes_of_year_end": "bytes as a share of what the plan says for the end of the year",
                    "bytes_error": "difference of bytes from the plan for today, as a share of the plan",
                },
                cache_seconds=_RARELY_SECONDS,
            ),
        },
        sort_keys=False,
        width=120,
    )


def _query(
    sql: str, *, gauges: Mapping[str, str], labels: Mapping[str, str] | None = None, cache_seconds: int = 0
) -> dict[str, Any]:
    metrics = [
        {name: {"usage": usage, "description": description[0].upper() + description[1:]}}
        for usage, columns in (("LABEL", labels or {}), ("GAUGE", gauges))
        for name, description in columns.items()
    ]
    return {"query": sql, "cache_seconds": cache_seconds, "metrics": metrics}
