"""The plan in the database, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import psycopg

    from ops.capacity.model import PlanYear

    Connection = psycopg.Connection[tuple[Any, ...]]

_INSERT: LiteralString = """
INSERT INTO capacity_plan (
    scenario, year, made_at, growth, starts_at, start_rows, start_bytes,
    rows, heap_bytes, index_bytes, toast_bytes, catalogue_bytes, wal_bytes, margin_bytes
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_STATUS: LiteralString = """
SELECT
    scenario, year, made_at, projected_rows, projected_rows_year_end, actual_rows, rows_error,
    projected_bytes, projected_bytes_year_end, actual_bytes, bytes_error, exceeded
FROM v_capacity_status ORDER BY projected_bytes_year_end, scenario
"""


@dataclass(frozen=True)
class Status:
    """One row of v_capacity_status: the plan in force against what is there, for the current year."""

    scenario: str
    year: int
    made_at: datetime
    projected_rows: int
    projected_rows_year_end: int
    actual_rows: int
    rows_error: float | None
    """(actual - projected) / projected; None where nothing was projected."""
    projected_bytes: int
    projected_bytes_year_end: int
    actual_bytes: int
    bytes_error: float | None
    exceeded: bool
    """More is there already than the plan has for the end of the year."""


def replace_plan(
    connection: Connection, plan: Mapping[str, list[PlanYear]], scenarios: Mapping[str, float], made_at: datetime
) -> None:
    """Put `plan` in the place of the one that is there; others see either the old one or the new one, whole.

    `scenarios` is name → yearly growth; `connection` is the owner's.
    """
    with connection.transaction():
        connection.execute("LOCK TABLE capacity_plan IN SHARE ROW EXCLUSIVE MODE")
        connection.execute("DELETE FROM capacity_plan")
        with connection.cursor() as cursor:
            cursor.executemany(
                _INSERT,
                [
                    (
                        name,
                        entry.year,
                        made_at,
                        scenarios[name],
                        entry.starts_at,
                        entry.start_rows,
                        entry.start_total,
                        entry.rows,
                        entry.heap,
                        entry.index,
                        entry.toast,
                        entry.catalogue,
                        entry.wal,
                        entry.margin,
                    )
                    for name, years in plan.items()
                    for entry in years
                ],
            )


def read_status(connection: Connection) -> list[Status]:
    """The current year: projected and actual, a scenario each; empty without a plan for this year."""
    return [Status(*row) for row in connection.execute(_STATUS)]
