"""Jobs as the API sees them: read in its own read-only sessions, put down in one of the role that imports."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo

from app.deadline import DeadlineExceededError, within
from app.errors import DatabaseUnavailableError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.db import Database, Row
    from app.imports.receive import Received
    from app.settings import Settings

_RETRY_AFTER_S = 5
_SECONDS = 5.0
_SESSIONS = 2

_JOB = """
SELECT
    t.id, t.arquivo, t.bytes, t.digest, t.estado, t.ja_carregada, t.tentativas, t.requisicao, t.etapa, t.bytes_lidos,
    t.bytes_total, t.feicoes, t.erro, t.avisos, t.criada_em, t.iniciada_em, t.atualizada_em, t.concluida_em,
    t.importacao_id, i.formato, i.lidas, i.armazenadas, i.rejeitadas, i.reparadas,
    extract(epoch FROM clock_timestamp() - t.iniciada_em)::double precision AS seconds
FROM importacao_tarefas AS t
LEFT JOIN importacoes AS i ON i.id = t.importacao_id
"""
_ONE = _JOB + "WHERE t.id = %(id)s::bigint"
_LATEST = _JOB + (
    "WHERE (%(before)s::bigint IS NULL OR t.id < %(before)s::bigint) ORDER BY t.id DESC LIMIT %(limit)s::integer"
)
_OPEN = "SELECT count(*) AS jobs FROM importacao_tarefas WHERE estado IN ('pending', 'running')"
_COUNTS = "SELECT estado, count(*) AS jobs FROM importacao_tarefas GROUP BY estado"
_IMPORT = "SELECT importacao_id FROM importacao_tarefas WHERE id = %(id)s::bigint"
_REJECTS = """
SELECT feature_index, feature_id, motivo
FROM importacao_rejeitos
WHERE importacao_id = %(import)s::bigint AND feature_index > %(after)s::bigint
ORDER BY feature_index
LIMIT %(limit)s::integer
"""
_INSERT = """
INSERT INTO importacao_tarefas (arquivo, bytes, digest, pasta, requisicao, bytes_total)
VALUES (%(name)s, %(size)s, %(digest)s, %(key)s, %(request)s, %(size)s)
RETURNING id
"""


class JobNotFoundError(ServiceError):
    """There is no such job."""

    status = 404

    def __init__(self, job_id: int) -> None:
        """Name the id that was asked for."""
        super().__init__(f"no import has the id {job_id}")


def ingest_conninfo(settings: Settings, application: str) -> str:
    """The conninfo of a session that may write what an import writes."""
    password = settings.postgres_ingest_password
    return make_conninfo(
        host=settings.postgres_host,
        port=settings.postgres_port,
        dbname=settings.postgres_database,
        user=settings.postgres_ingest_user,
        password=password.get_secret_value() if password else "",
        application_name=application,
        connect_timeout=5,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        # A statement that waits for a lock does not outlive a process that was killed.
        options="-c client_connection_check_interval=1000 -c timezone=UTC",
    )


class Jobs:
    """Reads jobs, and puts down new ones.

    Raises what `Database` raises, and DatabaseUnavailableError when a job cannot be put down.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        """`database` is the read-only pool."""
        self._database = database
        self._conninfo = ingest_conninfo(settings, "mundo-catalog-imports")
        # A role has few connections, and a job needs one for some milliseconds.
        self._session = asyncio.Semaphore(_SESSIONS)

    async def add(self, file: Received, request_id: str) -> int:
        """Put down a job; gives its id."""
        values = {
            "name": file.name,
            "size": file.size,
            "digest": file.digest,
            "key": file.key,
            "request": request_id,
        }
        try:
            async with self._session:
                return await within(_SECONDS, self._insert(values))
        except (psycopg.Error, DeadlineExceededError) as error:
            raise DatabaseUnavailableError(
                "the job could not be put down; send the file again", _RETRY_AFTER_S
            ) from error

    async def _insert(self, values: Mapping[str, object]) -> int:
        async with await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
            cursor = await connection.execute(_INSERT, values)
            row = await cursor.fetchone()
        if row is None:
            raise psycopg.DataError("no id")
        return int(row[0])

    async def open_jobs(self) -> int:
        """How many jobs wait or run."""
        row = await self._database.fetch_one(_OPEN, {})
        return int(row["jobs"]) if row else 0

    async def counts(self) -> dict[str, int]:
        """Jobs by state."""
        return {row["estado"]: row["jobs"] for row in await self._database.fetch(_COUNTS, {})}

    async def one(self, job_id: int) -> Row:
        """A job with its import's numbers; raises JobNotFoundError."""
        row = await self._database.fetch_one(_ONE, {"id": job_id})
        if row is None:
            raise JobNotFoundError(job_id)
        return row

    async def latest(self, limit: int, before: int | None) -> list[Row]:
        """The newest jobs, newest first, of those with an id below `before`."""
        return await self._database.fetch(_LATEST, {"limit": limit, "before": before})

    async def rejects(self, job_id: int, after: int, limit: int) -> list[Row]:
        """A job's rejects in the order of the file; none while it is not done. Raises JobNotFoundError."""
        row = await self._database.fetch_one(_IMPORT, {"id": job_id})
        if row is None:
            raise JobNotFoundError(job_id)
        if row["importacao_id"] is None:
            return []
        values = {"import": row["importacao_id"], "after": after, "limit": limit}
        return await self._database.fetch(_REJECTS, values)
