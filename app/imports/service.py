"""Imports as the routes use them: who may send, whether there is room, and the parts behind it."""

from __future__ import annotations

import contextlib
import hmac
from typing import TYPE_CHECKING

from app.imports.jobs import Jobs
from app.imports.metrics import ImportMetrics
from app.imports.receive import Limits, UploadError, no_space, received
from app.imports.spool import MIB, Spool
from app.imports.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from prometheus_client import CollectorRegistry
    from pydantic import SecretStr

    from app.db import Database
    from app.settings import Settings

_RETRY_AFTER_S = 15


class Imports:
    """Takes uploads and keeps their jobs going."""

    def __init__(self, settings: Settings, database: Database, registry: CollectorRegistry) -> None:
        """Put the parts together; nothing runs before `start`."""
        if settings.imports_dir is None or settings.import_token is None:
            raise AssertionError("imports are off: see `make`")
        self._token: SecretStr = settings.import_token
        self._max_waiting = settings.imports_max_waiting
        self._limits = Limits(
            max_bytes=settings.imports_max_upload_mb * MIB,
            seconds=settings.imports_upload_timeout_s,
            silence=settings.imports_stall_timeout_s,
            min_free=settings.imports_min_free_mb * MIB,
        )
        self._spool = Spool(settings.imports_dir)
        self._metrics = ImportMetrics(registry)
        self._uploads = 0
        self._loads = settings.imports_worker
        self.jobs = Jobs(settings, database)
        self._supervisor = Supervisor(settings, self.jobs, self._metrics)

    @classmethod
    def make(cls, settings: Settings, database: Database, registry: CollectorRegistry) -> Imports | None:
        """Return None where the settings name no spool, token or password: imports are off."""
        wanted = (settings.imports_dir, settings.import_token, settings.postgres_ingest_password)
        return None if any(value is None for value in wanted) else cls(settings, database, registry)

    async def start(self) -> None:
        """Work off what waits, from now on, unless another process does."""
        if self._loads:
            self._supervisor.start()

    async def stop(self) -> None:
        """End the worker."""
        await self._supervisor.stop()

    def allowed(self, token: str) -> bool:
        """Compare a token; how long that takes tells nothing of it."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token.get_secret_value().encode())

    async def accept(self, name: str, size: int | None, parts: AsyncIterator[bytes], request_id: str) -> int:
        """Take a file of `size` bytes (None: not told) and put down its job; gives the job's id.

        Raises:
            UploadError: the file is refused.
            DatabaseUnavailableError: there is no database to put the job into; no file is kept.
        """
        if size is not None and size > self._limits.max_bytes:
            raise self._limits.too_large()
        with self._place():
            if await self.jobs.open_jobs() + self._uploads > self._max_waiting:
                raise UploadError(
                    429, f"{self._max_waiting} imports wait or run, the most there may be", _RETRY_AFTER_S
                )
            self._check_space(size or 0)
            async with received(self._spool, name, parts, self._limits, self._metrics.received) as file:
                job_id = await self.jobs.add(file, request_id)
        self._supervisor.wake()
        return job_id

    @contextlib.contextmanager
    def _place(self) -> Iterator[None]:
        self._uploads += 1
        try:
            yield
        finally:
            self._uploads -= 1

    def _check_space(self, size: int) -> None:
        try:
            free = self._spool.free_bytes()
        except OSError as error:
            raise UploadError(503, "the spool for uploads cannot be written", 60) from error
        if free < self._limits.min_free + size:
            raise no_space()
