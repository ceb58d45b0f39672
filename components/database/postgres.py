"""PostgreSQL 17 with its schema and its standing jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import pulumi

from components.database import backup, backup_config, config, jobs
from components.database.resources import CronJob, Migrations
from components.database.role_settings import RoleSettings
from components.database.scheduled_view import ScheduledView
from components.database.yearly_partitions import YearlyPartitions
from components.service import DataVolume, HealthCheck, Port, Service

if TYPE_CHECKING:
    from components.context import StackContext
    from components.placement.container import ContainerPlacement
    from components.settings import Settings
    from components.settings.database import Timeouts


class RoleLimit(TypedDict):
    """Arguments of `RoleSettings`."""

    settings: dict[str, str]
    connection_limit: int | None


HOST_NUMBER = 10
PORT = 5432
USER = 999


def service(context: StackContext) -> Service:
    """The PostgreSQL server of a stack."""
    size = context.settings.postgres
    secrets = context.secrets
    kept = context.settings.backups.enabled
    return Service(
        name="postgres",
        component="database",
        image="postgres",
        user=USER,
        host_number=HOST_NUMBER,
        config={
            "postgresql.conf": config.render_postgresql_conf(
                max_connections=size.max_connections,
                shared_buffers_mb=size.shared_buffers_mb,
                work_mem_mb=size.work_mem_mb,
                max_wal_size_mb=size.max_wal_size_mb,
                temp_file_limit_mb=size.temp_file_limit_mb,
                parallel_workers=size.parallel_workers,
                jobs=jobs.COUNT,
                owner_connections=context.settings.database.roles.owner.connections,
                archive=_archive(context) if kept else None,
            ),
            "pg_hba.conf": config.render_pg_hba(str(context.settings.network.subnet)),
            **(backup.config(context) if kept else {}),
        },
        secrets={
            "owner_password": secrets.postgresOwnerPassword.get_secret_value(),
            "app_password": secrets.postgresAppPassword.get_secret_value(),
            "ingest_password": secrets.postgresIngestPassword.get_secret_value(),
            "exporter_password": secrets.postgresExporterPassword.get_secret_value(),
            "reader_password": secrets.postgresReaderPassword.get_secret_value(),
            **(backup.secrets(context) if kept else {}),
        },
        volumes=(
            DataVolume(name="data", path=backup.DATA_PATH),
            # Kept where backups are turned off: that is no reason to delete them.
            backup.REPOSITORY,
        ),
        tmpfs={"/tmp": "rw,nosuid,nodev,size=64m"},  # noqa: S108
        ports=(Port(container=PORT, host=context.settings.ports.postgres),),
        health=HealthCheck(command=("healthcheck",), interval=5, timeout=3, retries=4, start_period=90),
        memory_mb=size.memory_mb,
        cpus=size.cpus,
        shm_size_mb=size.shm_size_mb,
        stop_signal="SIGINT",  # fast shutdown: sessions end, nothing is lost, no recovery at the next start
        stop_seconds=30,
        init=False,
    )


def _archive(context: StackContext) -> config.Archive:
    return config.Archive(
        command=backup_config.ARCHIVE_COMMAND,
        timeout_seconds=context.settings.backups.archive_timeout_seconds,
        socket_directory=backup_config.SOCKET_DIRECTORY,
    )


def role_limits(settings: Settings) -> dict[str, RoleLimit]:
    """Role → its parameters and connection limit; that of the owner is set by the image, since it may not do it."""
    roles = settings.database.roles
    return {
        "mundo_owner": _limit(0, 0, roles.owner.idle_in_transaction_timeout_ms, None),
        "mundo_app": _limited(roles.app, settings.app_connections),
        "mundo_ingest": _limited(roles.ingest, roles.ingest.connections),
        "mundo_exporter": _limited(roles.exporter, roles.exporter.connections),
        "mundo_reader": _limited(roles.reader, roles.reader.connections),
    }


def _limited(times: Timeouts, connections: int) -> RoleLimit:
    return _limit(times.statement_timeout_ms, times.lock_timeout_ms, times.idle_in_transaction_timeout_ms, connections)


def _limit(statement_ms: int, lock_ms: int, idle_ms: int, connections: int | None) -> RoleLimit:
    times = {
        "statement_timeout": statement_ms,
        "lock_timeout": lock_ms,
        "idle_in_transaction_session_timeout": idle_ms,
    }
    return {"settings": {key: f"{value}ms" for key, value in times.items()}, "connection_limit": connections}


class Postgres(pulumi.ComponentResource):
    """The database.

    Promises PostgreSQL 17 with pg_cron, PostGIS, pg_trgm and pg_stat_statements, data checksums on, passwords by file
    (a rotated one holds after one `up`), the schema of `sql/migrations`, jobs that keep partitions, views, statistics
    and logs, an archived log with backups by schedule in a volume of their own or a bucket, no role beyond its
    connections and times, and that what was changed in these by hand shows in a refresh.

    Attributes:
        address: fixed IPv4 address on the stack's network.
        ready: what to depend on for a database with its schema.
        volume: the data volume, with which everything in the database goes.
    """

    address: str
    ready: pulumi.Resource
    volume: pulumi.Resource

    def __init__(
        self, context: StackContext, placement: ContainerPlacement, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mundo:database:Postgres", "postgres-database", None, opts)
        placed = placement.place(service(context), parent=self)
        self.address = placed.address
        self.volume = placed.volumes["data"]
        # The volume, not the container: a replaced container must not take the schema's resources with it, and a
        # destroy must not need a living server.
        needed = [placed.container]
        if context.settings.backups.enabled:
            # Before the migrations: one that rewrites data asks it for a backup.
            needed.append(placement.place(backup.service(context, placed.address, USER), self, needed).container)
        inside = pulumi.ResourceOptions(parent=self, deleted_with=self.volume, depends_on=needed)
        self.ready = migrations = Migrations("migrations", opts=inside)
        after = pulumi.ResourceOptions(parent=self, deleted_with=self.volume, depends_on=[placed.container, migrations])
        inner = context.settings.database
        YearlyPartitions("yearly-partitions", first_year=inner.first_year, years_ahead=inner.years_ahead, opts=after)
        for role, limits in role_limits(context.settings).items():
            RoleSettings(role, **limits, opts=after)
        for job in jobs.standing(inner):
            CronJob(job.name, schedule=job.schedule, command=job.command, active=job.active, opts=after)
        for job in jobs.backups(context.settings.backups):
            CronJob(job.name, schedule=job.schedule, command=job.command, active=job.active, opts=after)
        for view in jobs.VIEWS:
            ScheduledView(view, schedule=inner.schedules.refresh, active=jobs.REFRESH not in inner.paused, opts=after)
        self.register_outputs({"address": self.address, "files": migrations.files})
