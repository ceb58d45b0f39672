"""The network, its ports, and the size of each service."""

from __future__ import annotations

import math
from ipaddress import IPv4Address, IPv4Network
from typing import Self

from pydantic import Field, field_validator, model_validator

from components.settings.alerting import AlertingSettings
from components.settings.base import Concern, Cpus, MegaBytes, Port
from dashboards.slo import SCRAPE_SECONDS

MAINTENANCE_WORK_MEM_MB = 64
"""Memory of an index build or a vacuum of PostgreSQL, MiB."""


class NetworkSettings(Concern):
    """The stack's Docker network and where its ports are published."""

    subnet: IPv4Network = Field(
        default=IPv4Network("172.30.77.0/24"), description="subnet of the stack's network, /25 or larger, its own"
    )
    bind_address: IPv4Address = Field(
        default=IPv4Address("127.0.0.1"), description="host address that ports are published on"
    )

    @property
    def reachable_address(self) -> str:
        """Where programs of this machine reach a published port."""
        return "127.0.0.1" if self.bind_address.is_unspecified else str(self.bind_address)

    @field_validator("subnet")
    @classmethod
    def _room_for_every_service(cls, subnet: IPv4Network) -> IPv4Network:
        if subnet.prefixlen > 25 or not subnet.is_private:  # noqa: PLR2004
            raise ValueError("must be a private subnet of /25 or larger, such as 172.30.77.0/24")
        return subnet


class PortsSettings(Concern):
    """Ports published on the host, all different."""

    app: Port = Field(default=8080, description="catalogue API and page")
    postgres: Port = Field(default=15432, description="PostgreSQL, for migrations, ingest and SQL clients")
    prometheus: Port = Field(default=9090, description="Prometheus")
    alertmanager: Port = Field(default=9093, description="Alertmanager")
    grafana: Port = Field(default=3000, description="Grafana, where it is on")

    @model_validator(mode="after")
    def _all_different(self) -> Self:
        by_port: dict[int, str] = {}
        for name, port in self:
            if port in by_port:
                raise ValueError(f"'{by_port[port]}' and '{name}' both want port {port}; each needs its own")
            by_port[port] = name
        return self


class PostgresSettings(Concern):
    """The size of PostgreSQL; what runs inside it is the concern `database`."""

    memory_mb: MegaBytes = Field(default=1536, description="memory limit of the container, MiB")
    cpus: Cpus = Field(default=2.0, description="CPU limit of the container")
    shm_size_mb: MegaBytes = Field(default=256, description="size of /dev/shm, MiB (parallel queries need it)")
    max_connections: int = Field(default=64, ge=20, le=1000, description="connections the server accepts")
    shared_buffers_mb: MegaBytes = Field(default=384, description="shared_buffers, MiB")
    work_mem_mb: int = Field(default=8, ge=1, le=4096, description="work_mem, MiB")
    max_wal_size_mb: MegaBytes = Field(default=1024, description="max_wal_size, MiB")
    temp_file_limit_mb: MegaBytes = Field(default=4096, description="temporary files of one session, MiB")

    @property
    def parallel_workers(self) -> int:
        """Processes that may help with queries at once, besides the sessions themselves."""
        return max(2, 2 * math.ceil(self.cpus))

    @property
    def shared_memory_mb(self) -> int:
        """What parallel work may want of /dev/shm: hash tables of every process, and one index build or vacuum."""
        return 2 * self.work_mem_mb * (self.parallel_workers + 1) + MAINTENANCE_WORK_MEM_MB

    @model_validator(mode="after")
    def _parallel_work_fits(self) -> Self:
        if self.shm_size_mb < self.shared_memory_mb:
            raise ValueError(
                f"shm_size_mb {self.shm_size_mb} is below the {self.shared_memory_mb} that {self.parallel_workers} "
                f"parallel workers with work_mem_mb {self.work_mem_mb} may want"
            )
        return self


class RedisSettings(Concern):
    """Redis and its Sentinels."""

    memory_mb: MegaBytes = Field(default=768, description="memory limit of each server's container, MiB")
    cpus: Cpus = Field(default=1.0, description="CPU limit of each server's container (Sentinels have none)")
    maxmemory_mb: MegaBytes = Field(default=512, description="maxmemory of each server, MiB")
    # The fastest at which no two Sentinels agreed falsely in an hour on a busy machine: docs/drills/sentinel-soak.md.
    down_after_ms: int = Field(default=500, ge=100, le=60_000, description="silence before a server counts as down, ms")
    failover_timeout_ms: int = Field(default=10_000, ge=1000, le=600_000, description="limit of one failover, ms")


class MonitoringSettings(AlertingSettings):
    """Prometheus, Alertmanager and the exporters; where alerts go is in `alerting`."""

    memory_mb: MegaBytes = Field(default=512, description="memory limit of Prometheus, MiB")
    retention_days: int = Field(default=15, ge=1, le=3650, description="days of metrics kept")
    scrape_interval_seconds: int = Field(
        default=SCRAPE_SECONDS, ge=1, le=300, description="seconds between two scrapes"
    )
    host_metrics: bool = Field(
        default=True,
        description="whether the machine is watched; reads its /, /proc and /sys",
    )


class CatalogSettings(Concern):
    """The catalogue app."""

    instances: int = Field(
        default=2,
        ge=1,
        le=2,
        description="2: one answers while the other is replaced, a proxy stands before them; 1: the app alone",
    )
    memory_mb: MegaBytes = Field(
        default=1024, description="memory limit of the container, MiB; a second one loads no files and has less"
    )
    cpus: Cpus = Field(default=2.0, description="CPU limit of the container")
    db_pool_size: int = Field(
        default=8, ge=1, le=100, description="connections of the app's pool to PostgreSQL; instances share them"
    )
    drain_seconds: int = Field(
        default=60,
        ge=1,
        le=900,
        description="seconds that one of two instances which is to end gives to requests under way, uploads among them",
    )

    @property
    def pool_of_each(self) -> int:
        """Connections of one instance's pool."""
        return math.ceil(self.db_pool_size / self.instances)


class GrafanaSettings(Concern):
    """Grafana (official image) with its folder, data source and dashboards, through pulumi-grafana."""

    enabled: bool = Field(default=False, description="whether Grafana runs; needs an image registry and the plugin")
    image: str = Field(
        default="grafana/grafana-oss:12.3.0", description="pinned image", pattern=r"^[^:@ ]+(:|@sha256:)\S+$"
    )
    memory_mb: MegaBytes = Field(default=512, description="memory limit of the container, MiB")
