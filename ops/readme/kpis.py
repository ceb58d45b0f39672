"""The section of the KPIs: what was last measured of each, and when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from app.release import FILE as EVIDENCE
from app.release import Measured
from app.traceability import FILE as NUMBERS
from app.traceability import Counts
from dashboards import slo
from ops.errors import OpsError
from ops.paths import ROOT
from ops.readme.language import number, paragraph, said

if TYPE_CHECKING:
    from pathlib import Path

    from ops.readme.language import Language

BENCHMARKS: Final = {
    "ingest_throughput": ("ingest", "ingest-rate"),
    "view_refresh": ("refresh", "refresh-seconds"),
}
"""KPI → the benchmark that measures the same as the platform in use, and its criterion (benchmarks/criteria.py)."""

_TRACED: Final = "docs/traceability.md"


@dataclass(frozen=True)
class Value:
    """A measured value."""

    value: float
    page: str
    when: datetime | None
    """None where it is counted from the checkout itself, and so is always of today."""


def section(root: Path, language: Language) -> str:
    """The section's text.

    Raises:
        OpsError: a published result cannot be read.
    """
    try:
        known = measured(root)
    except (OSError, ValueError, KeyError) as error:
        raise OpsError(f"a published result cannot be read: {error}") from error
    rows = [
        f"| {' | '.join(said(word, language) for word in ('KPI', 'target', 'measured', 'when'))} |",
        "|---|---:|---:|---|",
    ]
    live = [kpi for kpi in slo.KPIS if kpi.source == "live" and kpi.name not in known]
    rows += [_row(kpi, known.get(kpi.name), language) for kpi in slo.KPIS if kpi not in live]
    rest = ", ".join(f"{_title(kpi, language)} {number(kpi.shown_target, language)}" for kpi in live)
    where = f"{said('Those that only use shows', language)} {said('(`make kpis`, or the page `/status`)', language)}"
    return "\n".join([*rows, "", paragraph(f"{where}: {rest}.")])


def measured(root: Path) -> dict[str, Value]:
    """KPI → what was last measured of it, as published in the checkout at `root`.

    Raises:
        OSError, ValueError, KeyError: a published result is missing or broken.
    """
    found = {name: _of_benchmark(root, *where) for name, where in BENCHMARKS.items()}
    evidence = Measured.model_validate_json((root / EVIDENCE.relative_to(ROOT)).read_bytes()).root
    found |= {name: Value(one.value, one.source, one.measured_at) for name, one in evidence.items()}
    numbers = json.loads((root / NUMBERS.relative_to(ROOT)).read_bytes())
    counts = Counts.model_validate({field: numbers[field] for field in Counts.model_fields})
    return {**found, "traceability": Value(counts.ratio, _TRACED, None)}


def _of_benchmark(root: Path, name: str, criterion: str) -> Value:
    page = f"docs/benchmarks/{name}"
    result = json.loads((root / f"{page}.json").read_bytes())
    values = [each["value"] for each in result["verdicts"] if each["criterion"] == criterion]
    if len(values) != 1:
        raise ValueError(f"{page}.json has {len(values)} values of {criterion}")
    return Value(values[0], f"{page}.md", datetime.fromisoformat(result["begun"]))


def _row(kpi: slo.Kpi, value: Value | None, language: Language) -> str:
    target = number(kpi.shown_target, language)
    if value is None:
        return f"| {_title(kpi, language)} | {target} | {said('not measured', language)} | |"
    shown = number(kpi.shown(value.value), language)
    if not kpi.met_by(value.value):
        shown += f", **{said('missed', language)}**"
    when = f"{value.when:%Y-%m-%d}" if value.when else said("this release", language)
    return f"| {_title(kpi, language)} | {target} | {shown} | [{when}]({value.page}) |"


def _title(kpi: slo.Kpi, language: Language) -> str:
    return kpi.titulo if language == "pt" else kpi.name.replace("_", " ")
