"""What follows a committed import, so that the API answers with it at once: summary, bounds, both views, statistics."""

import time
from typing import LiteralString

import psycopg

from app.ingest.report import OnProgress, Progress
from app.ingest.store import Connection

# The search answers with the new entries as soon as they are folded; nobody waits for the fold job or the views.
# In portions: a fold holds up all others while it lasts, and with them the one change that somebody waits for.
_FOLD: LiteralString = "SELECT fold_catalogo_changes(2000, true)"
_BOUNDS: LiteralString = """
INSERT INTO catalogo_bounds_cache (
    catalogo_id, min_lat, max_lat, min_lon, max_lon, centroid_lon, centroid_lat, bounds_wkt, is_validated, updated_at
)
SELECT
    held.catalogo_id, held.min_lat, held.max_lat, held.min_lon, held.max_lon, held.centroid_lon, held.centroid_lat,
    held.bounds_wkt, held.valid_count = held.geom_count, held.last_updated
FROM catalogo_origem AS origin
INNER JOIN catalogo_summary AS held ON origin.catalogo_id = held.catalogo_id
WHERE origin.importacao_id = %s AND held.geom_count > 0
ON CONFLICT (catalogo_id) DO UPDATE SET
    min_lat = excluded.min_lat, max_lat = excluded.max_lat, min_lon = excluded.min_lon, max_lon = excluded.max_lon,
    centroid_lon = excluded.centroid_lon, centroid_lat = excluded.centroid_lat, bounds_wkt = excluded.bounds_wkt,
    is_validated = excluded.is_validated, validation_timestamp = now(), updated_at = excluded.updated_at
"""
_WAIT_SECONDS = 120.0
_RETRY_SECONDS = 0.5


def follow_up(connection: Connection, import_id: int, on_progress: OnProgress) -> list[str]:
    """Fold the changes, analyze, fill the bounds of the new entries and refresh both views; the import is safe already.

    `connection` is in autocommit. Gives one warning per step that failed.
    """
    warnings = []
    on_progress(Progress("analyze"))
    try:
        while _fold(connection):
            pass
    except psycopg.Error as error:
        warnings.append(_warning("summary", error))
    try:
        connection.execute("ANALYZE catalogo, catalogo_origem, catalogo_geometrias_particionada, catalogo_summary")
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


def _fold(connection: Connection) -> int:
    """Fold a portion of the queued changes: how many entries it was."""
    row = connection.execute(_FOLD).fetchone()
    return row[0] if row else 0


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
