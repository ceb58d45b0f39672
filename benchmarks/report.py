"""What a benchmark found, as JSON and as a page of Markdown; all of it comes from the run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from benchmarks import criteria

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.blocks import Comparison
    from benchmarks.criteria import Criterion
    from benchmarks.statistics import Estimate

_METHOD: Final = (
    "Ratio: subject by peer, pair by pair; its median and the interval of the median from order statistics."
    " A/A: the peer by itself in the same run, so what noise alone makes of equal things."
)


@dataclass(frozen=True)
class Figure:
    """A single number.

    Attributes:
        label: what it is.
        value: it.
        unit: of it; empty for a number of things.
        criterion: key of the criterion it is judged by.
    """

    label: str
    value: float
    unit: str = ""
    criterion: str | None = None


@dataclass(frozen=True)
class Table:
    """Numbers side by side.

    Attributes:
        columns: headings: of the first cell of a row, then of its numbers.
        rows: first cell → numbers with their units.
    """

    columns: tuple[str, ...]
    rows: dict[str, list[tuple[float, str]]]


@dataclass(frozen=True)
class Verdict:
    """A criterion, what was measured for it with the worse end of its interval, and whether that meets it."""

    criterion: Criterion
    label: str
    value: float
    worst: float | None

    @property
    def met(self) -> bool:
        """Whether the limit is kept."""
        return self.criterion.met_by(self.value, self.worst)


@dataclass
class Report:
    """A benchmark's result.

    Attributes:
        name: of the benchmark.
        title: heading of its page.
        about: paragraphs: what is compared with what, and how.
        parameters: scale of the run.
        comparisons: ratios.
        figures: single numbers.
        tables: numbers side by side, none of them judged.
        notes: what a reader must know about this run.
        command: what gives this page again.
        machine: where it ran.
        begun: when it began (UTC).
        seconds: how long it took.
    """

    name: str
    title: str
    about: str
    parameters: dict[str, Any]
    comparisons: list[Comparison] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    command: str = ""
    machine: dict[str, str] = field(default_factory=dict)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0

    def verdicts(self) -> list[Verdict]:
        """Every criterion that this report has a number for."""
        found = []
        for comparison in self.comparisons:
            if comparison.criterion:
                criterion, ratio = criteria.by_key(comparison.criterion), comparison.ratio
                found.append(Verdict(criterion, comparison.label, ratio.median, _worse_end(criterion, ratio)))
        return found + [
            Verdict(criteria.by_key(figure.criterion), figure.label, figure.value, None)
            for figure in self.figures
            if figure.criterion
        ]

    def write(self, folder: Path) -> None:
        """Writes NAME.json and NAME.md into `folder`, each wholly or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        for ending, text in (("json", self.json()), ("md", self.markdown())):
            part = folder / f"{self.name}.{ending}.part"
            part.write_text(text, encoding="utf-8")
            part.replace(folder / f"{self.name}.{ending}")

    def json(self) -> str:
        """Everything, with each single measured value."""
        content = asdict(self)
        content["begun"] = self.begun.isoformat(timespec="seconds")
        for item, comparison in zip(content["comparisons"], self.comparisons, strict=True):
            item["ratio"] = asdict(comparison.ratio)
            item["same"] = asdict(comparison.same) if comparison.same else None
        content["verdicts"] = [
            {
                "criterion": verdict.criterion.key,
                "label": verdict.label,
                "limit": verdict.criterion.limit,
                "value": verdict.value,
                "worst": verdict.worst,
                "met": verdict.met,
            }
            for verdict in self.verdicts()
        ]
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    def markdown(self) -> str:
        """The page."""
        lines = [f"# {self.title}", "", self.about, ""]
        if self.comparisons:
            lines += [
                "| compared | subject | its median | peer | its median | ratio (95 %) | A/A (95 %) | pairs | aim |",
                "|---|---|---:|---|---:|---:|---:|---:|---|",
                *(_row(comparison) for comparison in self.comparisons),
                "",
            ]
        for table in self.tables:
            lines += [*table_lines(table), ""]
        if self.figures:
            lines += ["| figure | value | aim |", "|---|---:|---|", *(_figure(figure) for figure in self.figures), ""]
        lines += [f"- {note}" for note in self.notes] + ([""] if self.notes else [])
        lines += [_METHOD, ""] if self.comparisons else []
        lines += [
            f"`{self.command}` gives this page; {self.begun:%Y-%m-%d %H:%M} UTC, {self.seconds:.0f} s.",
            "",
            *(f"- {name}: {text}" for name, text in {**self.parameters, **self.machine}.items()),
        ]
        return "\n".join(lines) + "\n"


def table_lines(table: Table) -> list[str]:
    """A table in Markdown."""
    return [
        "| " + " | ".join(table.columns) + " |",
        "|---" + "|---:" * (len(table.columns) - 1) + "|",
        *(
            "| " + " | ".join([name, *(number(value, unit) for value, unit in numbers)]) + " |"
            for name, numbers in table.rows.items()
        ),
    ]


def number(value: float, unit: str) -> str:
    """A value for a reader: seconds in their best unit, ratios with three digits after the point, whole rates."""
    if unit == "s":
        for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
            if value * factor >= 1 or name == "µs":
                return f"{value * factor:.3g} {name}"
    if unit == "ratio":
        return f"{value:.3f}" if value >= 0.1 else f"{value:.3g}"  # noqa: PLR2004
    if unit == "%":
        return f"{value:.4g} %"
    if unit.endswith("/s"):
        return f"{value:.0f} {unit}"
    return f"{value:g} {unit}".rstrip()


def aim(criterion: Criterion, *, met: bool) -> str:
    """The limit and whether it is kept, in one cell."""
    return f"{criterion.sign} {number(criterion.limit, criterion.unit)}: {'met' if met else '**missed**'}"


def worse(criterion: Criterion) -> str:
    """Which end of an interval is the worse one, in words that stand before it."""
    return "up to" if criterion.better == "lower" else "down to"


def interval(found: Estimate) -> str:
    """A ratio with its interval."""
    return f"{number(found.median, 'ratio')} ({number(found.low, 'ratio')} to {number(found.high, 'ratio')})"


def _worse_end(criterion: Criterion, ratio: Estimate) -> float:
    return ratio.high if criterion.better == "lower" else ratio.low


def _row(comparison: Comparison) -> str:
    ratio, same = comparison.ratio, comparison.same
    subject, peer = (sorted(values)[len(values) // 2] for values in comparison.values)
    verdict = ""
    if comparison.criterion:
        criterion = criteria.by_key(comparison.criterion)
        verdict = aim(criterion, met=criterion.met_by(ratio.median, _worse_end(criterion, ratio)))
    cells = (
        comparison.label,
        comparison.subject,
        number(subject, comparison.unit),
        comparison.peer,
        number(peer, comparison.unit),
        interval(ratio),
        interval(same) if same else "",
        str(ratio.count),
        verdict,
    )
    return "| " + " | ".join(cells) + " |"


def _figure(figure: Figure) -> str:
    verdict = ""
    if figure.criterion:
        criterion = criteria.by_key(figure.criterion)
        verdict = aim(criterion, met=criterion.met_by(figure.value))
    return f"| {figure.label} | {number(figure.value, figure.unit)} | {verdict} |"
