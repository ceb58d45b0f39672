"""`make evidence`: the release's measured KPIs, compared with the published results or written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import coverage
from rich.table import Table

from app.release import FILE, Measured
from dashboards import slo
from ops.errors import OpsError
from ops.evidence.code import code_quality, test_coverage
from ops.evidence.published import published

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from app.release import Evidence

MEND = "make evidence WRITE=1"


def run(root: Path, out: Console, *, write: bool) -> None:
    """Print the measured KPIs; with `write`, gather them and write the file of the service.

    The coverage of the last `make test` is taken where one ran in this checkout; the former value stays otherwise.

    Raises:
        OpsError: the file differs from the published results, or a measurement cannot be read.
    """
    known = committed(root)
    if write:
        try:
            gathered = {**known, **published(root), "code_quality": code_quality(root)}
            if (tested := test_coverage(root)) is not None:
                gathered["test_coverage"] = tested
        except (OSError, ValueError, KeyError, coverage.CoverageException) as error:
            raise OpsError(f"a measurement cannot be read: {error}") from error
        known = {kpi.name: gathered[kpi.name] for kpi in slo.KPIS if kpi.name in gathered}
        file(root).write_text(Measured(known).model_dump_json(indent=2) + "\n", encoding="utf-8")
    out.print(_table(known))
    if wrong := stale(root, known):
        raise OpsError(f"{', '.join(wrong)}: not what was published; {MEND}")


def file(root: Path) -> Path:
    """The service's file in the checkout at `root`."""
    return root / "app" / "data" / FILE.name


def committed(root: Path) -> dict[str, Evidence]:
    """What the service's file says now."""
    return Measured.model_validate_json(file(root).read_bytes()).root


def stale(root: Path, known: dict[str, Evidence]) -> list[str]:
    """KPIs whose published result is another."""
    return [kpi for kpi, evidence in published(root).items() if known.get(kpi) != evidence]


def _table(known: dict[str, Evidence]) -> Table:
    table = Table(title="Measured of this release", title_justify="left")
    table.add_column("KPI")
    table.add_column("value", justify="right")
    table.add_column("target", justify="right")
    for name in ("measured", "again by"):
        table.add_column(name)
    for name, evidence in known.items():
        kpi = slo.by_name(name)
        style = "" if kpi.met_by(evidence.value) else "red"
        measured = f"{evidence.measured_at:%Y-%m-%d}"
        table.add_row(name, kpi.shown(evidence.value), kpi.shown_target, measured, evidence.command, style=style)
    return table
