"""The page that lists what was measured, from the results that lie beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks import criteria
from benchmarks.report import aim, number, worse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write(folder: Path, order: Sequence[str]) -> None:
    """Writes README.md into `folder`: a line for each page and each criterion, the benchmarks in this order."""
    found = [json.loads((folder / f"{name}.json").read_text("utf-8")) for name in order if _there(folder, name)]
    lines = [
        "# Measurements",
        "",
        "Each page is written by its benchmark (`make benchmark NAME=…`), beside a JSON file with every single value.",
        "`make benchmark NAME=all` renews all of them. DEVELOPERS.md describes the method.",
        *(f"Larger sizes: [{path.parent.name}]({path.parent.name}/README.md)." for path in _larger(folder)),
        "",
        "| page | measured | commit |",
        "|---|---|---|",
        *(
            f"| [{result['title']}]({result['name']}.md) | {result['begun'][:10]} | {result['machine']['commit']} |"
            for result in found
        ),
        "",
        "| criterion | what was measured | value | aim |",
        "|---|---|---:|---|",
        *(line for result in found for line in _verdicts(result)),
    ]
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _there(folder: Path, name: str) -> bool:
    return (folder / f"{name}.json").is_file()


def _larger(folder: Path) -> list[Path]:
    """Indexes of results that `--out` put into a folder of their own below this one."""
    return sorted(folder.glob("*/README.md"))


def _verdicts(result: dict[str, Any]) -> list[str]:
    known = {criterion.key: criterion for criterion in criteria.CRITERIA}
    lines = []
    for verdict in result["verdicts"]:
        criterion = known.get(verdict["criterion"])
        if criterion is None:  # of a page that is older than the criteria
            continue
        value = number(verdict["value"], criterion.unit)
        if criterion.whole and verdict["worst"] is not None:
            value += f", interval {worse(criterion)} {number(verdict['worst'], criterion.unit)}"
        cells = (criterion.text, verdict.get("label", ""), value, aim(criterion, met=verdict["met"]))
        lines.append("| " + " | ".join(cells) + " |")
    return lines
