"""The parts of a running service, made from its settings and handed to the routes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from app.bounds import RedisBoundsCache
from app.bounds.invalidation import Invalidation
from app.bounds.loader import load_bounds
from app.bounds.local import LocalCopy
from app.bounds.pulse import Pulse
from app.bounds.store import RedisBounds
from app.db import Database
from app.health import Health
from app.imports.service import Imports
from app.mapa.service import MapService
from app.metrics import Metrics
from app.status import Board

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes use."""

    settings: Settings
    metrics: Metrics
    database: Database
    redis: RedisBounds
    bounds: RedisBoundsCache
    changes: Invalidation
    health: Health
    imports: Imports | None
    status: Board
    mapa: MapService

    @classmethod
    def make(cls, settings: Settings) -> Services:
        """Put the parts together; nothing is connected before `start`."""
        metrics = Metrics(version=settings.version, stack=settings.stack)
        database = Database(settings)
        metrics.watch_pool(database.numbers)
        redis = RedisBounds(settings, metrics)
        pulse = Pulse()
        local = LocalCopy(
            size=settings.l1_size,
            ttl_s=settings.l1_ttl_ms / 1000,
            stale_s=settings.l1_stale_s,
            jitter=settings.bounds_ttl_jitter,
        )
        bounds = RedisBoundsCache(
            local=local, redis=redis, load=partial(load_bounds, database), metrics=metrics, pulse=pulse
        )
        changes = Invalidation(settings, database=database, cache=bounds, redis=redis, pulse=pulse, metrics=metrics)
        imports = Imports.make(settings, database, metrics.registry)
        health = Health(database, redis)
        mapa = MapService.make(settings, database)
        metrics.watch_tiles(lambda: mapa.tiles.kept_bytes)
        board = Board(settings, health)
        return cls(settings, metrics, database, redis, bounds, changes, health, imports, board, mapa)

    async def start(self) -> None:
        """Connect in the background; the service starts whether or not Postgres and Redis are there."""
        await self.database.open()
        await self.redis.start()
        await self.changes.start(shared=self.redis.nodes.found.is_set())
        if self.imports is not None:
            await self.imports.start()

    async def stop(self) -> None:
        """End everything that runs and close every connection."""
        if self.imports is not None:
            await self.imports.stop()
        await self.mapa.stop()
        await self.status.close()
        await self.changes.stop()
        await self.bounds.stop()
        await self.redis.stop()
        await self.database.close()


def services_of(connection: HTTPConnection) -> Services:
    """Return the services of the app that handles this request."""
    return cast("Services", connection.app.state.services)
