"""The standing jobs of the database: what pg_cron runs, and when. A pure function of the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.settings import Schedules

if TYPE_CHECKING:
    from components.settings import BackupSettings, DatabaseSettings

VIEWS = ("mv_catalogo_geometrias_stats", "mv_catalogo_search_indexed")
"""The materialized views; each has a job of its own."""

BACKUPS = {"full": "backup-full", "incr": "backup-incr", "drill": "restore-drill"}
"""Kind of a request to the backup service → the job that makes it."""

REFRESH = "refresh"
"""Setting of the schedule of every view's job."""


@dataclass(frozen=True)
class Job:
    """A pg_cron job: its name, its schedule, its SQL, and whether it runs."""

    name: str
    schedule: str
    command: str
    active: bool


def standing(settings: DatabaseSettings) -> list[Job]:
    """Every job but the refreshes (`ScheduledView` declares those); retention only where the settings want it."""
    years = settings.plausible_years
    commands = {
        "maintain_partitions": f"maintain_partitions({settings.years_ahead})",
        "drain_default_partition": f"drain_default_partition({years.first}, {years.last})",
        "retain_partitions": f"detach_old_partitions({settings.retention_years}, false)",
        # Small portions: what is folded at once holds up the one change that somebody waits for.
        "fold_changes": "fold_catalogo_changes(2000)",
        "reconcile_summary": "reconcile_catalogo_summary()",
        "heartbeat": "heartbeat()",
        "analyze_partitions": "analyze_partitions()",
        "prune_history": f"prune_history({settings.history_days})",
    }
    if settings.retention_years is None:
        del commands["retain_partitions"]
    return [
        Job(
            name=key.replace("_", "-"),
            schedule=str(getattr(settings.schedules, key)),
            command=f"SELECT {call}",
            active=key not in settings.paused,
        )
        for key, call in commands.items()
    ]


def backups(settings: BackupSettings) -> list[Job]:
    """The jobs that ask the backup service for something; none where there is none."""
    if not settings.enabled:
        return []
    return [
        Job(
            name=name,
            schedule=str(getattr(settings.schedules, kind)),
            command=f"SELECT request_backup('{kind}')",
            active=True,
        )
        for kind, name in BACKUPS.items()
    ]


COUNT = len(Schedules.model_fields) - 1 + len(VIEWS) + len(BACKUPS)
"""How many jobs there can be: as many may run at once. PostgreSQL reads it at its start only, so it does not depend on
the settings: turning retention on restarts nothing."""
