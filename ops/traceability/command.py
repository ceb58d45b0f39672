"""`make traceability`: check the matrix, show its numbers, and write what is made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from ops.traceability import count, page
from ops.traceability.check import check
from ops.traceability.known import Known
from ops.traceability.read import TraceabilityError, read

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from ops.traceability.model import Matrix

_MEND = "make traceability WRITE=1"


def run(root: Path, out: Console, err: Console, *, write: bool) -> int:
    """Check the checkout at `root`; exit status 1 and one line each if something is wrong.

    Args:
        root: the checkout.
        out: where the tables go.
        err: where the faults go.
        write: write the page and the service's numbers; nothing is written while a link is dead.

    Raises:
        OpsError: the tests cannot be listed.
    """
    try:
        matrix, source = read(root)
    except TraceabilityError as error:
        return _refuse(err, error.problems)
    problems = check(matrix, Known(root), source)
    made = outputs(matrix, root)
    if write and not problems:
        for name, text in made.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
    # What is made from a matrix with dead links says nothing.
    problems = problems or [f"{name} is stale: {_MEND}" for name in stale(root, made)]
    _show(matrix, out)
    return _refuse(err, problems)


def outputs(matrix: Matrix, root: Path) -> dict[str, str]:
    """What is made from the matrix: name of the file → its text."""
    return {page.PAGE: page.render(matrix, root), count.NUMBERS: count.text(matrix)}


def stale(root: Path, made: dict[str, str]) -> list[str]:
    """Files that are not what would be made now."""
    return [name for name, text in made.items() if _text(root / name) != text]


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _refuse(err: Console, problems: list[str]) -> int:
    for problem in problems:
        err.print(f"error: {problem}", highlight=False, markup=False)
    return 1 if problems else 0


def _show(matrix: Matrix, out: Console) -> None:
    summary = count.count(matrix)
    table = Table(title="Traceability", caption="planned requirements do not count as traced")
    table.add_column("optimization")
    for name in ("requirements", "traced", "artifacts", "links", "share"):
        table.add_column(name, justify="right")
    rows = [(f"{part.id} {part.title}", summary.optimizations[part.id]) for part in matrix.optimizations]
    for name, counts in [*rows, ("all", summary)]:
        table.add_section() if name == "all" else None
        numbers = (counts.requirements, counts.traced, counts.artifacts, counts.links)
        table.add_row(name, *map(str, numbers), page.percent(counts.ratio))
    out.print(table)
    planned = [one for one in matrix.requirements() if not one.traced]
    if planned:
        gaps = Table(title="Not traced yet", show_lines=False)
        gaps.add_column("requirement", no_wrap=True)
        gaps.add_column("what is missing")
        for one in planned:
            gaps.add_row(one.id, one.gap or f"no {', no '.join(one.missing)}")
        out.print(gaps)
