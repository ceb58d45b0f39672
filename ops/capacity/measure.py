"""What the catalogue takes on disk and how it came to be, asked of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, LiteralString

from ops.capacity.growth import WINDOW_DAYS, History
from ops.capacity.model import Sizes
from ops.errors import OpsError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

SHOWN_MONTHS = 12

_SIZES: LiteralString = """
SELECT
    count(*) FILTER (WHERE part <> 'catalogue') AS partitions,
    count(*) FILTER (WHERE part <> 'catalogue' AND heap_bytes > 0) AS filled,
    coalesce(sum(heap_bytes) FILTER (WHERE part <> 'catalogue'), 0) AS heap,
    coalesce(sum(map_bytes) FILTER (WHERE part <> 'catalogue'), 0) AS maps,
    coalesce(sum(index_bytes) FILTER (WHERE part <> 'catalogue'), 0) AS index,
    coalesce(sum(toast_bytes) FILTER (WHERE part <> 'catalogue'), 0) AS toast,
    coalesce(sum(empty_index_bytes) FILTER (WHERE part <> 'catalogue'), 0) AS empty_index,
    coalesce(sum(empty_toast_bytes) FILTER (WHERE part <> 'catalogue'), 0) AS empty_toast,
    coalesce(sum(total_bytes) FILTER (WHERE part = 'catalogue'), 0) AS catalogue,
    coalesce(
        sum(empty_index_bytes + empty_toast_bytes + map_bytes) FILTER (WHERE part = 'catalogue'), 0
    ) AS empty_catalogue,
    coalesce(sum(files) FILTER (WHERE heap_bytes > 0), 0) AS files,
    coalesce(sum(estimated_rows) FILTER (WHERE part = 'archive'), 0) AS detached
FROM v_capacity_size
"""
_GEOMETRIES: LiteralString = """
SELECT
    count(*),
    coalesce(stddev_samp(pg_column_size(geom)) / nullif(avg(pg_column_size(geom)), 0) / sqrt(count(*)), 0)
FROM catalogo_geometrias_particionada
"""
_HISTORY: LiteralString = """
WITH recent AS (
    SELECT (created_at AT TIME ZONE 'UTC')::date AS day, created_at
    FROM catalogo_geometrias_particionada
    WHERE created_at <= now()
),
begin AS (SELECT min(created_at) AS first FROM recent)
SELECT
    now(),
    min(begin.first),
    count(*) FILTER (WHERE recent.day = (begin.first AT TIME ZONE 'UTC')::date),
    count(*) FILTER (WHERE recent.created_at > now() - make_interval(days => %(days)s)),
    count(DISTINCT recent.day) FILTER (WHERE recent.created_at > now() - make_interval(days => %(days)s))
FROM recent CROSS JOIN begin
"""
_PER_YEAR: LiteralString = """
SELECT extract(YEAR FROM created_at AT TIME ZONE 'UTC')::integer AS year, count(*)
FROM catalogo_geometrias_particionada GROUP BY 1 ORDER BY 1
"""
_PER_MONTH: LiteralString = """
SELECT to_char(criado_em AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*)
FROM catalogo GROUP BY 1 ORDER BY 1 DESC LIMIT %s
"""
_IMPORTS: LiteralString = """
SELECT to_char(concluida_em AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*), sum(armazenadas)::bigint
FROM importacoes GROUP BY 1 ORDER BY 1 DESC LIMIT %s
"""
_RELATIONS: LiteralString = """
SELECT part, relation_name, heap_bytes, map_bytes, index_bytes, toast_bytes, total_bytes
FROM v_capacity_size WHERE heap_bytes > 0 ORDER BY part DESC, total_bytes DESC, relation_name
"""


@dataclass(frozen=True)
class Relation:
    """One table or view of v_capacity_size that holds rows; sizes in bytes."""

    part: str
    name: str
    heap: int
    maps: int
    index: int
    toast: int
    total: int


@dataclass(frozen=True)
class Records:
    """What the catalogue's own dates say."""

    rows_per_year: list[tuple[int, int]]
    """Year of `created_at` and its geometries."""
    entries_per_month: list[tuple[str, int]]
    """Month of `criado_em` (YYYY-MM) and its entries, the last SHOWN_MONTHS of them."""
    imports_per_month: list[tuple[str, int, int]]
    """Month, files loaded, features stored."""


def measure_sizes(connection: Connection, stack: str) -> Sizes:
    """Bytes on disk of all that grows with the catalogue.

    Raises:
        OpsError: there is no geometry, so nothing to measure.
    """
    rows, error = _one(connection, _GEOMETRIES)
    (entries,) = _one(connection, "SELECT count(*) FROM catalogo")
    *figures, detached = (int(value) for value in _one(connection, _SIZES))
    if not rows:
        suffix = "" if stack == "local" else f" STACK={stack}"
        raise OpsError(
            f"the catalogue of stack '{stack}' has no geometries, so there is nothing to measure: "
            f"make ingest FILE=farm.geojson{suffix} loads a file, make sample{suffix} makes one"
        )
    partitions, filled, heap, maps, index, toast, empty_index, empty_toast, catalogue, empty_catalogue, files = figures
    return Sizes(
        rows=int(rows) + detached,
        entries=int(entries),
        partitions=partitions,
        filled=filled,
        heap=heap,
        maps=maps,
        index=index,
        toast=toast,
        empty_index=empty_index,
        empty_toast=empty_toast,
        catalogue=catalogue,
        empty_catalogue=empty_catalogue,
        files=files,
        geometry_error=float(error),
    )


def measure_history(connection: Connection, rows: int) -> History:
    """When the geometries came, by `created_at`; `rows` is their number as measured."""
    now, first, first_day, window, days = _one(connection, _HISTORY, {"days": WINDOW_DAYS})
    return History(
        now=_utc(now),
        rows=rows,
        first=_utc(first) if first else None,
        first_day_rows=int(first_day),
        window_rows=int(window),
        window_days_with_rows=int(days),
    )


def read_records(connection: Connection) -> Records:
    """Rows per year of `created_at`, entries and imports per month."""
    return Records(
        rows_per_year=[(year, rows) for year, rows in connection.execute(_PER_YEAR)],
        entries_per_month=[(month, rows) for month, rows in connection.execute(_PER_MONTH, (SHOWN_MONTHS,))][::-1],
        imports_per_month=list(connection.execute(_IMPORTS, (SHOWN_MONTHS,)))[::-1],
    )


def read_relations(connection: Connection) -> list[Relation]:
    """Every table and view that grows with the catalogue and holds rows, largest first, partitions before the rest."""
    return [Relation(*row) for row in connection.execute(_RELATIONS)]


def _one(connection: Connection, query: LiteralString, parameters: Any = None) -> tuple[Any, ...]:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None, "an aggregate gives one row"  # noqa: S101
    return row


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
