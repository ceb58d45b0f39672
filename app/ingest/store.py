"""One import in one transaction: binary COPY into the catalogue, or nothing at all."""

from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg
from psycopg.rows import TupleRow

from app.ingest.errors import IngestError
from app.ingest.prepare import Rows
from app.ingest.report import Reject

Connection = psycopg.Connection[TupleRow]

_CATALOG: LiteralString = "COPY catalogo (id, nome, descricao, tipo) FROM STDIN (FORMAT BINARY)"
_GEOMETRIES: LiteralString = (
    "COPY catalogo_geometrias_particionada (catalogo_id, geom, is_valid) FROM STDIN (FORMAT BINARY)"
)
_ORIGIN: LiteralString = (
    "COPY catalogo_origem (catalogo_id, importacao_id, feature_id, feature_index, camada, categoria, atributos, reparo)"
    " FROM STDIN (FORMAT BINARY)"
)
_REJECTS: LiteralString = (
    "COPY importacao_rejeitos (importacao_id, feature_index, feature_id, motivo, bruto) FROM STDIN (FORMAT BINARY)"
)
# The binary form of geometry is EWKB and that of jsonb a version byte and the text: both go as bytes.
_CATALOG_TYPES = ("int8", "text", "text", "text")
_GEOMETRY_TYPES = ("int8", "bytea", "bool")
_ORIGIN_TYPES = ("int8", "int8", "text", "int8", "text", "text", "bytea", "text")
_REJECT_TYPES = ("int8", "int8", "text", "text", "text")


def lock_digest(connection: Connection, digest: str) -> None:
    """Wait until no other import of the same content is at work; held until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('mundo.ingest.' || %s, 0))", (digest,))


class Import:
    """The row of importacoes and everything that hangs on it, within the caller's transaction."""

    def __init__(self, connection: Connection, file: str, digest: str, kind: str) -> None:
        self._connection = connection
        # COPY waits for the parser, and a long file is no reason to be cut off.
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        # Coordinates hardly shrink: pglz spends a third of the server's time to find that out, lz4 next to none.
        connection.execute(
            "SELECT set_config(name, 'lz4', true) FROM pg_settings"
            " WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
        )
        self.id = self._one(
            "INSERT INTO importacoes (arquivo, digest, formato, iniciada_em) VALUES (%s, %s, %s, clock_timestamp())"
            " RETURNING id",
            (file, digest, kind),
        )
        # Looked up once: by name in every nextval() it costs more than the copy.
        self._sequence = self._one("SELECT pg_get_serial_sequence('catalogo', 'id')::regclass::oid", ())
        self.read = 0
        self.stored = 0
        self.rejected = 0
        self.repaired = 0

    def store(self, rows: Rows) -> None:
        """Copy a batch."""
        stored = len(rows.catalog)
        self.read += stored + len(rows.rejects)
        if stored:
            ids = self._reserve(stored)
            self._copy(_CATALOG, _CATALOG_TYPES, [(key, *row) for key, row in zip(ids, rows.catalog, strict=True)])
            self._copy(
                _GEOMETRIES, _GEOMETRY_TYPES, [(key, wkb, True) for key, wkb in zip(ids, rows.geometries, strict=True)]
            )
            self._copy(
                _ORIGIN, _ORIGIN_TYPES, [(key, self.id, *row) for key, row in zip(ids, rows.origin, strict=True)]
            )
        if rows.rejects:
            self._copy(
                _REJECTS,
                _REJECT_TYPES,
                [(self.id, item.feature_index, item.feature_id, item.reason, raw) for item, raw in rows.rejects],
            )
        self.stored += stored
        self.rejected += len(rows.rejects)
        self.repaired += rows.repaired

    def finish(self) -> None:
        """Complete the import's row, and refuse to end where anything read is not accounted for.

        Raises:
            IngestError: no features at all, or (a defect, said so) what the tables hold is not what was read.
        """
        if self.read == 0:
            raise IngestError("has no features; nothing was stored")
        stored = self._one("SELECT count(*) FROM catalogo_origem WHERE importacao_id = %s", (self.id,))
        rejected = self._one("SELECT count(*) FROM importacao_rejeitos WHERE importacao_id = %s", (self.id,))
        if (stored, rejected) != (self.stored, self.rejected) or self.read != stored + rejected:
            raise IngestError(
                f"read {self.read} features, but {stored} are stored and {rejected} rejected: a defect of the ingest;"
                " nothing was stored"
            )
        self._connection.execute(
            "UPDATE importacoes SET concluida_em = clock_timestamp(), lidas = %s, armazenadas = %s, rejeitadas = %s,"
            " reparadas = %s WHERE id = %s",
            (self.read, stored, rejected, self.repaired, self.id),
        )

    def _reserve(self, count: int) -> list[int]:
        """Take ids from the catalogue's own sequence, so that other writers never meet them."""
        cursor = self._connection.execute(
            "SELECT nextval(%s::oid::regclass) FROM generate_series(1, %s)",
            (self._sequence, count),
            binary=True,
        )
        return [row[0] for row in cursor.fetchall()]

    def _copy(self, statement: LiteralString, types: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                copy.set_types(types)
                for row in rows:
                    copy.write_row(row)
            if cursor.rowcount != len(rows):
                raise IngestError(
                    f"Postgres took {cursor.rowcount} of {len(rows)} rows: a defect of the ingest; nothing was stored"
                )

    def _one(self, query: LiteralString, parameters: tuple[Any, ...]) -> int:
        row = self._connection.execute(query, parameters).fetchone()
        if row is None:
            raise IngestError("Postgres gave no answer where one was due; nothing was stored")
        return int(row[0])


def first_rejects(connection: Connection, import_id: int, limit: int) -> list[Reject]:
    """Give an import's first rejects, in the order of the file."""
    cursor = connection.execute(
        "SELECT feature_index, feature_id, motivo FROM importacao_rejeitos WHERE importacao_id = %s"
        " ORDER BY feature_index LIMIT %s",
        (import_id, limit),
    )
    return [Reject(*row) for row in cursor.fetchall()]
