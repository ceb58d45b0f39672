"""What follows a committed import, so that the API answers with it at once: bounds, both views, statistics."""

import time

import psycopg

from app.ingest.report import OnProgress, Progress
from app.ingest.store import Connection

_BOUNDS = """
INSERT INTO catalogo_bounds_cache (
    catalogo_id, min_lat, max_lat, min_lon, max_lon, centroid_lon, centroid_lat, bounds_wkt, is_validated, updated_at
)
SELECT
    b.catalogo_id, b.min_lat, b.max_lat, b.min_lon, b.max_lon, b.centroid_lon, b.centroid_lat, b.bounds_wkt,
    b.is_validated, b.updated_at
FROM catalogo_origem AS origin
CROSS JOIN LATERAL catalogo_bounds(origin.catalogo_id) AS b
WHERE origin.importacao_id = %s AND b.geom_count > 0
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
