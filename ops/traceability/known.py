"""What there is in a checkout to link to, read from its sources; nothing runs and nothing is connected."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from dashboards import slo
from dashboards.alerts.rules import ALERTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SQL_NAME = r"([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?)"
_SQL_OBJECT = re.compile(
    # Statements begin a line; what a function makes at run time stands further right.
    r"^(CREATE|DROP)\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?"
    r"(?:TABLE|MATERIALIZED\s+VIEW|VIEW|FUNCTION|PROCEDURE|TRIGGER|SCHEMA|SEQUENCE|TYPE|"
    r"TEXT\s+SEARCH\s+(?:CONFIGURATION|DICTIONARY))\s+"
    rf"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:public\.)?{_SQL_NAME}",
    re.MULTILINE | re.IGNORECASE,
)
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[`~]* *$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^ {0,3}#{1,6} +(.+?)(?: +#+)? *$", re.MULTILINE)


@dataclass(frozen=True)
class Known:
    """A checkout, by the kinds of `ops.traceability.model.Artifacts`."""

    root: Path

    def has(self, kind: str, name: str) -> bool:
        """Whether the artifact is there."""
        if kind == "files":
            return (self.root / name).exists()
        if kind == "code":
            return module_of(self.root, name) is not None and _defined(self.root, name)
        return name in getattr(self, kind)

    @cached_property
    def sql(self) -> frozenset[str]:
        """Objects that are there after all migrations; `public` is left out of their names."""
        there: set[str] = set()
        for path in sorted((self.root / "sql/migrations").glob("*.sql")):
            if path.name.endswith(".rollback.sql"):
                continue
            for verb, name in _SQL_OBJECT.findall(path.read_text(encoding="utf-8")):
                (there.add if verb.upper() == "CREATE" else there.discard)(name.lower())
        return frozenset(there)

    @cached_property
    def make(self) -> frozenset[str]:
        """Targets that the Makefile explains, as `make help` lists them."""
        text = (self.root / "Makefile").read_text(encoding="utf-8")
        return frozenset(re.findall(r"^([a-z][a-z0-9-]*):.*## ", text, re.MULTILINE))

    @cached_property
    def dashboards(self) -> frozenset[str]:
        """Generated dashboards."""
        return frozenset(path.stem for path in (self.root / "dashboards/generated").glob("*.json"))

    @property
    def alerts(self) -> frozenset[str]:
        """Alert rules."""
        return frozenset(alert.name for alert in ALERTS)

    @property
    def kpis(self) -> frozenset[str]:
        """KPIs."""
        return frozenset(kpi.name for kpi in slo.KPIS)

    @cached_property
    def metrics(self) -> frozenset[str]:
        """Series of the app, of the database's queries, and recorded ones."""
        return frozenset([*_of_the_app(), *_of_the_database(), *(kpi.series for kpi in slo.KPIS)])

    def anchors(self, page: str) -> frozenset[str]:
        """Anchors of a page's headings."""
        return _anchors((self.root / page).read_text(encoding="utf-8"))


def module_of(root: Path, symbol: str) -> Path | None:
    """The file of the longest beginning of a dotted name that is a module; relative to `root`."""
    parts = symbol.split(".")
    for count in range(len(parts), 0, -1):
        stem = root.joinpath(*parts[:count])
        for path in (stem.with_name(stem.name + ".py"), stem / "__init__.py"):
            if path.is_file():
                return path.relative_to(root)
    return None


def _defined(root: Path, symbol: str) -> bool:
    """Whether what follows the module in a dotted name is defined there, level by level."""
    path = module_of(root, symbol)
    if path is None:
        return False
    module = path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts
    body = ast.parse((root / path).read_bytes()).body
    for name in symbol.split(".")[len(module) :]:
        found = [node for node in body if name in _names(node)]
        if not found:
            return False
        body = getattr(found[-1], "body", [])
    return True


def _names(node: ast.stmt) -> Iterator[str]:
    """What a statement defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _anchors(text: str) -> frozenset[str]:
    """Anchors of the headings as GitHub makes them: lower case, words joined by `-`, a number where one comes again."""
    found: set[str] = set()
    times: dict[str, int] = {}
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        times[anchor] = times.get(anchor, -1) + 1
        found.add(f"{anchor}-{times[anchor]}" if times[anchor] else anchor)
    return frozenset(found)


@cache
def _of_the_app() -> frozenset[str]:
    """Names of everything that a service registers, whether or not it has counted anything yet."""
    from ops.metrics_page import registry  # noqa: PLC0415 - the service's modules load only where they are needed

    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
    return frozenset(
        family.name + ending for family in registry().collect() for ending in endings.get(family.type, ("",))
    )


@cache
def _of_the_database() -> frozenset[str]:
    """Names of what the exporter asks the database for."""
    from components.database.metrics import names  # noqa: PLC0415 - as above
    from components.settings import BackupSettings, DatabaseSettings  # noqa: PLC0415 - as above

    return names(DatabaseSettings(), BackupSettings())
