"""Alerts on backups: made, tried, and the log archived."""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import JOB_SQL


def _of(backup: str) -> str:
    return f'{{job="{JOB_SQL}",backup="{backup}"}}'


ARCHIVED_SECONDS: Final = 300
"""How long a full segment of the log may wait to be archived."""

ALERTS: Final = (
    Alert(
        name="BackupTooOld",
        component="database",
        severity="critical",
        expr=f"pg_mundo_backup_age_seconds{_of('any')} > pg_mundo_backup_max_age_seconds{_of('any')}",
        hold="5m",
        summary="The last good backup is too old",
        description="No backup of {{ $labels.instance }} has succeeded for {{ $value | humanizeDuration }}.",
    ),
    Alert(
        name="BackupFailing",
        component="database",
        severity="warning",
        expr=f"pg_mundo_backup_failures_since_success{_of('any')} > 0",
        hold="5m",
        summary="Backups fail",
        description="{{ $value }} backups of {{ $labels.instance }} have failed since the last good one.",
    ),
    Alert(
        name="RestoreDrillTooOld",
        component="database",
        severity="warning",
        expr=f"pg_mundo_backup_age_seconds{_of('drill')} > pg_mundo_backup_max_age_seconds{_of('drill')}",
        hold="5m",
        summary="It was long ago that a backup was restored for trial",
        description="No restore drill of {{ $labels.instance }} has succeeded for {{ $value | humanizeDuration }}.",
    ),
    Alert(
        name="RestoreDrillFailing",
        component="database",
        severity="critical",
        expr=f"pg_mundo_backup_failures_since_success{_of('drill')} > 0",
        hold="5m",
        summary="A backup could not be restored, or differs",
        description="{{ $value }} restore drills of {{ $labels.instance }} have failed since the last good one.",
    ),
    Alert(
        name="WalArchivingFailing",
        component="database",
        severity="critical",
        expr=f'pg_mundo_archive_oldest_seconds{{job="{JOB_SQL}"}} > {ARCHIVED_SECONDS}',
        hold="5m",
        summary="The write-ahead log is not archived",
        description=(
            "A segment of {{ $labels.instance }} has waited for {{ $value | humanizeDuration }}: what was committed "
            "since then goes with the data volume, which fills up."
        ),
    ),
)
