"""The exporters: programs that ask others on Prometheus' behalf. They wait for nothing; what is away they report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from components import cache
from components.database import connection, metrics, postgres
from components.monitoring_config import render_redis_password_map
from components.monitoring_sql import render_sql_exporter_yml
from components.service import HealthCheck, HostPath, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.context import StackContext

USER: Final = 997
_MEMORY_MB: Final = 96
# Nothing waits for these, and every check costs a process: they are asked less often.
LEAF_SECONDS: Final = 15


@dataclass(frozen=True)
class Place:
    """Where an exporter answers: its number in the stack's subnet and its port."""

    host_number: int
    port: int

    def address(self, context: StackContext) -> str:
        """`ip:port` on the stack's network."""
        return f"{context.address(self.host_number)}:{self.port}"


POSTGRES: Final = Place(42, 9187)
REDIS: Final = Place(43, 9121)
SQL: Final = Place(44, 9237)
NODE: Final = Place(45, 9100)
PROCESS: Final = Place(46, 9256)

PROCESS_METRICS: Final = (
    "namedprocess_namegroup_(cpu_seconds_total|memory_bytes|num_procs|num_threads|oldest_start_time_seconds"
    "|major_page_faults_total)|namedprocess_scrape_errors"
)
"""Those that are true without capabilities: what a process reads, writes and opens is shown to its own user only."""


def exporters(context: StackContext) -> list[Service]:
    """Every exporter that the settings want."""
    wanted = [postgres_exporter(context), sql_exporter(context), redis_exporter(context)]
    if context.settings.monitoring.host_metrics:
        wanted += [node_exporter(), process_exporter()]
    return wanted


def postgres_exporter(context: StackContext) -> Service:
    """Metrics of the PostgreSQL server, through its least-privileged login."""
    where = f"{context.address(postgres.HOST_NUMBER)}:{postgres.PORT}/{connection.DATABASE}"
    # A container that is stopped refuses nothing: without a limit a scrape outlasts Prometheus' patience, and pg_up,
    # which tells of it, never arrives. It connects twice.
    source = f"{where}?sslmode=disable&connect_timeout=1"
    return _exporter(
        "postgres",
        POSTGRES,
        env={"DATA_SOURCE_URI": source},
        secrets={"postgres_password": context.secrets.postgresExporterPassword.get_secret_value()},
    )


def sql_exporter(context: StackContext) -> Service:
    """What the database says of its own jobs, partitions, views and data, through the same login."""
    settings = context.settings
    conf = render_sql_exporter_yml(
        metrics.questions(settings.database, settings.backups),
        address=f"{context.address(postgres.HOST_NUMBER)}:{postgres.PORT}",
        database=connection.DATABASE,
        password=context.secrets.postgresExporterPassword.get_secret_value(),
        scrape_interval_seconds=settings.monitoring.scrape_interval_seconds,
    )
    return _exporter("sql", SQL, secrets={"sql_exporter.yml": conf})


def redis_exporter(context: StackContext) -> Service:
    """Metrics of every Redis server and Sentinel, through one exporter."""
    passwords = render_redis_password_map(
        password=context.secrets.redisPassword.get_secret_value(),
        servers=cache.server_addresses(context),
        sentinels=cache.sentinel_addresses(context),
    )
    return _exporter("redis", REDIS, secrets={"redis_passwords.json": passwords})


def node_exporter() -> Service:
    """Processor, memory and disks of the machine."""
    return _exporter(
        "node",
        NODE,
        host_paths=(
            HostPath(host="/proc", path="/host/proc"),
            HostPath(host="/sys", path="/host/sys"),
            HostPath(host="/", path="/host/root"),
        ),
    )


def process_exporter() -> Service:
    """Processor and memory of the platform's programs, by name."""
    return _exporter("process", PROCESS, host_paths=(HostPath(host="/proc", path="/host/proc"),))


def _exporter(
    role: str,
    place: Place,
    *,
    env: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    host_paths: tuple[HostPath, ...] = (),
) -> Service:
    return Service(
        name=f"{role}-exporter",
        component="monitoring",
        image="exporters",
        user=USER,
        host_number=place.host_number,
        command=(role,),
        env=env or {},
        secrets=secrets or {},
        host_paths=host_paths,
        health=HealthCheck(command=("healthcheck.sh", role), interval=LEAF_SECONDS, timeout=4, retries=3),
        memory_mb=_MEMORY_MB,
        cpus=0.5,
    )
