"""docs/traceability.md: the matrix for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.traceability.count import count
from ops.traceability.known import module_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.traceability import Counts
    from ops.traceability.model import Matrix, Optimization, Requirement

PAGE = "docs/traceability.md"
"""The page, relative to the repository."""

_KINDS = {
    "files": "arquivo",
    "code": "código",
    "sql": "objeto SQL",
    "alerts": "alerta",
    "metrics": "métrica",
    "kpis": "KPI",
    "dashboards": "painel",
    "make": "comando",
}
_HEAD = """\
# Rastreabilidade

<!-- Made by `make traceability WRITE=1` from docs/traceability.yaml: change that file, not this page. -->

Cada requisito das cinco otimizações leva aos artefatos que o cumprem, aos testes que o provam e à evidência (medições,
ensaios e runbooks). Só conta como rastreado o que está cumprido e tem os três; o que falta está dito em cada caso.

Each requirement leads to the artifacts that meet it, the tests that prove it, and evidence. `make traceability` fails
when a link is dead; what is not met yet says what is missing and does not count as traced.

| otimização | requisitos | rastreados | artefatos | ligações | conformidade |
|---|---:|---:|---:|---:|---:|
"""


def render(matrix: Matrix, root: Path) -> str:
    """Return the page of the checkout at `root`."""
    summary = count(matrix)
    lines = [
        _row(f"[{part.id}: {part.titulo}](#{part.id.lower()})", summary.optimizations[part.id])
        for part in matrix.optimizations
    ]
    lines.append(_row("**total**", summary))
    for part in matrix.optimizations:
        lines += _part(part, root)
    return _HEAD + "\n".join(lines) + "\n"


def percent(ratio: float) -> str:
    """A share for people; below the whole it never looks like the whole."""
    return f"{int(ratio * 1000) / 10:.1f} %"


def _row(name: str, counts: Counts) -> str:
    numbers = (counts.requirements, counts.traced, counts.artifacts, counts.links, percent(counts.ratio))
    return f"| {name} | " + " | ".join(map(str, numbers)) + " |"


def _part(part: Optimization, root: Path) -> Iterator[str]:
    yield from ("", f"## {part.id}", "", f"**{part.titulo}** ({part.title})", "")
    yield "| requisito | | artefatos | testes | evidências | situação |"
    yield "|---|---|---:|---:|---:|---|"
    for one in part.requirements:
        numbers = (len(list(one.artifacts.all())), len(one.tests), len(one.evidence))
        state = "rastreado" if one.traced else "planejado"
        yield f"| [{one.id}](#{one.id.lower()}) | {one.titulo} | " + " | ".join(map(str, numbers)) + f" | {state} |"
    for one in part.requirements:
        yield from _requirement(one, root)


def _requirement(one: Requirement, root: Path) -> Iterator[str]:
    yield from ("", f"### {one.id}", "", f"**{one.titulo}.** {one.text}", "")
    if one.gap:
        yield f"- **falta:** {one.gap}"
    for kind, name in one.artifacts.all():
        yield f"- {_KINDS[kind]}: {_artifact(kind, name, root)}"
    for test in one.tests:
        file, _, name = test.partition("::")
        yield f"- teste: [{name or file.rpartition('/')[2]}](../{file})"
    for link in one.evidence:
        yield f"- evidência: [{link.removeprefix('docs/')}]({_beside(link)})"


def _artifact(kind: str, name: str, root: Path) -> str:
    if kind == "files":
        return f"[{name}](../{name})"
    if kind == "code":
        return f"[`{name}`](../{module_of(root, name)})"
    if kind == "alerts":
        return f"[{name}](runbooks/alerts.md#{name.lower()})"
    if kind == "dashboards":
        return f"[{name}](../dashboards/generated/{name}.json)"
    return f"`make {name}`" if kind == "make" else f"`{name}`"


def _beside(link: str) -> str:
    """A link from the page's folder."""
    return link.removeprefix("docs/") if link.startswith("docs/") else f"../{link}"
