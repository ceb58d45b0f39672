"""What the backups say to Prometheus: the questions, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.database.question import Question

if TYPE_CHECKING:
    from components.settings import BackupSettings

_HOUR, _DAY = 3600, 86_400


def questions(settings: BackupSettings) -> tuple[Question, ...]:
    """How old the last good backup and the last good drill are, and whether the log is archived."""
    return (
        Question(
            name="backup",
            sql="SELECT backup_kind AS backup, age_seconds, CASE backup_kind"  # noqa: S608 - numbers from the settings
            f" WHEN 'any' THEN {settings.max_age_hours * _HOUR}"
            f" WHEN 'drill' THEN {settings.drill_max_age_days * _DAY} END AS max_age_seconds,"
            " duration_seconds, database_bytes, repository_bytes AS bytes, failures_since_success FROM v_backup_status",
            labels={"backup": "any, full, or drill: the newest one restored and compared"},
            gauges={
                "age_seconds": "time since the last good one",
                "max_age_seconds": "time from which it counts as too old",
                "duration_seconds": "time of the last good one",
                "database_bytes": "bytes of the database in the last good one",
                "bytes": "bytes that the last good one takes by itself, compressed",
                "failures_since_success": "those that failed since the last good one",
            },
            rhythm="sometimes",
        ),
        Question(
            name="archive",
            sql="SELECT ready.waiting, coalesce(extract(epoch FROM clock_timestamp() - ready.since), 0)"
            " AS oldest_seconds, extract(epoch FROM clock_timestamp()"
            " - coalesce(archiver.last_archived_time, pg_postmaster_start_time())) AS age_seconds,"
            " archiver.failed_count AS failures FROM pg_stat_archiver AS archiver CROSS JOIN"
            " (SELECT count(*) AS waiting, min(modification) AS since FROM pg_ls_archive_statusdir()"
            " WHERE name LIKE '%.ready') AS ready",
            gauges={
                "waiting": "segments of the log that wait to be archived",
                "oldest_seconds": "how long the first of them has waited",
                "age_seconds": "time since a segment was archived",
                "failures": "attempts that failed, since the statistics began",
            },
            rhythm="often",
        ),
    )
