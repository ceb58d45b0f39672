"""`make metrics-page`: the page of the metrics, made from what the service registers and what the database is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from app.imports.metrics import ImportMetrics
from app.services import Services
from app.settings import Settings
from components.database.metrics import questions
from components.settings import BackupSettings, DatabaseSettings
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from prometheus_client import CollectorRegistry, Metric
    from rich.console import Console

    from components.database.question import Question

PAGE: Final = "docs/guides/metrics.md"
MEND: Final = "make metrics-page WRITE=1"

_OWN: Final = "mundo_"
_PARTS: Final = (
    ("Requests", ("mundo_http_",)),
    ("Bounds and their cache", ("mundo_bounds_",)),
    ("The map", ("mundo_map_",)),
    ("Redis and the breaker", ("mundo_redis_", "mundo_breaker_")),
    ("Database pool", ("mundo_db_",)),
    ("Imports", ("mundo_import_",)),
    ("The release", ("mundo_build_", "mundo_traceability_", "mundo_release_")),
)
"""Heading → how the names of its metrics begin."""

_ENDINGS: Final = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
_OPEN: Final = frozenset({"method", "route", "status", "kpi", "version", "stack"})
"""Labels whose values come from outside; those of the others are all known beforehand."""

_HEAD: Final = f"""\
# Metrics

<!-- Made by `{MEND}` from the service's registry and the exporter's questions: change these, not this page. -->

What the platform tells Prometheus. KPIs are made of it in `dashboards/slo.py` and recorded as `mundo:kpi:NAME`; what
each alert looks at and what to do then: [alerts](../runbooks/alerts.md).

The app shows its own at `/metrics`, without a login. Every label has a small, fixed set of values; `route` is the
template (`/v1/catalogo/{{catalogo_id}}/bounds`), never the path that was asked for. Beside these it shows `process_*`
and `python_*` of prometheus_client.
"""

_DATABASE: Final = """\
## The database

Asked by the exporter as `mundo_exporter`, with the job `sql`. *often*: at every scrape; *sometimes*: each minute;
*rarely*: every few minutes, since it reads what grows with the catalogue (`components/database/question.py`). A metric
whose question has no answer is absent, not 0.
"""

_OTHERS: Final = """\
## The others

PostgreSQL, Redis, Sentinel, the machine, its processes, Prometheus and Alertmanager are shown by exporters and programs
under their own names, as their own documentation says. Which jobs there are stands in `dashboards/slo.py` (`JOB_…`).
"""


@dataclass(frozen=True)
class Shown:
    """One metric of the service, as its scrape shows it."""

    names: tuple[str, ...]
    kind: str
    labels: dict[str, list[str]]
    """Label → its values, none where they come from outside."""
    meaning: str


def run(root: Path, out: Console, *, write: bool) -> None:
    """Write the page, or check that it is current.

    Raises:
        OpsError: the page is stale.
    """
    text = render()
    if write:
        (root / PAGE).write_text(text, encoding="utf-8")
        out.print(f"{PAGE} is written", highlight=False)
    elif stale(root, text):
        raise OpsError(f"{PAGE} is stale: {MEND}")
    else:
        out.print(f"{PAGE} is current", highlight=False)


def stale(root: Path, text: str) -> bool:
    """Whether the page in the checkout is another one than `text`."""
    page = root / PAGE
    return not page.is_file() or page.read_text(encoding="utf-8") != text


def render() -> str:
    """The whole page."""
    parts = [_HEAD]
    shown = list(of_the_app(registry()))
    for heading, beginnings in _PARTS:
        parts += [f"## {heading}\n", _table(one for one in shown if one.names[0].startswith(beginnings))]
    asked = questions(DatabaseSettings(), BackupSettings())
    return "\n".join([*parts, _DATABASE, _asked(asked), _OTHERS])


def registry() -> CollectorRegistry:
    """Everything that a service registers, each metric with at least one sample; nothing is connected."""
    nothing = SecretStr("-")
    services = Services.make(
        Settings(postgres_host="127.0.0.1", postgres_password=nothing, sentinels="127.0.0.1:1", redis_password=nothing)
    )
    metrics = services.metrics
    if services.imports is None:
        ImportMetrics(metrics.registry)
    # A metric whose labels have no value yet shows none.
    metrics.request(method="GET", route="/metrics", status=200, seconds=0.001)
    for result in ("stored", "older", "failed"):
        metrics.bounds_write(result)
    for old, new in (("closed", "open"), ("open", "half-open"), ("half-open", "closed")):
        metrics.breaker_transition(old, new)
    return metrics.registry


def of_the_app(registry: CollectorRegistry) -> Iterator[Shown]:
    """The service's own metrics, by name.

    Raises:
        ValueError: one has no sample, so its labels are unknown, or no place on the page.
    """
    known = tuple(beginning for _, beginnings in _PARTS for beginning in beginnings)
    for family in sorted(registry.collect(), key=lambda family: family.name):
        if not family.name.startswith(_OWN):
            continue
        if not family.samples:
            raise ValueError(f"{family.name} has no sample: ops/metrics_page.py must count something for it")
        if not family.name.startswith(known):
            raise ValueError(f"{family.name} has no heading in ops/metrics_page.py")
        names = tuple(family.name + ending for ending in _ENDINGS.get(family.type, ("",)))
        yield Shown(names, family.type, _labels(family), family.documentation)


def _labels(family: Metric) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for sample in family.samples:
        for label, value in sample.labels.items():
            if label != "le":
                values = found.setdefault(label, [])
                if label not in _OPEN and value not in values:
                    values.append(value)
    return found


def _table(shown: Iterable[Shown]) -> str:
    rows = ["| metric | kind | labels | meaning |", "|---|---|---|---|"]
    for one in shown:
        labels = "; ".join(
            f"`{label}`" + (f": {', '.join(values)}" if values else "") for label, values in one.labels.items()
        )
        names = ", ".join(f"`{name}`" for name in one.names)
        rows.append(f"| {names} | {one.kind} | {labels} | {one.meaning} |")
    return "\n".join(rows) + "\n"


def _asked(asked: Iterable[Question]) -> str:
    rows = ["| metric | labels | meaning | asked |", "|---|---|---|---|"]
    for question in asked:
        labels = ", ".join(f"`{label}` ({meaning})" for label, meaning in question.labels.items())
        rows += [
            f"| `{name}` | {labels} | {question.gauges[column]} | {question.rhythm} |"
            for column, name in question.metrics.items()
        ]
    return "\n".join(rows) + "\n"
