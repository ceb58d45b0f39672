"""What runs inside PostgreSQL: partitions, jobs, and what each role may take."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from components.settings.base import Concern
from components.settings.cron import CronSchedule  # noqa: TC001 - pydantic reads it at run time

Year = Annotated[int, Field(ge=1900, le=2200)]


class PlausibleYears(Concern):
    """Years that get a partition of their own; rows of any other year stay in DEFAULT and raise an alert."""

    first: Year = Field(default=1970, description="first year that gets a partition by itself")
    last: Year = Field(default=2100, description="last year that gets a partition by itself")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"last {self.last} lies before first {self.first}")
        return self


class Schedules(Concern):
    """When each standing job runs: a cron expression of five fields (UTC), or 'N seconds'."""

    maintain_partitions: CronSchedule = Field(default="15 3 * * *", description="partitions of the years ahead")
    drain_default_partition: CronSchedule = Field(default="5 seconds", description="rows of DEFAULT to their own years")
    retain_partitions: CronSchedule = Field(default="45 3 * * *", description="years past retention_years are detached")
    fold_changes: CronSchedule = Field(default="1 seconds", description="changed entries folded into the summary")
    refresh: CronSchedule = Field(default="0 * * * *", description="refresh of each materialized view")
    reconcile_summary: CronSchedule = Field(default="30 2 * * *", description="summary compared with the geometries")
    heartbeat: CronSchedule = Field(default="* * * * *", description="sign of life of the scheduler")
    analyze_partitions: CronSchedule = Field(default="15 4 * * *", description="statistics of the partitioned table")
    prune_history: CronSchedule = Field(default="45 4 * * *", description="old rows of the logs are removed")


def _known_job(name: str) -> str:
    if name not in Schedules.model_fields:
        raise ValueError(f"no job; allowed are {', '.join(Schedules.model_fields)}")
    return name


JobName = Annotated[
    str, AfterValidator(_known_job), WithJsonSchema({"type": "string", "enum": list(Schedules.model_fields)})
]


def _at_most(default: int, what: str) -> int:
    found: int = Field(default=default, ge=0, le=86_400_000, description=f"longest {what}, ms; 0: no limit")
    return found


def _connections(default: int, whose: str) -> int:
    found: int = Field(default=default, ge=1, le=500, description=f"connections of {whose} at once")
    return found


_STATEMENT, _LOCK, _IDLE = "statement", "wait for a lock", "idle time within a transaction"


class Timeouts(Concern):
    """Times of a role, ms; each role has its own defaults."""

    statement_timeout_ms: int
    lock_timeout_ms: int
    idle_in_transaction_timeout_ms: int


class OwnerLimit(Concern):
    """Limits of mundo_owner, whose migrations, jobs and imports take as long as they need."""

    connections: int = _connections(12, "migrations, imports and Pulumi")
    idle_in_transaction_timeout_ms: int = _at_most(900_000, _IDLE)


class AppLimit(Timeouts):
    """Limits of mundo_app; its connections follow from `catalog.db_pool_size`."""

    statement_timeout_ms: int = _at_most(30_000, _STATEMENT)
    lock_timeout_ms: int = _at_most(5_000, _LOCK)
    idle_in_transaction_timeout_ms: int = _at_most(60_000, _IDLE)


class IngestLimit(Timeouts):
    """Limits of mundo_ingest; the transaction of an import itself lifts the first and the last."""

    connections: int = _connections(6, "imports through the app")
    statement_timeout_ms: int = _at_most(900_000, _STATEMENT)
    lock_timeout_ms: int = _at_most(60_000, _LOCK)
    idle_in_transaction_timeout_ms: int = _at_most(60_000, _IDLE)


class ExporterLimit(Timeouts):
    """Limits of mundo_exporter."""

    connections: int = _connections(5, "the metrics exporter")
    statement_timeout_ms: int = _at_most(10_000, _STATEMENT)
    lock_timeout_ms: int = _at_most(2_000, _LOCK)
    idle_in_transaction_timeout_ms: int = _at_most(30_000, _IDLE)


class ReaderLimit(Timeouts):
    """Limits of mundo_reader; the times hold for the logins of `access` too."""

    connections: int = _connections(10, "mundo_reader")
    statement_timeout_ms: int = _at_most(60_000, _STATEMENT)
    lock_timeout_ms: int = _at_most(5_000, _LOCK)
    idle_in_transaction_timeout_ms: int = _at_most(60_000, _IDLE)


class RoleLimits(Concern):
    """What each role may take."""

    owner: OwnerLimit = Field(default=OwnerLimit(), description="mundo_owner")
    app: AppLimit = Field(default=AppLimit(), description="mundo_app")
    ingest: IngestLimit = Field(default=IngestLimit(), description="mundo_ingest")
    exporter: ExporterLimit = Field(default=ExporterLimit(), description="mundo_exporter")
    reader: ReaderLimit = Field(default=ReaderLimit(), description="mundo_reader")


class DatabaseSettings(Concern):
    """What runs inside PostgreSQL."""

    first_year: Year = Field(default=2026, description="first year that has a partition from the start")
    years_ahead: int = Field(default=9, ge=1, le=50, description="whole years of partitions kept ahead of the clock")
    plausible_years: PlausibleYears = Field(default=PlausibleYears(), description="years that get a partition")
    retention_years: int | None = Field(
        default=None, ge=1, le=200, description="whole years kept beside the current one; none: all of them"
    )
    schedules: Schedules = Field(default=Schedules(), description="when each job runs")
    paused: tuple[JobName, ...] = Field(default=(), description="jobs that are declared and do not run")
    refresh_max_age_minutes: int = Field(
        default=120, ge=1, le=525_600, description="age of a view's data from which it counts as stale, minutes"
    )
    history_days: int = Field(default=30, ge=1, le=3650, description="days that the logs of jobs are kept")
    roles: RoleLimits = Field(default=RoleLimits(), description="what each role may take")

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        if not self.plausible_years.first <= self.first_year <= self.plausible_years.last:
            raise ValueError(
                f"first_year {self.first_year} lies outside plausible_years "
                f"{self.plausible_years.first} to {self.plausible_years.last}"
            )
        return self
