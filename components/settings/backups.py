"""Backups: whether, when, how many, and how much may be lost."""

from __future__ import annotations

from pydantic import Field

from components.settings.base import Concern, Cpus, MegaBytes
from components.settings.bucket import BucketSettings
from components.settings.cron import CronSchedule  # noqa: TC001 - pydantic reads it at run time


class BackupSchedules(Concern):
    """When backups are made and tried: a cron expression of five fields (UTC)."""

    full: CronSchedule = Field(default="10 1 * * 0", description="a full backup")
    incr: CronSchedule = Field(default="10 1 * * 1-6", description="what has changed since the last backup")
    drill: CronSchedule = Field(default="10 5 * * 0", description="the newest backup restored and compared")


class BackupSettings(Concern):
    """Backups of the database, in a volume of the stack or in a bucket."""

    enabled: bool = Field(default=True, description="whether the log is archived and backups are made")
    schedules: BackupSchedules = Field(default=BackupSchedules(), description="when each is made")
    s3: BucketSettings = Field(default=BucketSettings(), description="where they lie, if not in the stack's volume")
    keep_full: int = Field(
        default=4, ge=1, le=1000, description="full backups kept, with all that is needed to reach any moment since"
    )
    archive_timeout_seconds: int = Field(
        default=60, ge=5, le=3600, description="seconds after which a change is in the archive, at most"
    )
    max_age_hours: int = Field(
        default=50, ge=1, le=8760, description="age from which the last backup is too old, hours"
    )
    drill_max_age_days: int = Field(
        default=15, ge=1, le=3650, description="age from which the last drill is too old, days"
    )
    migration_wait_minutes: int = Field(
        default=240, ge=1, le=10_080, description="minutes that a migration waits for its backup, at most"
    )
    rewrite_without: str | None = Field(
        default=None,
        pattern=r"^\d{4}_[a-z0-9_]+$",
        description="where backups are off: the newest migration that may rewrite data all the same",
    )
    compress_level: int = Field(default=3, ge=-7, le=22, description="level of compression (zstandard)")
    processes: int = Field(default=2, ge=1, le=64, description="processes that compress and encrypt at once")
    memory_mb: MegaBytes = Field(default=512, description="memory limit of the backup service, MiB")
    cpus: Cpus = Field(default=1.0, description="CPU limit of the backup service")
