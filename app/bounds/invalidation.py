"""Changes of bounds brought to the copies: to that of this process at once, and to Redis right after.

No notification is needed, so none can be lost: every change stands in an outbox under a number, and whoever was away
goes on after the last number it has seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, LiteralString

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row

from app.bounds.changes import BEGINNING, CHANGES, PAGE, Page, page_of
from app.bounds.sharing import Sharing
from app.db import connection_info
from app.deadline import DeadlineExceededError, within

if TYPE_CHECKING:
    from app.bounds.cache import RedisBoundsCache
    from app.bounds.pulse import Pulse
    from app.bounds.store import RedisBounds
    from app.db import Database
    from app.metrics import Metrics
    from app.settings import Settings

logger = logging.getLogger(__name__)

_Connection = psycopg.AsyncConnection[DictRow]

_DEADLINE_S = 2.5
_STATEMENT_MS = 1000
_RETRY_S = 0.5
_RETRY_LOST_S = 0.05  # a connection that had served: mostly it alone is gone
# Entries of one fold: so few that it takes a fraction of a second, since changes are looked at in between.
_MOST_FOLDED = 500
_FOLDS: tuple[LiteralString, ...] = (
    "SELECT fold_latest_changes(%(most)s::integer) AS n",
    "SELECT fold_catalogo_changes(%(most)s::integer) AS n",
)
_FOLD_PAUSE_S = 2.0
# Longer away than this, changes may have left the outbox unseen (it keeps them 8 days).
_MOST_AWAY_S = 7 * 86_400
_FAILURES = (psycopg.Error, OSError, DeadlineExceededError)


class Invalidation:
    """Follows the changes with two tasks: one for this process and, apart from it, one for Redis, which may be slow.

    Each look folds what is queued, too, so that a change is seen within two intervals whoever else folds.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database,
        cache: RedisBoundsCache,
        redis: RedisBounds,
        pulse: Pulse,
        metrics: Metrics,
    ) -> None:
        """Prepare; `start` begins to follow."""
        self._conninfo = make_conninfo(
            connection_info(settings, application="mundo-catalog-changes"),
            options=f"-c statement_timeout={_STATEMENT_MS} -c timezone=UTC",  # not read-only, since it folds
        )
        self._interval_s = settings.bounds_poll_ms / 1000
        self._cache = cache
        self._pulse = pulse
        self._metrics = metrics
        self._share = Sharing(database=database, cache=cache, redis=redis, pulse=pulse, interval_s=self._interval_s)
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._followed = asyncio.Event()
        self._position: int | None = None
        self._seen_at = -math.inf
        self._newest_at: datetime | None = None
        self._behind = False
        self._bite = _MOST_FOLDED
        self._fold_after = 0.0
        self._following: bool | None = None
        metrics.watch_changes(poll_age=self._poll_age, change_age=self._change_age, unshared=self._unshared)

    async def start(self, *, shared: bool, wait_s: float = 1.0) -> None:
        """Begin to follow.

        Waits at most `wait_s` for a first look, `shared`: and until Redis has the changes, so that the first answers
        need no mark.
        """
        self._task = asyncio.create_task(self._follow())
        self._share.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._followed.wait()
                if shared:
                    await self._share.shared.wait()

    async def stop(self) -> None:
        """End both tasks; a look that is under way may end."""
        self._stopping.set()
        await self._share.stop()
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=_DEADLINE_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while not self._stopping.is_set():
            connection: _Connection | None = None
            pause_s = _RETRY_S
            try:
                connection = await within(_DEADLINE_S, _connect(self._conninfo))
                if time.monotonic() > self._seen_at + _MOST_AWAY_S:
                    self._position = None
                while not self._stopping.is_set():
                    started = time.monotonic()
                    if not await within(_DEADLINE_S, self._look(connection)):
                        await self._pause(self._interval_s - (time.monotonic() - started))
                    pause_s = _RETRY_LOST_S
            except _FAILURES as error:
                self._tell(str(error).splitlines()[0] if str(error) else type(error).__name__)
            except Exception:
                logger.exception("changes are not followed")
            finally:
                if connection is not None:
                    with contextlib.suppress(*_FAILURES):
                        await within(_DEADLINE_S, connection.close())
            await self._pause(pause_s)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _look(self, connection: _Connection) -> bool:
        """Fold, and take in one page of changes; returns whether to look again at once."""
        # What is told already comes first: copies are right again before more of a long queue is folded.
        folded = not self._behind and await self._fold(connection)
        began = time.monotonic()
        if self._position is None:
            await self._begin(connection)
        position = self._position or 0
        cursor = await connection.execute(CHANGES, {"after": position, "page": PAGE})
        page = page_of(await cursor.fetchall(), position)
        if page.newest < position:
            logger.warning("the outbox of bounds began anew", extra={"newest": page.newest, "seen": position})
            self._position = None
            return True
        self._take(page)
        self._behind = page.full
        if not page.full:
            self._seen_at = self._pulse.seen_at = began
            self._followed.set()
            self._tell(None)
        return page.full or folded

    async def _begin(self, connection: _Connection) -> None:
        """Take a position; what is held was not watched until now."""
        self._cache.forget()
        cursor = await connection.execute(BEGINNING)
        row = await cursor.fetchone()
        self._position = row["seq"] if row else 0
        self._share.ask_again()

    def _take(self, page: Page) -> None:
        self._position = page.last
        if not page.changes:
            return
        self._cache.take(page.changes)
        self._share.due(page.last)
        for change in page.changes:
            self._metrics.invalidated("deleted" if change.entry is None else "changed")
        self._newest_at = page.changes[-1].changed_at

    async def _fold(self, connection: _Connection) -> bool:
        """Bring queued changes into the outbox, few at a time; what takes too long is left to the fold's own job."""
        if time.monotonic() < self._fold_after:
            return False
        try:
            folded = 0
            for fold in _FOLDS:
                cursor = await connection.execute(fold, {"most": self._bite})
                row = await cursor.fetchone()
                folded += row["n"] if row else 0
        except (errors.QueryCanceled, errors.LockNotAvailable):
            if self._bite == 1:
                self._fold_after = time.monotonic() + _FOLD_PAUSE_S
            self._bite = max(1, self._bite // 8)
            return False
        self._bite = min(_MOST_FOLDED, self._bite * 2)
        return folded > 0

    def _tell(self, problem: str | None) -> None:
        """Log whether changes are followed, when that is another answer than before."""
        following = problem is None
        if following == self._following:
            return
        self._following = following
        if following:
            logger.info("changes of bounds are followed", extra={"seen": self._position})
        else:
            logger.warning("changes of bounds are not followed", extra={"error": problem})

    def _poll_age(self) -> float:
        return time.monotonic() - self._seen_at if self._seen_at > -math.inf else math.nan

    def _change_age(self) -> float:
        return (datetime.now(UTC) - self._newest_at).total_seconds() if self._newest_at else math.nan

    def _unshared(self) -> float:
        return self._share.behind(self._position)


async def _connect(conninfo: str) -> _Connection:
    return await psycopg.AsyncConnection.connect(conninfo, autocommit=True, row_factory=dict_row)
