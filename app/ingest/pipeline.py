"""The ingest: a file into the catalogue, in one transaction."""

import time
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from app.ingest.afterwards import follow_up
from app.ingest.compare import compare
from app.ingest.digest import fingerprint, sha256
from app.ingest.errors import IngestError
from app.ingest.prefetch import prefetched
from app.ingest.prepare import prepare
from app.ingest.readers import check_readable, open_source
from app.ingest.report import Comparison, IngestReport, OnProgress, Progress
from app.ingest.store import Connection, Import, first_rejects, lock_digest

SHOWN_REJECTS = 20
"""Rejects that a report carries; all are in importacao_rejeitos."""

_CONNECT_SECONDS = 10


def ingest(conninfo: str, path: Path, on_progress: OnProgress = lambda _: None) -> IngestReport:
    """Load a file into the catalogue, or nothing of it.

    Every feature read is stored or rejected (`read == stored + rejected`, checked against the tables before the
    commit). The same content is loaded once: later runs change nothing and say so, also when two start at once.

    Raises:
        IngestError: the file, its content or the database cannot be used; the text is one line, nothing was stored.
    """
    path = check_readable(path)
    try:
        before = fingerprint(path)
        digest = sha256(path, on_progress)
    except OSError as error:
        raise IngestError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        with _connect(conninfo) as connection:
            report = _load(connection, path, digest, before, on_progress)
            if not report.already_loaded:
                started = time.monotonic()
                report.warnings += follow_up(connection, report.import_id, on_progress)
                report.afterwards = time.monotonic() - started
                on_progress(Progress("compare"))
                report.comparisons = _compared(connection, report)
            return report
    except psycopg.errors.UndefinedTable as error:
        raise IngestError(f"the database has no catalogue yet ({_line(error)}); `make up` makes it") from None
    except psycopg.OperationalError as error:
        raise IngestError(f"database not available: {_line(error)}; nothing is half done, run it again") from None
    except psycopg.Error as error:
        raise IngestError(f"{path}: Postgres refused it: {_line(error)}; nothing was stored") from None
    except OSError as error:
        raise IngestError(f"{path}: cannot be read: {error.strerror or error}; nothing was stored") from None


def _load(
    connection: Connection, path: Path, digest: str, before: tuple[tuple[int, int], ...], on_progress: OnProgress
) -> IngestReport:
    started = time.monotonic()
    with connection.transaction():
        on_progress(Progress("wait"))
        lock_digest(connection, digest)
        known = _known(connection, digest)
        if known is not None:
            return known
        with open_source(path) as source:
            run = Import(connection, path.name, digest, source.format)
            on_progress(Progress("load", 0, source.total))
            with prefetched(lambda: prepare(source)) as batches:
                for rows in batches:
                    run.store(rows)
                    on_progress(Progress("load", rows.consumed, source.total, run.read))
        if fingerprint(path) != before:
            raise IngestError(f"{path}: was changed while it was read; nothing was stored")
        on_progress(Progress("commit", features=run.read))
        try:
            run.finish()
        except IngestError as error:
            raise IngestError(f"{path}: {error}") from None
    return IngestReport(
        file=path.name,
        format=source.format,
        digest=digest,
        import_id=run.id,
        read=run.read,
        stored=run.stored,
        rejected=run.rejected,
        repaired=run.repaired,
        seconds=time.monotonic() - started,
        rejects=first_rejects(connection, run.id, SHOWN_REJECTS) if run.rejected else [],
        warnings=source.warnings,
    )


def _known(connection: Connection, digest: str) -> IngestReport | None:
    """Give the report of an earlier import of the same content."""
    row = connection.execute(
        "SELECT arquivo, formato, digest, id, lidas, armazenadas, rejeitadas, reparadas FROM importacoes"
        " WHERE digest = %s",
        (digest,),
    ).fetchone()
    if row is None:
        return None
    report = IngestReport(*row)
    report.already_loaded = True
    report.rejects = first_rejects(connection, report.import_id, SHOWN_REJECTS)
    return report


def _compared(connection: Connection, report: IngestReport) -> list[Comparison]:
    try:
        return compare(connection, report.import_id, report.stored)
    except psycopg.Error as error:
        report.warnings.append(f"declared areas and lengths not compared: {_line(error)}")
        return []


def _connect(conninfo: str) -> Connection:
    """Connect in autocommit: the import's transaction is opened, and ended, by name."""
    given = conninfo_to_dict(conninfo).get("connect_timeout")
    return psycopg.connect(
        conninfo,
        autocommit=True,
        application_name="mundo-ingest",
        connect_timeout=_CONNECT_SECONDS if given is None else given,
    )


def _line(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
