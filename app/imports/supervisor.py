"""Starts the worker when there is work, notices how it ends, and ends with the service."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from app.errors import ServiceError
from app.imports.desk import RECOVERED, Loss
from app.imports.interrupt import ENDED, GRACE_S, TIMED_OUT
from app.imports.jobs import ingest_conninfo

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from app.imports.jobs import Jobs
    from app.imports.metrics import ImportMetrics
    from app.settings import Settings

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).parent.parent.parent
_POLL_S = 5.0
_FIRST_DELAY_S, _LAST_DELAY_S, _BUSY_DELAY_S = 0.5, 30.0, 1.0
_OK, _NO_DATABASE, _BUSY = 0, 75, 76
# One job at a time has no use for a thread on each processor, and each would take memory of its own.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


class Supervisor:
    """Keeps the jobs going, one worker at a time."""

    def __init__(self, settings: Settings, jobs: Jobs, metrics: ImportMetrics) -> None:
        """Nothing runs before `start`."""
        self._settings = settings
        self._jobs = jobs
        self._metrics = metrics
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._worker: Process | None = None
        self._loss: Loss | None = None

    def start(self) -> None:
        """Look after the jobs from now on; what an earlier service left is taken up."""
        self._task = asyncio.create_task(self._run(), name="imports")

    def wake(self) -> None:
        """Tell that there is a new job."""
        self._wanted.set()

    async def stop(self) -> None:
        """End the worker; a job under way is set back and taken up at the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        worker = self._worker
        if worker is None or worker.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            worker.terminate()
        try:
            await asyncio.wait_for(worker.wait(), GRACE_S + 2)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()

    async def _run(self) -> None:
        delay = 0.0
        tidy = False
        while True:
            await asyncio.sleep(delay)
            if not await self._needed(always=not tidy):
                continue
            status = await self._work()
            if status == _OK:
                tidy, delay = True, 0.0
                continue
            if status == _BUSY:
                delay = _BUSY_DELAY_S
                continue
            delay = min(max(2 * delay, _FIRST_DELAY_S), _LAST_DELAY_S)
            self._loss = self._explained(status) or self._loss

    async def _needed(self, *, always: bool) -> bool:
        """Wait for a job, or some seconds; says whether a worker has something to do."""
        if not always:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), _POLL_S)
        self._wanted.clear()
        try:
            counts = await self._jobs.counts()
        except ServiceError:
            if always:
                await asyncio.sleep(_FIRST_DELAY_S)
            return False
        self._metrics.jobs(counts)
        return always or counts.get("pending", 0) + counts.get("running", 0) > 0

    async def _work(self) -> int:
        """Run a worker until it ends; gives its status."""
        settings = self._settings
        order = {
            "conninfo": ingest_conninfo(settings, "mundo-catalog-worker"),
            "spool": str(settings.imports_dir),
            "job_timeout_s": settings.imports_job_timeout_s,
            "memory_mb": settings.imports_memory_mb,
            "log_level": settings.log_level,
            "loss": asdict(self._loss) if self._loss else None,
        }
        self._worker = worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.imports.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            env={**os.environ, **_ONE_THREAD},
        )
        if worker.stdin is None or worker.stdout is None:
            raise AssertionError("pipes were asked for")
        # The order holds a password: it goes through a pipe, which stays open as a sign of life.
        with contextlib.suppress(OSError):
            worker.stdin.write(orjson.dumps(order) + b"\n")
            await worker.stdin.drain()
        async for line in worker.stdout:
            await self._note(line)
        return await worker.wait()

    async def _note(self, line: bytes) -> None:
        """Count a job that ended."""
        try:
            event = orjson.loads(line)
            if event["state"] == RECOVERED:
                self._loss = None
            self._metrics.ended(event["state"], event["features"])
        except (ValueError, KeyError, TypeError):
            logger.warning("the worker said something odd", extra={"line": repr(line[:200])})
            return
        with contextlib.suppress(ServiceError):
            self._metrics.jobs(await self._jobs.counts())

    def _explained(self, status: int) -> Loss | None:
        """Say how the worker was lost; None for what is no fault of the job."""
        if status in (_NO_DATABASE, ENDED):
            return None
        if status == TIMED_OUT:
            text = f"took longer than {self._settings.imports_job_timeout_s:g} s and could not be interrupted"
            return Loss(text, crash=True, final=True)
        how = f"by signal {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        self._metrics.crashed()
        logger.error("the process that loads files ended by itself", extra={"how": how})
        return Loss(
            f"the process that loads files ended twice {how}; perhaps it needs too much memory", crash=True, final=False
        )
