"""The ingest against ogr2ogr, and against a loop of shape() and executemany."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from app.ingest.pipeline import ingest
from benchmarks import blocks, ingest_arms, ingest_files, ogr2ogr
from benchmarks.blocks import LEAST_PAIRS, Arm, Comparison
from benchmarks.criteria import by_key
from benchmarks.report import Figure, Report
from benchmarks.server import value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.context import Context
    from benchmarks.server import Connection

FEATURES: Final = {"small": 3_000, "medium": 20_000, "full": 100_000}
"""Features of the file, by scale."""

ABOUT: Final = """\
One file, {what}, loaded in three ways into the same server, each in one transaction and timed from its call until the
commit; before each, the tables are empty.

- **The project's ingest** (`make ingest`): SHA-256 of the file, every geometry validated and repaired where needed,
  entries, geometries, their origin with all attributes, and the queue of changes, with all their keys and references.
- **{version}** with `PG_USE_COPY=YES`, in a container on the database's network, into a plain table with the same
  indexes (primary key, unique feature id, category, time, GiST) and the attributes in columns of their own. It checks
  no geometry, has no references to keep and no partition to choose: it writes one row where the project writes three.
- **The newcomer's loop**: `json.loads`, `shape()`, `is_valid` and `make_valid`, then `executemany` into the project's
  two tables, a thousand rows at a time. It keeps no origin and reports no reject.

Compared are features a second. What follows the project's commit (summary with geodesic areas and search vectors,
bounds, both views) is not in them; the figures below say how long it takes."""


def run(context: Context) -> Report:
    """Measures the three in one interleaving, then one whole ingest."""
    count = FEATURES[context.options.scale]
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(shared_folder())
        path = folder / "farm.geojsonl"
        with context.ui.steps("writing the file", count) as advance:
            what = ingest_files.write(path, count, advance)
        owner = stack.enter_context(context.server.connect())
        ogr2ogr.make_table(owner)
        stack.callback(owner.execute, f"DROP TABLE {ogr2ogr.TABLE}")
        peer = stack.enter_context(ogr2ogr.running(context.server.cell, folder, context.ui.say))
        report = Report(
            name="ingest",
            title="Ingest against ogr2ogr and a newcomer's loop",
            about=ABOUT.format(what=what, version=peer.version),
            parameters={"features": count},
        )
        conninfo = context.server.cell.conninfo("owner")
        arms = (
            _arm(owner, "the project's", count, lambda: ingest_arms.project(conninfo, path)),
            _arm(owner, "ogr2ogr", count, lambda: peer.load(path.name), ogr2ogr.TABLE),
            _arm(owner, "the newcomer's", count, lambda: ingest_arms.newcomer(owner, path)),
        )
        with context.ui.steps("ingest", LEAST_PAIRS) as advance:
            rates = blocks.measured(arms, LEAST_PAIRS, on_round=lambda: advance(1))
        ingest_arms.empty(owner)
        context.ui.say("one whole ingest")
        whole = ingest(conninfo, path)
        ingest_arms.empty(owner)
    for place, key in ((1, "ingest-ogr2ogr"), (2, "ingest-newcomer")):
        report.comparisons.append(
            Comparison(
                label="features a second",
                unit="features/s",
                subject=arms[0].name,
                peer=arms[place].name,
                values=(rates[0], rates[place]),
                criterion=key if by_key(key).judged_at(context.options.search_entries) else None,
            )
        )
    report.figures += [
        Figure("features a second until stored, median of the rounds", median(rates[0]), "features/s", "ingest-rate"),
        Figure("summary, bounds and both views after the commit, once", whole.afterwards, "s"),
        Figure("features stored", whole.stored),
        Figure("of these repaired", whole.repaired),
        Figure("rejected", whole.rejected),
    ]
    return report


@contextlib.contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder for files that a container reads as nobody, in one that nobody else on this machine can enter."""
    with tempfile.TemporaryDirectory(prefix="mundo-bench-") as outer:
        folder = Path(outer, "files")
        folder.mkdir(mode=0o755)
        yield folder


def _arm(owner: Connection, name: str, count: int, load: Callable[[], float], table: str | None = None) -> Arm:
    """Loads into empty tables and gives features a second.

    Raises:
        RuntimeError: (in a round) not every feature was stored.
    """

    def once(_number: int) -> float:
        ingest_arms.empty(owner)
        owner.execute(f"TRUNCATE {ogr2ogr.TABLE}")
        taken = load()
        stored = value(owner, f"SELECT count(*) FROM {table or 'catalogo_geometrias_particionada'}")  # noqa: S608
        if stored != count:
            raise RuntimeError(f"{name}: {stored} of {count} features stored: nothing is compared")
        return count / taken

    return Arm(name, once)
