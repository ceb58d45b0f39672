"""What follows a committed import, so that the API answers with it at once: bounds, both views, statistics."""

import time
from typing import LiteralString

import psycopg

from app.ingest.report import OnProgress, Progress
from app.ingest.store import Connection

# What catalogo_bounds() says of each entry, for all of an import at once: some twenty times faster than one by one.
_BOUNDS: LiteralString = """
INSERT INTO catalogo_bounds_cache (
    catalogo_id, min_lat, max_lat, min_lon, max_lon, centroid_lon, centroid_lat, bounds_wkt, is_validated, updated_at
)
SELECT
    part.catalogo_id,
    st_ymin(st_extent(part.geom)),
    st_ymax(st_extent(part.geom)),
    st_xmin(st_extent(part.geom)),
    st_xmax(st_extent(part.geom)),
    st_x(st_centroid(st_collect(part.geom))),
    st_y(st_centroid(st_collect(part.geom))),
    st_astext(st_setsrid(st_extent(part.geom)::geometry, 4326)),
    bool_and(part.is_valid),
    max(part.updated_at)
FROM catalogo_origem AS origin
INNER JOIN catalogo_geometrias_particionada AS part ON origin.catalogo_id = part.catalogo_id
WHERE origin.importacao_id = %s
GROUP BY part.catalogo_id
ON CONFLICT (catalogo_id) DO UPDATE SET
    min_lat = excluded.min_lat, max_lat = excluded.max_lat, min_lon = excluded.min_lon, max_lon = excluded.max_lon,
    centroid_lon = excluded.centroid_lon, centroid_lat = excluded.centroid_lat, bounds_wkt = excluded.bounds_wkt,
    is_validated = excluded.is_validated, validation_timestamp = now(), updated_at = excluded.updated_at
"""
_WAIT_SECONDS = 120.0
_RETRY_SECONDS = 0.5


def follow_up(connection: Connection, import_id: int, on_progress: OnProgress) -> list[str]:
    """Analyze, fill the bounds of the new entries and refresh both views; the import itself is safe already.

    `connection` is in autocommit. Gives one warning per step that failed.
    """
    warnings = []
    on_progress(Progress("analyze"))
    try:
        connection.execute("ANALYZE catalogo, catalogo_origem, catalogo_geometrias_particionada")
    except psycopg.Error as error:
        warnings.append(_warning("table statistics", error))
    on_progress(Progress("refresh"))
    try:
        connection.execute(_BOUNDS, (import_id,))
    except psycopg.Error as error:
        warnings.append(_warning("bounds cache", error))
    try:
        warnings.extend(_refresh(connection))
    except psycopg.Error as error:
        warnings.append(_warning("materialized views", error))
    return warnings


def _refresh(connection: Connection) -> list[str]:
    """Refresh the views; where another refresh is at work it may have begun too early, so ours follows it."""
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        rows = connection.execute(
            "SELECT view_name, outcome, error_text FROM refresh_all_materialized_views()"
        ).fetchall()
        if all(outcome != "skipped" for _, outcome, _ in rows) or time.monotonic() > until:
            return [
                f"view {view} was not refreshed: {text or outcome}"
                for view, outcome, text in rows
                if outcome != "success"
            ]
        time.sleep(_RETRY_SECONDS)


def _warning(what: str, error: psycopg.Error) -> str:
    return f"{what} not brought up to date: {(str(error) or type(error).__name__).splitlines()[0]}"
