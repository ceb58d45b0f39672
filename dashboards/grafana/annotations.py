"""Marks on every chart: what happened at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard

from dashboards.grafana.queries import SOURCE, STACK
from dashboards.slo import JOB_CATALOG

_STEP: Final = "15s"


class _Marks(dashboard.AnnotationQuery):
    """The SDK's annotation with what Grafana knows of annotations from Prometheus besides."""

    def __init__(self, *, title: str, text: str, tags: str, **known: Any) -> None:
        super().__init__(**known)
        self._more = {"titleFormat": title, "textFormat": text, "tagKeys": tags, "step": _STEP}

    def to_json(self) -> dict[str, object]:
        """All of it, as Grafana's JSON."""
        return {**super().to_json(), **self._more}


@dataclass(frozen=True, kw_only=True)
class Annotation(Builder[dashboard.AnnotationQuery]):
    """One kind of mark.

    Attributes:
        name: what the switch at the top of the dashboard says.
        color: colour of the marks.
        expr: PromQL that has a value at the moments to be marked.
        title, text: what a mark says, with `{{label}}`s of its series.
        tags: labels shown as tags, separated by commas.
    """

    name: str
    color: str
    expr: str
    title: str
    text: str = ""
    tags: str = ""

    def build(self) -> dashboard.AnnotationQuery:
        """The mark as the SDK's part."""
        return _Marks(
            name=self.name,
            datasource=SOURCE,
            enable=True,
            icon_color=self.color,
            expr=self.expr,
            title=self.title,
            text=self.text,
            tags=self.tags,
        )


_APP: Final = f'{STACK},job="{JOB_CATALOG}"'

DEPLOYMENTS: Final = Annotation(
    name="Implantações",
    color="blue",
    # The first moments of a process, with its version: a new version, and a restart of the same one.
    expr=(
        f"(time() - process_start_time_seconds{{{_APP}}} < 2 * $__interval_ms / 1000)"
        f" * on (instance) group_left (version) mundo_build_info{{{_APP}}}"
    ),
    title="Versão {{version}} iniciada",
    text="{{instance}}",
    tags="version",
)
FAILOVERS: Final = Annotation(
    name="Trocas do Redis principal",
    color="purple",
    # Each instance of the app sees the same change.
    expr=f"max by (stack) (increase(mundo_redis_master_changes_total{{{_APP}}}[$__rate_interval])) > 0",
    title="Outro servidor passou a ser o Redis principal",
    text="visto pela aplicação",
)
ALERTS: Final = Annotation(
    name="Alertas",
    color="red",
    expr=f'ALERTS{{{STACK},alertstate="firing",alertname!="Watchdog"}}',
    title="{{alertname}}",
    text="{{component}} {{instance}}",
    tags="severity,component",
)

ANNOTATIONS: Final[tuple[Annotation, ...]] = (DEPLOYMENTS, FAILOVERS, ALERTS)
"""Marks of every dashboard."""
