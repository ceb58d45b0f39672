"""The yearly partitions as one Pulumi resource (dynamic provider; its import path is frozen, see resources.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi  # noqa: TC002 - Pulumi reads the annotations of resources at run time
from psycopg import sql
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from components.database import connection
from components.database.resources import DatabaseProvider, changes

if TYPE_CHECKING:
    import psycopg

_KEYS = ("first_year", "years_ahead", "missing")

_MISSING = """
SELECT wanted.year
FROM generate_series(
    %(first)s::integer,
    extract(YEAR FROM coalesce(%(moment)s::timestamptz, now()) AT TIME ZONE 'UTC' - %(grace)s::interval)::integer
    + %(ahead)s::integer
) AS wanted (year)
WHERE
    to_regclass(format('archive.catalogo_geometrias_%%s', wanted.year)) IS NULL
    AND NOT EXISTS (
        SELECT FROM pg_inherits
        WHERE inhparent = 'public.catalogo_geometrias_particionada'::regclass
            AND inhrelid = to_regclass(format('public.catalogo_geometrias_%%s', wanted.year))
    )
ORDER BY wanted.year
"""

GRACE = "2 days"
"""How long after New Year the year that has come into reach is not missed yet: the daily job makes it."""


def missing_years(
    server: psycopg.Connection[Any], first_year: int, years_ahead: int, *, grace: str = GRACE, moment: str | None = None
) -> list[int]:
    """Years from `first_year` to `years_ahead` years after the server's clock that are neither attached nor archived.

    Args:
        server: connection of the owner.
        first_year: first year that is wanted.
        years_ahead: whole years wanted after the current one (UTC).
        grace: how far the clock is set back, as a PostgreSQL interval.
        moment: a time to take instead of the clock's.
    """
    values = {"first": first_year, "ahead": years_ahead, "grace": grace, "moment": moment}
    return [int(row[0]) for row in server.execute(_MISSING, values)]


class YearlyPartitionsProvider(DatabaseProvider):
    """The partitions of a range of years; deleting the resource drops none."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Makes every partition that is missing."""
        self._make(props)
        return CreateResult(id_="yearly-partitions", outs=_outs(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Makes every partition that is missing now; a smaller range removes none."""
        self._make(news)
        return UpdateResult(outs=_outs(news))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Another range, or years that a refresh found missing."""
        return changes(olds, news, _KEYS)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Which years of the range the server lacks."""
        with connection.connect(self.conninfo) as server:
            found = missing_years(server, int(props["first_year"]), int(props["years_ahead"]))
        actual = {**props, "missing": found}
        return ReadResult(id_=id_, outs=actual, inputs=actual)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Leaves the data: it goes with the data volume, never before it."""

    def _make(self, props: dict[str, Any]) -> None:
        first, ahead = int(props["first_year"]), int(props["years_ahead"])
        with connection.connect(self.conninfo) as server:
            for year in missing_years(server, first, ahead, grace="0"):
                _make_year(server, year)
            left = missing_years(server, first, ahead, grace="0")
            if left:
                reason = server.execute(
                    "SELECT message FROM partition_maintenance_log WHERE outcome = 'failed' ORDER BY id DESC LIMIT 1"
                ).fetchone()
                raise RuntimeError(
                    f"no partition for {', '.join(map(str, left))}: {reason[0] if reason else 'no reason logged'}"
                )


def _make_year(server: psycopg.Connection[Any], year: int) -> None:
    table = f"catalogo_geometrias_{year}"
    found = server.execute("SELECT to_regclass(%s) IS NOT NULL", (f"public.{table}",)).fetchone()
    if found == (True,):
        # Detached by hand: it goes the way of an archived year, whose return moves rows and queues entries.
        with server.transaction():
            server.execute(sql.SQL("ALTER TABLE public.{} SET SCHEMA archive").format(sql.Identifier(table)))
            server.execute("SELECT reattach_partition(%s)", (year,))
    else:
        server.execute("SELECT create_missing_year_partitions(%s, %s)", (year, year))


def _outs(props: dict[str, Any]) -> dict[str, Any]:
    return {key: props[key] for key in _KEYS}


class YearlyPartitions(Resource, module="database", name="YearlyPartitions"):
    """A partition for every year from `first_year` to `years_ahead` whole years after the clock's.

    New Year alone is no difference: the daily job makes the year that comes into reach. A partition that was dropped
    or detached by hand is one, and the next `up` makes it again.

    Attributes:
        first_year: first year that has a partition.
        years_ahead: whole years kept ahead of the clock.
        missing: years without their partition; wanted is none.
    """

    first_year: pulumi.Output[int]
    years_ahead: pulumi.Output[int]
    missing: pulumi.Output[list[int]]

    def __init__(
        self, name: str, *, first_year: int, years_ahead: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props = {"first_year": first_year, "years_ahead": years_ahead, "missing": []}
        super().__init__(YearlyPartitionsProvider(), name, props, opts)
