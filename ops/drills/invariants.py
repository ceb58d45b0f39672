"""What must hold in the database whatever happened to it, as queries with the answer that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from ops.drills.report import Tally

    Connection = psycopg.Connection[tuple[Any, ...]]

ROWS = """
SELECT count(*), count(DISTINCT id),
    bit_xor(hashtextextended(concat_ws('|', id, catalogo_id, created_at, md5(geom::text)), 0))
FROM catalogo_geometrias_particionada
"""
"""Number of geometries, of different ones, and a fingerprint of all of them in any order."""

_STRAYS = """
SELECT coalesce(string_agg(relname, ', ' ORDER BY relname), '') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname ~ '^catalogo_geometrias_([0-9]{4}|default)'
    AND NOT EXISTS (
        SELECT FROM pg_inherits
        WHERE inhrelid = pg_class.oid AND inhparent = 'public.catalogo_geometrias_particionada'::regclass
    )
"""

_INVALID_INDEXES = """
SELECT coalesce(string_agg(indexrelid::regclass::text, ', '), '') FROM pg_index WHERE NOT (indisvalid AND indisready)
"""

_HEALTHY: dict[str, tuple[str, object]] = {
    "one DEFAULT partition": (
        "SELECT count(*) FROM pg_partitioned_table WHERE partdefid = 'public.catalogo_geometrias_default'::regclass",
        1,
    ),
    "no partition half made": (_STRAYS, ""),
    "no invalid index": (_INVALID_INDEXES, ""),
    "no refresh noted as running": ("SELECT count(*) FROM mv_refresh_log WHERE outcome = 'running'", 0),
}

_VIEWS: dict[str, tuple[str, object]] = {
    "statistics: a row for every entry": (
        "SELECT (SELECT count(*) FROM mv_catalogo_geometrias_stats) - (SELECT count(*) FROM catalogo)",
        0,
    ),
    "statistics: every geometry counted": (
        """SELECT (SELECT coalesce(sum(total_geometrias), 0) FROM mv_catalogo_geometrias_stats)
            - (SELECT count(*) FROM catalogo_geometrias_particionada)""",
        0,
    ),
    "search: a row for every active entry": (
        """SELECT (SELECT count(*) FROM mv_catalogo_search_indexed)
            - (SELECT count(*) FROM catalogo WHERE status = 'ativo')""",
        0,
    ),
}


def value(connection: Connection, query: str, *parameters: object) -> Any:
    """The first column of the first row."""
    row = connection.execute(query.encode(), parameters or None).fetchone()
    assert row is not None  # noqa: S101 - every query here has one row
    return row[0]


def rows(connection: Connection) -> tuple[Any, ...]:
    """Number of geometries, of different ones, and their fingerprint."""
    found = connection.execute(ROWS.encode()).fetchone()
    assert found is not None  # noqa: S101 - an aggregate has one row
    return found


def check_after_the_fault(connection: Connection, tally: Tally) -> None:
    """What must hold as soon as the server answers again."""
    _check(connection, tally, _HEALTHY)


def check_when_repeated(connection: Connection, tally: Tally) -> None:
    """What must hold once the action was run again and the views were refreshed."""
    outcomes = connection.execute("SELECT DISTINCT outcome FROM refresh_all_materialized_views()").fetchall()
    tally.check("both views refreshed", outcomes, [("success",)])
    _check(connection, tally, _VIEWS)
    # Reconciliation recomputes every entry from its geometries and counts what the summary had otherwise.
    tally.check(
        "summary equals recomputation", value(connection, "SELECT differences FROM reconcile_catalogo_summary()"), 0
    )


def check_pages(amcheck: Callable[[], tuple[int, str]], tally: Tally) -> None:
    """Every heap and B-tree page, and every row's presence in its indexes (pg_amcheck)."""
    status, output = amcheck()
    tally.check("pages and indexes whole (pg_amcheck)", (status, output.strip()), (0, ""))


def _check(connection: Connection, tally: Tally, wanted: dict[str, tuple[str, object]]) -> None:
    for invariant, (query, answer) in wanted.items():
        tally.check(invariant, value(connection, query), answer)
