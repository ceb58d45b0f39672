"""What PostgreSQL is doing when the drill kills it: a drain, a refresh or an ingest, and how each is judged."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from app.ingest.errors import IngestError
from app.ingest.pipeline import ingest
from app.ingest.sample import write_sample
from ops.drills import invariants

if TYPE_CHECKING:
    from ops.cell import Cell
    from ops.drills.report import Tally

ENTRIES = 2_000
"""Entries that are there from the beginning."""


@dataclass
class Action(ABC):
    """Something the database is doing when it dies."""

    cell: Cell
    name: str = field(init=False)
    before: tuple[Any, ...] = field(init=False, default=())

    @property
    def conninfo(self) -> str:
        """Connection string of the owner."""
        return self.cell.conninfo("owner")

    @abstractmethod
    def prepare(self, number: int) -> None:
        """Makes the work for the next `run`, committed."""

    @abstractmethod
    def run(self) -> None:
        """Does it, to its end.

        Raises:
            psycopg.Error, IngestError: the server is gone.
        """

    @abstractmethod
    def was_done(self, connection: invariants.Connection, tally: Tally) -> bool:
        """Whether all of it is there after the fault; counts whether it is all or nothing."""

    @abstractmethod
    def check_repeated(self, connection: invariants.Connection, tally: Tally) -> None:
        """Counts whether the action, run once more to its end, did all of its work."""


class Drain(Action):
    """Rows of two years that have no partition, moved out of DEFAULT."""

    name = "drain of the DEFAULT partition"
    _first_year = 2036
    _rows = 4_000

    def prepare(self, number: int) -> None:
        """Rows of two fresh years: the drain gives DEFAULT itself to the larger and moves the smaller."""
        self.years = (self._first_year + 2 * number, self._first_year + 2 * number + 1)
        with psycopg.connect(self.conninfo) as connection:
            for year, part in zip(self.years, (2, 1), strict=True):
                connection.execute(
                    "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid, created_at)"
                    " SELECT catalogo_id, geom, is_valid, make_timestamptz(%s, 1, 1, 0, 0, 0, 'UTC')"
                    " + random() * '300 days'::interval"
                    " FROM (SELECT * FROM catalogo_geometrias_particionada LIMIT %s) AS sample",
                    [year, self._rows * part // 2],
                )
            self.before = invariants.rows(connection)

    def run(self) -> None:
        """One run of the job."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute("SELECT drain_default_partition()")

    def _undrained(self, connection: invariants.Connection) -> int:
        return int(invariants.value(connection, "SELECT count(*) FROM catalogo_geometrias_default"))

    def was_done(self, connection: invariants.Connection, tally: Tally) -> bool:
        """The rows of a year are moved wholly or not at all."""
        tally.check("no row lost, doubled or changed", invariants.rows(connection), self.before)
        made = {
            int(year)
            for (year,) in connection.execute(
                "SELECT partition_year FROM v_partition_status WHERE partition_year = ANY (%s)", [list(self.years)]
            )
        }
        left = {
            int(year)
            for (year,) in connection.execute(
                "SELECT DISTINCT extract(YEAR FROM created_at AT TIME ZONE 'UTC') FROM catalogo_geometrias_default"
            )
        }
        tally.check("each year wholly moved or wholly left", made ^ left, set(self.years))
        return not left

    def check_repeated(self, connection: invariants.Connection, tally: Tally) -> None:
        """The next run finishes it."""
        tally.check("the next run drains the rest", self._undrained(connection), 0)
        tally.check("no row lost, doubled or changed by it", invariants.rows(connection), self.before)


class Refresh(Action):
    """Changed entries, folded and refreshed into both views."""

    name = "refresh of the views"

    def prepare(self, number: int) -> None:
        """Every entry's geometries change."""
        with psycopg.connect(self.conninfo) as connection:
            connection.execute(
                "UPDATE catalogo_geometrias_particionada SET geom = st_translate(geom, 1e-7 * %s, 0), is_valid = NULL",
                [1 if number % 2 else -1],
            )
            connection.execute("UPDATE catalogo SET descricao = 'rodada ' || %s", [number])
            self.before = invariants.rows(connection)
        self.number = number

    def run(self) -> None:
        """What callers do."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute("SELECT refresh_all_materialized_views()")

    def _folded(self, connection: invariants.Connection) -> tuple[int, int]:
        current = invariants.value(
            connection,
            "SELECT count(*) FROM mv_catalogo_search_indexed WHERE descricao = 'rodada ' || %s",
            self.number,
        )
        return int(current), int(invariants.value(connection, "SELECT count(*) FROM mv_catalogo_search_indexed"))

    def was_done(self, connection: invariants.Connection, tally: Tally) -> bool:
        """A view is as it was or as it should be, never between."""
        tally.check("no row lost, doubled or changed", invariants.rows(connection), self.before)
        current, all_of_them = self._folded(connection)
        tally.check("the view is all old or all new", current in {0, all_of_them}, wanted=True)
        tally.check("the view has all entries", all_of_them >= ENTRIES, wanted=True)
        return current == all_of_them

    def check_repeated(self, connection: invariants.Connection, tally: Tally) -> None:
        """The next run makes both views current."""
        current, all_of_them = self._folded(connection)
        tally.check("the next run makes it current", current, all_of_them)


class Ingest(Action):
    """A file of features, loaded."""

    name = "ingest of a file"
    _features = 3_000

    def prepare(self, number: int) -> None:
        """A file that was not loaded yet."""
        folder = Path(tempfile.mkdtemp(prefix="mundo-drill-"))
        self.features = self._features + number
        self.file = folder / "farm.geojsonl"
        write_sample(self.file, self.features)
        with psycopg.connect(self.conninfo) as connection:
            self.before = invariants.rows(connection)
            self.entries = int(invariants.value(connection, "SELECT count(*) FROM catalogo"))

    def run(self) -> None:
        """What `make ingest` does; once the file is stored, what fails afterwards is a warning of its report."""
        if warnings := ingest(self.conninfo, self.file).warnings:
            raise IngestError("; ".join(warnings))

    def _loaded(self, connection: invariants.Connection) -> tuple[int, int, int]:
        imports = connection.execute(
            "SELECT count(*), coalesce(sum(lidas), 0) FROM importacoes WHERE lidas = %s", [self.features]
        ).fetchone()
        entries = int(invariants.value(connection, "SELECT count(*) FROM catalogo")) - self.entries
        return (*(imports or ()), entries)

    def was_done(self, connection: invariants.Connection, tally: Tally) -> bool:
        """A file is there wholly, with its note, or not at all."""
        found = self._loaded(connection)
        whole, nothing = (1, self.features, self.features), (0, 0, 0)
        tally.check("a file is loaded wholly or not at all", found in {whole, nothing}, wanted=True)
        if found == nothing:
            tally.check("nothing of it is left", invariants.rows(connection), self.before)
        return found == whole

    def check_repeated(self, connection: invariants.Connection, tally: Tally) -> None:
        """The same command loads it, once."""
        tally.check("the same command loads it once", self._loaded(connection), (1, self.features, self.features))
        self.file.unlink()
        self.file.parent.rmdir()
