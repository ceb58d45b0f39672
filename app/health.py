"""Whether the service can answer: asks Postgres and Redis, with short deadlines."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import psycopg
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from app.bounds.flight import SingleFlight
from app.models import Check, Readiness

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.bounds.store import RedisBounds
    from app.db import Database

_POSTGRES_S = 1.0
_REDIS_S = 0.3


class Health:
    """Readiness of the service; many who ask at once share one answer."""

    def __init__(self, database: Database, redis: RedisBounds) -> None:
        """Take the two parts that are asked."""
        self._database = database
        self._redis = redis
        self._flight: SingleFlight[Readiness] = SingleFlight()
        self.leaving = False

    def leave(self) -> None:
        """Want no more requests from now on; what comes all the same is answered as ever."""
        self.leaving = True

    async def readiness(self) -> Readiness:
        """Ask both at once: `ok`, `degraded` (only Redis is away), `unavailable` (Postgres is), or `ending`."""
        found = await self._flight.get(0, self._ask)
        return found.model_copy(update={"status": "ending"}) if self.leaving else found

    async def _ask(self, _: int) -> Readiness:
        postgres, redis = await asyncio.gather(_check(self._ask_postgres), _check(self._ask_redis))
        if postgres.status != "ok":
            status = "unavailable"
        elif redis.status != "ok":
            status = "degraded"
        else:
            status = "ok"
        return Readiness(status=status, checks={"postgres": postgres, "redis": redis})

    async def _ask_postgres(self) -> str | None:
        installed = await self._database.ping(_POSTGRES_S)
        return None if installed else "answers, but the schema is not installed yet"

    async def _ask_redis(self) -> str | None:
        await self._redis.ping(_REDIS_S)
        return None


async def _check(ask: Callable[[], Awaitable[str | None]]) -> Check:
    started = time.perf_counter()
    try:
        problem = await ask()
    except (TimeoutError, PoolTimeout):
        problem = "no answer in time"
    except (OSError, RedisError, psycopg.Error) as error:
        # The text of the error may tell addresses and users: those are for the logs of the parts, not for everybody.
        problem = f"no connection ({type(error).__name__})"
    milliseconds = round((time.perf_counter() - started) * 1000, 2)
    return Check(status="away" if problem else "ok", milliseconds=milliseconds, detail=problem or "answers")
