"""What partitions cost an insert, and what the change queue costs on top."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from benchmarks import catalogue, rows, tables
from benchmarks.blocks import Arm, Comparison
from benchmarks.context import timed
from benchmarks.report import Figure, Report
from benchmarks.server import value
from benchmarks.tables import PARENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.context import Context
    from benchmarks.server import Connection

PLAIN: Final = "bench_plain"
TWIN: Final = "bench_plain_twin"
_ORDERS: Final = (True, False)

ABOUT: Final = """\
Inserting into the partitioned table (years 2026 to 2035 and DEFAULT) against a plain table with the same columns,
constraints, indexes, foreign key and row triggers. The triggers of the change queue are dropped for this; what they
cost is measured apart, on the partitioned table with and without them.

The role is the app's. A batch is one transaction of one binary COPY, a single insert a transaction of its own, with
synchronous_commit on. Each row belongs to another entry and states its validity, as in an import. All arms of a round
get the same bytes. Times in order: created_at grows from 2026 to 2035; random: anywhere in these years."""


@dataclass(frozen=True)
class Inserts:
    """Inserting the rounds of a source in one way.

    Attributes:
        connection: of the app.
        source: of the rows.
        single: whether row by row.
        prepared: whether single inserts are a prepared statement.
    """

    connection: Connection
    source: rows.Source
    single: bool
    prepared: bool = False

    def arm(self, name: str, table: str, before: Callable[[], object] = lambda: None) -> Arm:
        """Inserting into a table; gives seconds a row. `before` and making the rows are outside the clock."""

        def run(number: int) -> float:
            before()
            batch = self.source.round(number)
            if self.single:
                return timed(lambda: self._insert_all(table, batch)) / self.source.size
            payload = rows.binary_copy(batch)
            return timed(lambda: catalogue.copy(self.connection, table, payload)) / self.source.size

        return Arm(name, run)

    def insert(self, table: str, row: rows.Row) -> None:
        """Inserts one row."""
        self.connection.execute(_statement(table), (row.entry, row.geometry, row.created_at), prepare=self.prepared)

    def _insert_all(self, table: str, batch: list[rows.Row]) -> None:
        for row in batch:
            self.insert(table, row)


@cache
def _statement(table: str) -> bytes:
    columns = sql.SQL(", ").join(map(sql.Identifier, rows.COLUMNS))
    return sql.SQL("INSERT INTO {} ({}) VALUES (%s, %s, true, %s)").format(sql.Identifier(table), columns).as_bytes()


def run(context: Context) -> Report:
    """Measures both."""
    options = context.options
    report = Report(
        name="partitions",
        title="Cost of partitions and of the change queue",
        about=ABOUT,
        parameters={
            "rows of a batch": options.rows,
            "single inserts of a round": options.single_rows,
            "mean vertices of a geometry": round(context.farm.mean_vertices),
        },
    )
    with context.server.connect() as owner, context.server.connect("app") as app:
        catalogue.empty(owner)
        keys = catalogue.add_entries(owner, max(options.rows, 1000))
        for name in (PLAIN, TWIN):
            tables.make_equal(owner, name)
        tables.quiet(owner, *tables.children(owner))
        for ordered in _ORDERS:
            ways = _ways(context, app, keys, ordered=ordered)
            report.comparisons += [_partitioned(context, owner, label, way, pairs) for label, way, pairs in ways]
        report.comparisons += [
            _queue(context, owner, label, way, pairs) for label, way, pairs in _ways(context, app, keys, ordered=True)
        ]
        report.figures.append(
            Figure("partitions that a query for the year 2030 reads", read_for_one_year(owner), criterion="pruning")
        )
        catalogue.empty(owner)
        tables.loud(owner, *tables.children(owner))
        owner.execute(f"DROP TABLE {PLAIN}, {TWIN}".encode())
    return report


def read_for_one_year(connection: Connection) -> int:
    """How many partitions the plan of a query for one year reads."""
    plan = value(
        connection,
        sql.SQL(
            "EXPLAIN (FORMAT JSON) SELECT count(*) FROM {}"
            " WHERE created_at >= '2030-01-01Z' AND created_at < '2031-01-01Z'"
        ).format(sql.Identifier(PARENT)),
    )
    return len(set(_relations(plan[0]["Plan"])))


def _relations(node: dict[str, Any]) -> Iterator[str]:
    if "Relation Name" in node:
        yield node["Relation Name"]
    for below in node.get("Plans", []):
        yield from _relations(below)


def _ways(context: Context, app: Connection, keys: list[int], *, ordered: bool) -> list[tuple[str, Inserts, int]]:
    """Label, way and pairs of a batch, of single inserts and of prepared ones."""
    options = context.options
    when = "in order" if ordered else "random"

    def source(size: int, pairs: int) -> rows.Source:
        return rows.Source(context.farm, keys, size, pairs, ordered)

    batch, single = source(options.rows, options.pairs), source(options.single_rows, options.single_pairs)
    return [
        (f"COPY of {options.rows} rows, times {when}", Inserts(app, batch, single=False), options.pairs),
        (f"single inserts, times {when}", Inserts(app, single, single=True), options.single_pairs),
        (
            f"single inserts, prepared, times {when}",
            Inserts(app, single, single=True, prepared=True),
            options.single_pairs,
        ),
    ]


def _partitioned(context: Context, owner: Connection, label: str, way: Inserts, pairs: int) -> Comparison:
    _restart(context, owner)
    with tables.without_queue(owner):
        return context.compare(
            label,
            (way.arm("partitioned", PARENT), way.arm("plain", PLAIN), way.arm("plain again", TWIN)),
            pairs,
            criterion="partition-single" if way.single else "partition-batch",
        )


def _queue(context: Context, owner: Connection, label: str, way: Inserts, pairs: int) -> Comparison:
    _restart(context, owner)
    triggers = tables.queue_triggers(owner)
    if not any("AFTER INSERT" in definition for definition in triggers.values()):
        raise LookupError("no trigger queues inserted geometries: there is nothing to compare")
    warm = way.source.round(-1)[:3]

    def switch(*, on: bool) -> None:
        tables.switch_queue(owner, triggers, on=on)
        for row in warm:  # the session looks the table up anew
            way.insert(PARENT, row)

    def arm(name: str, *, on: bool) -> Arm:
        return way.arm(name, PARENT, lambda: switch(on=on))

    try:
        return context.compare(
            f"change queue: {label}",
            (arm("with queue", on=True), arm("without", on=False), arm("without again", on=False)),
            pairs,
            criterion="queue-single" if way.single else "queue-batch",
        )
    finally:
        tables.switch_queue(owner, triggers, on=True)


def _restart(context: Context, owner: Connection) -> None:
    """Every comparison begins with empty tables and no checkpoint under way."""
    owner.execute(f"TRUNCATE {PARENT}, {PLAIN}, {TWIN}".encode())
    owner.execute("TRUNCATE catalogo_change_queue")
    context.server.superuser("CHECKPOINT")
