"""All settings of one stack, and what must fit together."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from components.settings.access import AccessSettings
from components.settings.backups import BackupSettings
from components.settings.base import Concern
from components.settings.bounds import BoundsSettings
from components.settings.capacity import CapacitySettings
from components.settings.database import DatabaseSettings
from components.settings.imports import ImportSettings
from components.settings.mapa import MapSettings
from components.settings.services import (
    CatalogSettings,
    GrafanaSettings,
    MonitoringSettings,
    NetworkSettings,
    PortsSettings,
    PostgresSettings,
    RedisSettings,
)

SUPERUSER_CONNECTIONS = 3
"""Connections that PostgreSQL keeps for its superuser (an operator inside the container)."""

_HEALTH_CONNECTIONS = 1
_CHANGES_CONNECTIONS = 1
_APP_MEMORY_MB = 256


class Settings(Concern):
    """All settings of one stack."""

    network: NetworkSettings = NetworkSettings()
    ports: PortsSettings = PortsSettings()
    postgres: PostgresSettings = PostgresSettings()
    database: DatabaseSettings = DatabaseSettings()
    backups: BackupSettings = BackupSettings()
    capacity: CapacitySettings = CapacitySettings()
    redis: RedisSettings = RedisSettings()
    monitoring: MonitoringSettings = MonitoringSettings()
    catalog: CatalogSettings = CatalogSettings()
    bounds: BoundsSettings = BoundsSettings()
    imports: ImportSettings = ImportSettings()
    mapa: MapSettings = MapSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    access: AccessSettings = AccessSettings()
    protect: bool = Field(default=False, description="whether whatever holds data is protected from deletion")
    instance: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9-]{1,40}$",
        description="tells two stacks of one name on one Docker engine apart; made on the first run",
    )

    @property
    def app_connections(self) -> int:
        """Connections of mundo_app (pool, health check, changes of bounds), twice: lost ones can be replaced."""
        app = self.catalog
        return 2 * app.instances * (app.pool_of_each + _HEALTH_CONNECTIONS + _CHANGES_CONNECTIONS)

    def connection_budget(self) -> dict[str, int]:
        """Who may hold how many connections to PostgreSQL at once; standing jobs are workers and need none."""
        roles = self.database.roles
        people = sum(login.connection_limit for login in self.access.readers) if self.access.enabled else 0
        return {
            "app": self.app_connections,
            "ingest": roles.ingest.connections,
            "exporter": roles.exporter.connections,
            "reader": roles.reader.connections,
            "people": people,
            "owner": roles.owner.connections,
            "superuser": SUPERUSER_CONNECTIONS,
        }

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.postgres.shared_buffers_mb * 2 > self.postgres.memory_mb:
            raise ValueError(
                f"postgres.shared_buffers_mb {self.postgres.shared_buffers_mb} is more than half of "
                f"postgres.memory_mb {self.postgres.memory_mb}"
            )
        if self.redis.maxmemory_mb >= self.redis.memory_mb:
            raise ValueError(
                f"redis.maxmemory_mb {self.redis.maxmemory_mb} must stay below redis.memory_mb {self.redis.memory_mb}"
            )
        if self.imports.memory_mb + self.mapa.tiles_cache_mb + _APP_MEMORY_MB > self.catalog.memory_mb:
            raise ValueError(
                f"catalog.memory_mb {self.catalog.memory_mb} must leave {_APP_MEMORY_MB} beside "
                f"imports.memory_mb {self.imports.memory_mb} and mapa.tiles_cache_mb {self.mapa.tiles_cache_mb}"
            )
        return self

    @model_validator(mode="after")
    def _connections_add_up(self) -> Self:
        budget = self.connection_budget()
        if sum(budget.values()) > self.postgres.max_connections:
            parts = ", ".join(f"{who} {number}" for who, number in budget.items() if number)
            raise ValueError(
                f"postgres.max_connections {self.postgres.max_connections} is below the {sum(budget.values())} "
                f"connections that may be held at once: {parts}"
            )
        return self
