"""Postgres: a bounded pool of read-only connections in which nothing waits for long."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from app.deadline import DeadlineExceededError, within
from app.errors import DatabaseUnavailableError, InvalidValueError, QueryTooSlowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.settings import Settings

Row = dict[str, Any]
_Pool = AsyncConnectionPool[psycopg.AsyncConnection[TupleRow]]

logger = logging.getLogger(__name__)

_RETRY_AFTER_S = 2
# psycopg's pool doubles its delay between attempts without a bound. Giving up early makes the next request try anew,
# so the service is back within about this time after Postgres is.
_RECONNECT_S = 1.0
KEPT = 2
"""Connections that stay open while nobody asks."""
_NOT_INSTALLED = (
    errors.UndefinedTable,
    errors.UndefinedFunction,
    errors.UndefinedColumn,
    errors.InvalidSchemaName,
    errors.ObjectNotInPrerequisiteState,
    errors.InsufficientPrivilege,
)


def connection_info(settings: Settings, *, application: str) -> str:
    """The conninfo of a session that can only read, with a deadline on every statement and on dead networks."""
    return make_conninfo(
        host=settings.postgres_host,
        port=settings.postgres_port,
        dbname=settings.postgres_database,
        user=settings.postgres_user,
        password=settings.postgres_password.get_secret_value(),
        application_name=application,
        connect_timeout=2,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=settings.postgres_deadline_ms,
        options=f"-c statement_timeout={settings.postgres_statement_timeout_ms}"
        # Compiling a plan pays off after seconds, which no statement here may take.
        " -c jit=off -c idle_in_transaction_session_timeout=10000 -c default_transaction_read_only=on -c timezone=UTC",
    )


class Database:
    """Runs single read statements.

    Raises DatabaseUnavailableError when Postgres is away (or its schema is not there yet), QueryTooSlowError when a
    statement takes too long, InvalidValueError when Postgres refuses a value; never later than pool wait + deadline.
    """

    def __init__(self, settings: Settings) -> None:
        """Prepare the pools; nothing is connected before `open`."""
        self._wait_s = settings.postgres_pool_wait_ms / 1000
        self._deadline_s = settings.postgres_deadline_ms / 1000
        self._pool: _Pool = AsyncConnectionPool(
            connection_info(settings, application="mundo-catalog"),
            kwargs={"autocommit": True},
            min_size=min(KEPT, settings.postgres_pool_size),
            max_size=settings.postgres_pool_size,
            max_waiting=settings.postgres_pool_size * 20,
            timeout=self._wait_s,
            reconnect_timeout=_RECONNECT_S,
            open=False,
            name="catalog",
        )
        # Readiness must be told apart from load: its probe does not queue behind the requests.
        self._probe: _Pool = AsyncConnectionPool(
            connection_info(settings, application="mundo-catalog-health"),
            kwargs={"autocommit": True},
            min_size=1,
            max_size=1,
            reconnect_timeout=_RECONNECT_S,
            open=False,
            name="health",
        )
        self._probe_lost = False
        self._renewal: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin connecting in the background; returns at once, whether or not Postgres is there."""
        await self._pool.open(wait=False)
        await self._probe.open(wait=False)

    async def close(self) -> None:
        """Close all connections."""
        if self._renewal:
            self._renewal.cancel()
        await self._pool.close(timeout=2)
        await self._probe.close(timeout=2)

    def numbers(self) -> dict[str, int]:
        """The pool's connections: in use, open, waited for, and the most there may be."""
        stats = self._pool.get_stats()
        size = stats.get("pool_size", 0)
        return {
            "in_use": max(0, size - stats.get("pool_available", 0)),
            "size": size,
            "waiting": stats.get("requests_waiting", 0),
            "max": self._pool.max_size,
        }

    async def fetch(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        """Return the rows of one read statement as dicts."""
        started = time.monotonic()
        # After a restart every connection of the pool may be stale.
        for more in reversed(range(self._pool.max_size + 1)):
            left = self._deadline_s - (time.monotonic() - started)
            try:
                return await within(self._wait_s + max(left, 0.001), _fetch(self._pool, statement, values))
            except (PoolTimeout, TooManyRequests) as error:
                raise DatabaseUnavailableError("no database connection is free", _RETRY_AFTER_S) from error
            except DeadlineExceededError as error:
                raise DatabaseUnavailableError("the database does not answer", _RETRY_AFTER_S) from error
            except errors.QueryCanceled as error:
                raise QueryTooSlowError(_RETRY_AFTER_S) from error
            except errors.DataError as error:
                raise InvalidValueError(_first_line(error)) from error
            except _NOT_INSTALLED as error:
                logger.error("schema not usable", extra={"error": _first_line(error)})  # noqa: TRY400 -- no trace needed
                raise DatabaseUnavailableError("the database schema is not installed yet", _RETRY_AFTER_S) from error
            except _StaleConnectionError as error:
                # A connection that died while idle (a restart, a failover) says so at its next use only.
                if not more or left <= 0:
                    raise DatabaseUnavailableError("the database is away", _RETRY_AFTER_S) from error
            except psycopg.OperationalError as error:
                logger.warning("database refused", extra={"error": _first_line(error)})
                raise DatabaseUnavailableError("the database is away", _RETRY_AFTER_S) from error
        raise AssertionError("unreachable")

    async def fetch_one(self, statement: str, values: Mapping[str, object]) -> Row | None:
        """Return the first row, or None."""
        rows = await self.fetch(statement, values)
        return rows[0] if rows else None

    async def ping(self, seconds: float) -> bool:
        """Ask Postgres on a connection of its own; tells whether the schema is there.

        A lost connection that is back tells that Postgres was away: the idle ones are renewed then, before a request
        comes upon them.

        Raises OSError, TimeoutError or psycopg.Error when there is no answer within `seconds`.
        """
        statement = "SELECT to_regclass('catalogo') IS NOT NULL AS installed"
        was_lost, self._probe_lost = self._probe_lost, True
        for attempt in range(2):
            try:
                rows = await within(seconds, _fetch(self._probe, statement, {}, wait_s=seconds))
            except _StaleConnectionError:
                continue
            self._probe_lost = False
            if was_lost or attempt:
                self._renew()
            return bool(rows[0]["installed"])
        raise TimeoutError("the connection was lost twice")

    def _renew(self) -> None:
        # Not awaited, since a cancelled check would lose the connections that it has taken out of the pool.
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._pool.check())


class _StaleConnectionError(Exception):
    """The connection died or holds plans of a schema that has changed: another one may do."""


async def _fetch(
    pool: _Pool, statement: str, values: Mapping[str, object], *, wait_s: float | None = None
) -> list[Row]:
    async with pool.connection(wait_s) as connection:
        try:
            async with connection.cursor(row_factory=dict_row) as cursor:
                # Statements are constants of this package; only values come from outside.
                await cursor.execute(statement.encode(), values)
                return await cursor.fetchall()
        except errors.FeatureNotSupported as error:
            # "cached plan must not change result type": a migration ran while this connection was idle.
            await connection.close()
            raise _StaleConnectionError from error
        except psycopg.Error as error:
            if connection.broken:
                raise _StaleConnectionError from error
            raise


def _first_line(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error)).splitlines()[0] if str(error) else type(error).__name__
