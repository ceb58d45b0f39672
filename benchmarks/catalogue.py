"""A catalogue of any size, as the platform holds it after an import: folded and analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import sql

from benchmarks import farm, rows
from benchmarks.server import value
from benchmarks.tables import COUNT, PARENT, children

if TYPE_CHECKING:
    from benchmarks.context import Context
    from benchmarks.server import Connection

_CHUNK: Final = 20_000


def empty(connection: Connection) -> None:
    """No entries, no geometries, nothing queued."""
    connection.execute("TRUNCATE catalogo, catalogo_change_queue RESTART IDENTITY CASCADE")
    connection.execute("SELECT fold_catalogo_changes(p_wait => true)")


def add_entries(connection: Connection, count: int) -> list[int]:
    """Makes `count` entries and gives their keys."""
    first = int(value(connection, "SELECT coalesce(max(id), 0) + 1 FROM catalogo"))
    for start in range(first, first + count, _CHUNK):
        size = min(_CHUNK, first + count - start)
        with connection.cursor().copy("COPY catalogo (id, nome, descricao, tipo) FROM STDIN") as copy:
            for key, (nome, descricao, tipo) in enumerate(farm.entries(start, size), start):
                copy.write_row((key, nome, descricao, tipo))
    connection.execute("SELECT setval(pg_get_serial_sequence('catalogo', 'id'), %s)", (first + count - 1,))
    return list(range(first, first + count))


def copy(connection: Connection, table: str, payload: bytes) -> None:
    """One COPY of a batch made by `rows.binary_copy`."""
    with connection.cursor().copy(
        f"COPY {table} ({', '.join(rows.COLUMNS)}) FROM STDIN (FORMAT BINARY)".encode()
    ) as stream:
        stream.write(payload)


def add(context: Context, entries: int, geometries: int) -> None:
    """Adds entries with geometries, spread evenly over them, at random times of the years."""
    with context.server.connect() as connection:
        connection.execute("SET synchronous_commit = off")
        with context.ui.steps(f"filling: {geometries} geometries in {entries} entries", geometries) as advance:
            keys = add_entries(connection, entries)
            # Neighbours belong to the same entry.
            owners = [keys[at * entries // geometries] for at in range(geometries)]
            source = rows.Source(context.farm, owners, min(_CHUNK, geometries), 1, ordered=False)
            done = 0
            while done < geometries:
                batch = source.round(done // source.size - 1)[: geometries - done]
                copy(connection, PARENT, rows.binary_copy(batch))
                done += len(batch)
                advance(len(batch))


def fill(context: Context, entries: int, geometries: int) -> None:
    """Empties the catalogue and fills it with what `add` adds."""
    with context.server.connect() as connection:
        empty(connection)
    add(context, entries, geometries)
    settle(context)


def ensure(context: Context, entries: int, geometries: int) -> None:
    """Fills the catalogue unless it has just so many entries and geometries already."""
    with context.server.connect() as connection:
        held = (
            value(connection, "SELECT count(*) FROM catalogo"),
            value(connection, COUNT),
        )
    if held != (entries, geometries):
        fill(context, entries, geometries)


def at_least(context: Context, entries: int) -> None:
    """Fills the catalogue with so many entries of one geometry each unless it has as many or more."""
    with context.server.connect() as connection:
        held = value(connection, "SELECT count(*) FROM catalogo")
    if held < entries:
        fill(context, entries, entries)


def settle(context: Context) -> None:
    """Analyses the tables, folds every entry once and refreshes both views."""
    with context.server.connect() as connection:
        context.ui.say("analysing")
        connection.execute(f"VACUUM ANALYZE catalogo, {', '.join(children(connection))}".encode())
        connection.execute(f"ANALYZE {PARENT}".encode())
        connection.execute("SET synchronous_commit = off")
        context.ui.say("folding")
        connection.execute("TRUNCATE catalogo_change_queue")
        connection.execute("INSERT INTO catalogo_change_queue (catalogo_id) SELECT id FROM catalogo")
        fold(connection)
        connection.execute("VACUUM ANALYZE catalogo_summary")
        context.ui.say("refreshing both views")
        refresh(connection)
        connection.execute("ANALYZE mv_catalogo_geometrias_stats, mv_catalogo_search_indexed")
    context.server.superuser("CHECKPOINT")


def fold(connection: Connection) -> None:
    """Folds until nothing is queued."""
    while value(connection, "SELECT fold_catalogo_changes(p_wait => true)"):
        pass


def refresh(connection: Connection) -> None:
    """Refreshes both views.

    Raises:
        RuntimeError: one did not succeed.
    """
    for name, outcome, error in connection.execute(
        "SELECT view_name, outcome, error_text FROM refresh_all_materialized_views()"
    ).fetchall():
        if outcome != "success":
            raise RuntimeError(f"{name}: {outcome}: {error}")


def change_entry(connection: Connection, entry: int) -> None:
    """Moves the geometries of one entry a little."""
    connection.execute(
        sql.SQL("UPDATE {} SET geom = st_translate(geom, 0.00001, 0) WHERE catalogo_id = %s").format(
            sql.Identifier(PARENT)
        ),
        (entry,),
    )


def change(connection: Connection, number: int, share: float = 0.001) -> int:
    """Changes a geometry of each of every so many entries, other ones each time; gives how many entries."""
    step = round(1 / share)
    keys = value(connection, "SELECT array_agg(id) FROM catalogo WHERE id %% %s = %s", step, number % step)
    return connection.execute(
        sql.SQL(
            "UPDATE {parent} SET geom = st_translate(geom, 0.00001, 0)"
            " WHERE (id, created_at) IN (SELECT DISTINCT ON (catalogo_id) id, created_at"
            " FROM {parent} WHERE catalogo_id = ANY(%s) ORDER BY catalogo_id, id)"
        ).format(parent=sql.Identifier(PARENT)),
        (keys,),
    ).rowcount
