"""The cache of bounds: how long copies live, how soon changes reach them, and how long anybody waits for whom."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.settings.base import Concern

Milliseconds = Annotated[int, Field(ge=1, le=600_000)]


class BreakerSettings(Concern):
    """The circuit breaker between the app and Redis."""

    failure_threshold: int = Field(default=5, ge=1, le=1000, description="failures in a row after which Redis is left")
    recovery_timeout_seconds: float = Field(
        default=60, gt=0, le=3600, description="time after which a single request tries Redis again, seconds"
    )


class DeadlineSettings(Concern):
    """The longest wait for each server that a request may have to ask."""

    redis_ms: Milliseconds = Field(default=50, description="longest wait for Redis, ms")
    redis_rest_ms: Milliseconds = Field(default=250, description="time a late Redis server is asked last, ms")
    sentinel_ms: Milliseconds = Field(default=300, description="longest wait for a Sentinel (no request waits), ms")
    postgres_connection_ms: Milliseconds = Field(default=500, description="longest wait for a free connection, ms")
    postgres_statement_ms: Milliseconds = Field(default=2000, description="longest statement, ms")
    postgres_ms: Milliseconds = Field(default=3000, description="longest wait for PostgreSQL once connected, ms")


class BoundsSettings(Concern):
    """The cache of bounds: copies in the app's process and in Redis, and what keeps them right."""

    ttl_seconds: int = Field(
        default=86_400, ge=1, le=604_800, description="time to live in Redis, seconds; changes are kept 8 days for it"
    )
    ttl_jitter: float = Field(default=0.1, ge=0, le=0.5, description="part by which a time to live may be shorter")
    poll_ms: int = Field(default=200, ge=10, le=900, description="time between two looks at the changes, ms")
    copy_entries: int = Field(
        default=50_000, ge=1, le=200_000, description="entries in the app's memory, about 1 kB each"
    )
    copy_ttl_seconds: int = Field(
        default=600, ge=0, le=86_400, description="time to live in the app's memory, seconds; 0: Redis is always asked"
    )
    copy_stale_seconds: int = Field(
        default=86_400, ge=0, le=604_800, description="age up to which a copy is a last resort, seconds"
    )
    sentinel_poll_ms: Milliseconds = Field(default=1000, description="time between two questions to a Sentinel, ms")
    breaker: BreakerSettings = Field(default=BreakerSettings(), description="circuit breaker")
    deadlines: DeadlineSettings = Field(default=DeadlineSettings(), description="longest waits")

    def environment(self) -> dict[str, str]:
        """The settings as the app reads them."""
        values: dict[str, int | float] = {
            "BOUNDS_TTL_S": self.ttl_seconds,
            "BOUNDS_TTL_JITTER": self.ttl_jitter,
            "BOUNDS_POLL_MS": self.poll_ms,
            "L1_SIZE": self.copy_entries,
            "L1_TTL_MS": 1000 * self.copy_ttl_seconds,
            "L1_STALE_S": self.copy_stale_seconds,
            "SENTINEL_POLL_MS": self.sentinel_poll_ms,
            "BREAKER_FAILURE_THRESHOLD": self.breaker.failure_threshold,
            "BREAKER_RECOVERY_TIMEOUT_S": self.breaker.recovery_timeout_seconds,
            "REDIS_DEADLINE_MS": self.deadlines.redis_ms,
            "REDIS_REST_MS": self.deadlines.redis_rest_ms,
            "SENTINEL_DEADLINE_MS": self.deadlines.sentinel_ms,
            "POSTGRES_POOL_WAIT_MS": self.deadlines.postgres_connection_ms,
            "POSTGRES_STATEMENT_TIMEOUT_MS": self.deadlines.postgres_statement_ms,
            "POSTGRES_DEADLINE_MS": self.deadlines.postgres_ms,
        }
        return {
            f"MUNDO_{name}": f"{value:g}" if isinstance(value, float) else str(value) for name, value in values.items()
        }
