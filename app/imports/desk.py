"""The table of jobs as the worker sees it: one job at a time is taken, followed and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

import psycopg

if TYPE_CHECKING:
    from app.ingest.report import IngestReport, Progress

RECOVERED = "recovered"
"""Event of a worker: what the one before it left is dealt with."""

MAX_CRASHES = 2
MAX_ATTEMPTS = 10
"""Interruptions from outside (restarts, a database that was away) are no fault of the file, but have an end too."""

_ALONE: LiteralString = "SELECT pg_try_advisory_lock(hashtextextended('mundo.imports.worker', 0))"
_RECOVER: LiteralString = """
UPDATE importacao_tarefas SET
    quedas = quedas + %(crash)s,
    estado = CASE WHEN %(final)s OR quedas + %(crash)s >= %(crashes)s OR tentativas >= %(attempts)s
        THEN 'failed' ELSE 'pending' END,
    erro = CASE WHEN %(final)s OR quedas + %(crash)s >= %(crashes)s OR tentativas >= %(attempts)s
        THEN %(text)s END,
    concluida_em = CASE WHEN %(final)s OR quedas + %(crash)s >= %(crashes)s OR tentativas >= %(attempts)s
        THEN clock_timestamp() END,
    atualizada_em = clock_timestamp()
WHERE estado = 'running'
RETURNING id, pasta, estado
"""
_CLAIM: LiteralString = """
UPDATE importacao_tarefas SET
    estado = 'running', tentativas = tentativas + 1, iniciada_em = clock_timestamp(),
    atualizada_em = clock_timestamp(), etapa = NULL, bytes_lidos = 0, bytes_total = bytes, feicoes = 0
WHERE id = (
    SELECT id FROM importacao_tarefas WHERE estado = 'pending' ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1
)
RETURNING id, arquivo, pasta, digest, tentativas
"""
_BACK: LiteralString = """
UPDATE importacao_tarefas SET estado = 'pending', tentativas = tentativas - 1, atualizada_em = clock_timestamp()
WHERE id = %(id)s AND estado = 'running' AND tentativas = %(attempt)s
"""
_PROGRESS: LiteralString = """
UPDATE importacao_tarefas SET
    etapa = %(stage)s,
    bytes_lidos = CASE WHEN %(total)s > 0 THEN %(done)s ELSE bytes_lidos END,
    bytes_total = CASE WHEN %(total)s > 0 THEN %(total)s ELSE bytes_total END,
    feicoes = greatest(feicoes, %(features)s), atualizada_em = clock_timestamp()
WHERE id = %(id)s AND estado = 'running' AND tentativas = %(attempt)s
"""
# A file that an interrupted attempt of this very job had stored already is no file that was there before.
_DONE: LiteralString = """
UPDATE importacao_tarefas AS job SET
    estado = 'done', concluida_em = clock_timestamp(), atualizada_em = clock_timestamp(),
    importacao_id = import.id, feicoes = import.lidas, bytes_lidos = job.bytes_total, avisos = %(warnings)s,
    ja_carregada = %(known)s AND (
        import.concluida_em < job.criada_em
        OR EXISTS (
            SELECT FROM importacao_tarefas AS other
            WHERE other.importacao_id = import.id AND other.id <> job.id AND NOT other.ja_carregada
        )
    )
FROM importacoes AS import
WHERE import.digest = %(digest)s AND job.id = %(id)s AND job.estado = 'running' AND job.tentativas = %(attempt)s
RETURNING job.ja_carregada
"""
_ENDED: LiteralString = """
UPDATE importacao_tarefas SET
    estado = %(state)s, erro = %(text)s, concluida_em = clock_timestamp(), atualizada_em = clock_timestamp()
WHERE id = %(id)s AND estado = 'running' AND tentativas = %(attempt)s
"""
_OPEN: LiteralString = (
    "SELECT EXISTS (SELECT FROM importacao_tarefas WHERE pasta = %(key)s AND estado IN ('pending', 'running'))"
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was taken."""

    id: int
    name: str
    key: str
    digest: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Loss:
    """How the worker before this one was lost: by a crash of its own, and whether that was the last try."""

    text: str
    crash: bool
    final: bool


INTERRUPTED = Loss(f"interrupted {MAX_ATTEMPTS} times before it could end", crash=False, final=False)


class Desk:
    """The jobs, over a connection of its own; every method raises psycopg.Error when the database is away."""

    def __init__(self, conninfo: str) -> None:
        """Connect."""
        self._connection = psycopg.connect(conninfo, autocommit=True)

    def alone(self) -> bool:
        """Become the only worker, as long as this connection lives; False when there is another."""
        row = self._connection.execute(_ALONE).fetchone()
        return bool(row and row[0])

    def recover(self, loss: Loss) -> list[tuple[int, str, str]]:
        """Set back, or give up, what runs while no worker does; gives (id, folder, state) of each."""
        values = {
            "crash": int(loss.crash),
            "final": loss.final,
            "text": loss.text,
            "crashes": MAX_CRASHES,
            "attempts": MAX_ATTEMPTS,
        }
        return [(row[0], row[1], row[2]) for row in self._connection.execute(_RECOVER, values).fetchall()]

    def claim(self) -> Job | None:
        """Take the oldest job that waits."""
        row = self._connection.execute(_CLAIM).fetchone()
        return Job(*row) if row else None

    def back(self, job: Job) -> None:
        """Let a job wait again, as if it had not been begun."""
        self._connection.execute(_BACK, {"id": job.id, "attempt": job.attempt})

    def progress(self, job: Job, event: Progress) -> None:
        """Write down how far a job is."""
        values = {
            "id": job.id,
            "attempt": job.attempt,
            "stage": event.stage,
            "done": event.done,
            "total": event.total,
            "features": event.features,
        }
        self._connection.execute(_PROGRESS, values)

    def done(self, job: Job, report: IngestReport) -> bool | None:
        """End a job whose file is stored; says whether it had been before, None when the job is not ours any more."""
        return self._stored(job, known=report.already_loaded, warnings=report.warnings)

    def stored_after_all(self, job: Job, warning: str) -> bool:
        """End a job that was interrupted, if its file was stored by then."""
        return self._stored(job, known=False, warnings=[warning]) is not None

    def _stored(self, job: Job, *, known: bool, warnings: list[str]) -> bool | None:
        values = {"id": job.id, "attempt": job.attempt, "digest": job.digest, "known": known, "warnings": warnings}
        row = self._connection.execute(_DONE, values).fetchone()
        return bool(row[0]) if row else None

    def ended(self, job: Job, state: str, text: str) -> None:
        """End a job as `refused` or `failed`, with one line that says why."""
        values = {"id": job.id, "attempt": job.attempt, "state": state, "text": text}
        self._connection.execute(_ENDED, values)

    def is_open(self, key: str) -> bool:
        """Whether a job that waits or runs has this folder."""
        row = self._connection.execute(_OPEN, {"key": key}).fetchone()
        return bool(row and row[0])
