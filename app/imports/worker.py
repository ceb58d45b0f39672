"""The process that loads uploads: `python -m app.imports.worker`, started by the service when there is work.

It reads its order, one JSON line, from standard input, works off the jobs that wait, one after another and at low
priority, and ends. It ends in order on SIGTERM and when its standard input is closed. Each ended job is one JSON line
on standard output; the log goes to standard error.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import orjson
import psycopg

from app.imports.desk import INTERRUPTED, RECOVERED, Desk, Job, Loss
from app.imports.interrupt import Interrupted, Interrupter
from app.imports.spool import MIB, Spool
from app.ingest.errors import IngestError
from app.ingest.pipeline import ingest
from app.logs import configure

if TYPE_CHECKING:
    from app.ingest.report import IngestReport, Progress

OK = 0
NO_DATABASE = 75
BUSY = 76
"""Statuses: the database is away, another worker is at work. See also `interrupt`."""

_NICE = 10
_PROGRESS_S = 1.0
_OFFER_S = 1.0
# Lost connections, restarts, deadlocks, locks that took too long: another time it may work.
_PASSING = ("08", "40", "53300", "55P03", "57P")

logger = logging.getLogger("app.imports.worker")


@dataclass(frozen=True, slots=True)
class Order:
    """What the service wants: database, spool, limits, and how the worker before this one was lost."""

    conninfo: str
    spool: str
    job_timeout_s: float
    memory_mb: int
    log_level: str
    loss: dict[str, Any] | None

    @property
    def lost(self) -> Loss:
        """The loss, or that nothing is known of one."""
        return Loss(**self.loss) if self.loss else INTERRUPTED


class DatabaseAwayError(Exception):
    """The database went away: the job is set back by the next worker."""


class Worker:
    """Works off the jobs that wait."""

    def __init__(self, order: Order, desk: Desk, interrupter: Interrupter, events: TextIO) -> None:
        """`events` is told each ended job."""
        self._order = order
        self._desk = desk
        self._interrupter = interrupter
        self._events = events
        self._spool = Spool(Path(order.spool))

    def run(self) -> None:
        """Tidy up after a worker that was lost, then do everything that waits."""
        for job_id, key, state in self._desk.recover(self._order.lost):
            logger.warning("job of a lost worker", extra={"job": job_id, "state": state})
            if state == "failed":
                self._spool.remove(key)
                self._tell("failed")
        self._tell(RECOVERED)
        with contextlib.suppress(OSError):
            removed = self._spool.remove_orphans(self._desk.is_open)
            if removed:
                logger.info("orphans removed from the spool", extra={"folders": removed})
        while not self._interrupter.ending and (job := self._desk.claim()):
            self._work(job)

    def _work(self, job: Job) -> None:
        path = self._spool.path(job.key, job.name)
        logger.info("job begun", extra={"job": job.id, "attempt": job.attempt, "digest": job.digest})
        try:
            unpacked = self._spool.unpacking()
            tempfile.tempdir = str(unpacked)
            os.environ["CPL_TMPDIR"] = str(unpacked)
            if not path.is_file():
                self._end(job, "failed", "the file is no longer in the spool; send it again")
                return
            with self._interrupter.limited(self._order.job_timeout_s):
                report = ingest(self._order.conninfo, path, _Reporter(self._desk, job))
        except Interrupted as interrupted:
            self._interrupter.in_order()
            self._interrupted(job, interrupted)
        except IngestError as error:
            self._refused(job, path, error)
        except MemoryError:
            text = f"needs more than {self._order.memory_mb} MiB of memory; send newline-delimited GeoJSON, or in parts"
            self._end(job, "failed", f"{job.name}: {text}")
        except OSError as error:
            self._end(job, "failed", f"the spool cannot be used: {error.strerror or error}")
        except Exception:
            logger.exception("unexpected error", extra={"job": job.id})
            self._end(job, "failed", "an unexpected error; the job's id leads to it in the logs")
        else:
            self._done(job, report)
        finally:
            shutil.rmtree(self._spool.root / "unpacked", ignore_errors=True)

    def _interrupted(self, job: Job, interrupted: Interrupted) -> None:
        if interrupted.reason == "ending":
            self._desk.back(job)
            logger.info("job set back: the service ends", extra={"job": job.id})
            return
        text = f"took longer than {self._order.job_timeout_s:g} s"
        if self._desk.stored_after_all(job, f"{text}; views and statistics follow at their next refresh"):
            self._ended(job, "done")
        else:
            self._end(job, "failed", f"{text}; nothing was stored")

    def _refused(self, job: Job, path: Path, error: IngestError) -> None:
        """Tell the file's fault from the database's."""
        text = re.sub(rf"{re.escape(str(self._spool.root))}/unpacked/[^/]+/", "", str(error))
        text = text.replace(str(path), job.name)
        cause = _database_error(error)
        if cause is None:
            self._end(job, "refused", text)
        elif cause.sqlstate is None or cause.sqlstate.startswith(_PASSING):
            raise DatabaseAwayError(text) from error
        else:
            self._end(job, "failed", text)

    def _done(self, job: Job, report: IngestReport) -> None:
        known = self._desk.done(job, report)
        if known is None:
            logger.warning("the job was taken by another worker", extra={"job": job.id})
            return
        if known:
            self._ended(job, "done")
        else:
            self._ended(job, "done", stored=report.stored, rejected=report.rejected, repaired=report.repaired)

    def _end(self, job: Job, state: str, text: str) -> None:
        self._desk.ended(job, state, text)
        self._ended(job, state, reason=text)

    def _ended(self, job: Job, state: str, reason: str | None = None, **features: int) -> None:
        self._spool.remove(job.key)
        logger.info("job ended", extra={"job": job.id, "state": state, "reason": reason, **features})
        self._tell(state, **features)

    def _tell(self, state: str, **features: int) -> None:
        with contextlib.suppress(OSError):
            self._events.write(orjson.dumps({"state": state, "features": features}).decode() + "\n")
            self._events.flush()


class _Reporter:
    """Writes the progress down, at most once a second, and lets no trouble with that stop the import."""

    def __init__(self, desk: Desk, job: Job) -> None:
        self._desk = desk
        self._job = job
        self._next = 0.0

    def __call__(self, event: Progress) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _PROGRESS_S
        with contextlib.suppress(psycopg.Error):
            self._desk.progress(self._job, event)


def _database_error(error: BaseException) -> psycopg.Error | None:
    """Find what Postgres or its driver said behind an error of the pipeline."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, psycopg.Error):
            return cause
        cause = cause.__context__
    return None


def _modest(memory_mb: int) -> None:
    """Yield to the service: in processor time, and when memory runs short."""
    os.nice(_NICE)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * MIB, memory_mb * MIB))


def main() -> int:
    """Work off what waits; gives the exit status."""
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # Nothing that a library prints may pass for an event.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    interrupter = Interrupter()
    order = Order(**orjson.loads(sys.stdin.buffer.readline()))
    interrupter.end_with(sys.stdin.fileno())
    configure(order.log_level)
    _modest(order.memory_mb)
    try:
        desk = Desk(order.conninfo)
        until = time.monotonic() + _OFFER_S
        while not desk.alone():
            if time.monotonic() > until:
                return BUSY
            time.sleep(0.1)
        Worker(order, desk, interrupter, events).run()
    except (psycopg.Error, DatabaseAwayError) as error:
        logger.warning("the database is away", extra={"error": (str(error) or type(error).__name__).splitlines()[0]})
        return NO_DATABASE
    return OK


if __name__ == "__main__":
    sys.exit(main())
