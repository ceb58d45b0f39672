"""Write-ahead log that one more geometry causes, measured by really inserting.

Copies of what is there go into empty twins of every table that an ingest and the views' refresh write, with the same
indexes, checks and foreign keys, made and rolled back in one transaction: nobody waits for a lock, no row stays, and
no table keeps the dead space that a rolled-back insert would leave in it. A copy is stored as its original was, since
TOAST compresses each value by itself; copies are no better compressed than different rows are.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    Connection = psycopg.Connection[tuple[Any, ...]]

SAMPLE_ROWS = 500
BATCHES = 5
WATCH_SECONDS = 10.0

_KEYS: dict[str, str] = {
    "catalogo": "id",
    "catalogo_origem": "catalogo_id",
    "catalogo_geometrias_particionada": "catalogo_id",
    "catalogo_change_queue": "catalogo_id",
    "catalogo_summary": "catalogo_id",
    "catalogo_bounds_cache": "catalogo_id",
    "mv_catalogo_geometrias_stats": "catalogo_id",
    "mv_catalogo_search_indexed": "id",
}
"""What a new geometry writes sooner or later → its column that names the entry; in the order of foreign keys."""
_REFERRING = ("catalogo_origem", "catalogo_geometrias_particionada")
_GEOMETRIES = "catalogo_geometrias_particionada"

_CHOOSE: LiteralString = """
CREATE TEMPORARY TABLE capacity_chosen ON COMMIT DROP AS
SELECT
    chosen.id,
    chosen.created_at,
    chosen.catalogo_id,
    dense_rank() OVER (ORDER BY chosen.catalogo_id) AS number
FROM (
    SELECT id, created_at, catalogo_id FROM catalogo_geometrias_particionada
    ORDER BY hashint8extended(id, 0), created_at LIMIT %s
) AS chosen
"""
_COLUMNS: LiteralString = """
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass('public.' || quote_ident(%s)) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum
"""


@dataclass(frozen=True)
class Wal:
    """What was seen."""

    per_row: float
    """Bytes of write-ahead log per geometry: median of the batches."""
    spread: float
    """Largest minus smallest batch, as a share of the median."""
    rows: int
    """Geometries in one batch."""
    batches: int
    copies: int
    """How often a batch holds each chosen geometry."""
    noise: float
    """Bytes per row that others may have written meanwhile, from the rate seen before."""
    background_per_second: float
    """Bytes that standing jobs and other writers wrote per second while this command only looked."""
    watched_seconds: float


def measure_wal(connection: Connection, watch_seconds: float = WATCH_SECONDS) -> Wal:
    """Insert copies of up to SAMPLE_ROWS geometries with their entries, BATCHES times, and take everything back.

    Args:
        connection: the owner's, in autocommit; there must be geometries.
        watch_seconds: how long to look at the log without writing first.
    """
    begun, position = time.monotonic(), _position(connection)
    time.sleep(watch_seconds)
    watched = time.monotonic() - begun
    background = (_position(connection) - position) / watched
    with connection.transaction(force_rollback=True):
        twins, chosen = _prepare(connection)
        copies = max(SAMPLE_ROWS // chosen, 1)
        seen: list[int] = []
        begun = time.monotonic()
        # The first batch meets empty tables and is left out.
        for batch in range(BATCHES + 1):
            position = _position(connection)
            for copy in range(copies):
                for name, statement in twins.items():
                    connection.execute(statement, _numbers(name, batch * copies + copy + 1))
            seen.append(_position(connection) - position)
        seconds = (time.monotonic() - begun) / (BATCHES + 1)
    rows = chosen * copies
    median = statistics.median(seen[1:])
    return Wal(
        per_row=median / rows,
        spread=(max(seen[1:]) - min(seen[1:])) / median,
        rows=rows,
        batches=BATCHES,
        copies=copies,
        noise=background * seconds / rows,
        background_per_second=background,
        watched_seconds=watched,
    )


def _prepare(connection: Connection) -> tuple[dict[str, sql.Composed], int]:
    """Makes the twins; gives the statement that fills each one, and the number of geometries chosen."""
    connection.execute("SET LOCAL lock_timeout = '5s'")
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    # Nobody else ever sees the schema; its number keeps two runs apart all the same.
    schema = sql.Identifier(f"capacity_sample_{connection.info.backend_pid}")
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
    present = [name for name in _KEYS if _value(connection, "SELECT to_regclass('public.' || %s)::text", name)]
    for name in present:
        connection.execute(
            sql.SQL("CREATE TABLE {0}.{1} (LIKE public.{1} INCLUDING ALL EXCLUDING COMMENTS)").format(
                schema, sql.Identifier(name)
            )
        )
    for name in _REFERRING:
        connection.execute(
            sql.SQL("ALTER TABLE {0}.{1} ADD FOREIGN KEY (catalogo_id) REFERENCES {0}.catalogo (id)").format(
                schema, sql.Identifier(name)
            )
        )
    connection.execute(_CHOOSE, (SAMPLE_ROWS,))
    chosen = int(_value(connection, "SELECT count(*) FROM capacity_chosen"))
    return {name: _filling(connection, schema, name) for name in present}, chosen


def _filling(connection: Connection, schema: sql.Identifier, name: str) -> sql.Composed:
    """The statement that copies what belongs to the chosen geometries; its parameters are those of `_numbers`."""
    key = _KEYS[name]
    columns = [column for (column,) in connection.execute(_COLUMNS, (name,))]
    # What must differ from copy to copy; an entry's new number is as wide as its old one.
    values: dict[str, sql.Composable] = {column: sql.SQL("s.{}").format(sql.Identifier(column)) for column in columns}
    values[key] = sql.SQL("%(offset)s + c.number")
    if name == "catalogo_origem":
        values["importacao_id"] = sql.SQL("%(copy)s * 1000000000000 + s.importacao_id")
    if name == _GEOMETRIES:
        values["id"] = sql.SQL("%(offset)s + row_number() OVER ()")
        chosen: sql.Composable = sql.SQL("capacity_chosen AS c ON c.id = s.id AND c.created_at = s.created_at")
    else:
        chosen = sql.SQL(
            "(SELECT DISTINCT catalogo_id, number FROM capacity_chosen) AS c ON c.catalogo_id = s.{}"
        ).format(sql.Identifier(key))
    source: sql.Composable = sql.SQL("public.{}").format(sql.Identifier(name))
    if name == "catalogo_change_queue":
        # Normally emptied already.
        source = sql.SQL("(SELECT DISTINCT catalogo_id, now() AS queued_at FROM capacity_chosen)")
    return sql.SQL("INSERT INTO {}.{} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS s INNER JOIN {}").format(
        schema,
        sql.Identifier(name),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(values[column] for column in columns),
        source,
        chosen,
    )


def _numbers(name: str, copy: int) -> dict[str, int]:
    """Parameters of a filling; entries and geometries of one copy never meet those of another."""
    numbers = {"offset": copy * SAMPLE_ROWS}
    return numbers | {"copy": copy} if name == "catalogo_origem" else numbers


def _position(connection: Connection) -> int:
    """Where the next record goes, bytes since the cluster was made."""
    return int(_value(connection, "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


def _value(connection: Connection, query: LiteralString, *parameters: str) -> Any:
    row = connection.execute(query, parameters or None).fetchone()
    assert row is not None, "these queries give one row"  # noqa: S101
    return row[0]
