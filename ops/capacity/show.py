"""The plan on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from ops.capacity.report import STATUS_HEADS, percent, size, status_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ops.capacity.report import Report
    from ops.capacity.store import Status


def show(report: Report, console: Console) -> None:
    """Prints a table a scenario, and what they rest on."""
    for name, years in report.plan.items():
        title = f"{name}: additions {percent(report.scenarios[name], sign=True)} a year"
        table = _table(
            title, ("end of", "geometries", "heap", "indexes", "TOAST", "catalogue", "total", "±", "WAL in it")
        )
        for one in years:
            figures = (one.heap, one.index, one.toast, one.catalogue, one.total, one.margin, one.wal)
            table.add_row(str(one.year), f"{one.rows:,}", *map(size, figures))
        console.print(table)
    sizes, wal, baseline = report.sizes, report.wal, report.baseline
    console.print(
        f"Baseline: {baseline.rows_per_year:,.0f} geometries a year ({baseline.basis}"
        + (f", standard error {percent(baseline.relative_error)}" if baseline.measured else "")
        + f"). There are {sizes.rows:,} geometries, {size(sizes.total)}.",
        highlight=False,
    )
    console.print(
        f"One more geometry: {size(sizes.per_row)} on disk (± {percent(sizes.per_row_error)}: heap"
        f" {size(sizes.heap_per_row)}, indexes {size(sizes.index_per_row)}, TOAST {size(sizes.toast_per_row)},"
        f" catalogue {size(sizes.catalogue_per_entry * sizes.entries_per_row)}), {size(wal.per_row)} of write-ahead log"
        f" (± {percent(wal.spread / 2)}).",
        highlight=False,
    )
    if report.former:
        show_status(
            report.former, console, title=f"the plan before, made {report.former[0].made_at:%Y-%m-%d %H:%M} UTC"
        )


def show_status(status: Sequence[Status], console: Console, title: str) -> None:
    """Prints the current year: projected for today, actual, and the error."""
    table = _table(title, STATUS_HEADS)
    for one in status:
        *cells, exceeded = status_row(one)
        table.add_row(*cells, f"[red]{exceeded}[/red]" if one.exceeded else exceeded)
    console.print(table)


def _table(title: str, heads: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left")
    return table
