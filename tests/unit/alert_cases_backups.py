"""What makes each alert on backups fire and end."""

from tests.unit.alert_case import Case, bad_between

_SERIES = 'job="sql",instance="postgres"'


def _labels(backup: str) -> dict[str, str]:
    return {"job": "sql", "instance": "postgres", "backup": backup}


BACKUPS = (
    Case(
        alert="BackupTooOld",
        series={
            f'pg_mundo_backup_age_seconds{{{_SERIES},backup="any"}}': bad_between("3600+15", "180001+0"),
            f'pg_mundo_backup_max_age_seconds{{{_SERIES},backup="any"}}': "180000+0x80",
        },
        labels=_labels("any"),
        says="has succeeded for 2d 2h 0m 1s",
    ),
    Case(
        alert="BackupFailing",
        series={f'pg_mundo_backup_failures_since_success{{{_SERIES},backup="any"}}': bad_between("0+0", "2+0")},
        labels=_labels("any"),
        says="2 backups of postgres have failed",
    ),
    Case(
        alert="RestoreDrillTooOld",
        series={
            f'pg_mundo_backup_age_seconds{{{_SERIES},backup="drill"}}': bad_between("3600+15", "1296001+0"),
            f'pg_mundo_backup_max_age_seconds{{{_SERIES},backup="drill"}}': "1296000+0x80",
        },
        labels=_labels("drill"),
        says="has succeeded for 15d 0h 0m 1s",
    ),
    Case(
        alert="RestoreDrillFailing",
        series={f'pg_mundo_backup_failures_since_success{{{_SERIES},backup="drill"}}': bad_between("0+0", "1+0")},
        labels=_labels("drill"),
        says="1 restore drills of postgres have failed",
    ),
    Case(
        alert="WalArchivingFailing",
        series={f"pg_mundo_archive_oldest_seconds{{{_SERIES}}}": bad_between("0+0", "301+0")},
        labels={"job": "sql", "instance": "postgres"},
        says="has waited for 5m 1s",
    ),
)
