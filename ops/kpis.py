"""`make kpis`: each KPI's value now, as the stack's Prometheus recorded it, against its target."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import httpx
from rich.table import Table

from app.release import evidence
from dashboards import slo
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

_SECONDS: Final = 5
_VERDICTS: Final[dict[slo.State, tuple[str, str]]] = {
    "met": ("met", "green"),
    "near": ("met, near it", "yellow"),
    "missed": ("missed", "red"),
    "unknown": ("no value", "dim"),
}


def run(prometheus_url: str, out: Console, *, as_json: bool) -> None:
    """Print the KPIs: a table, or JSON with the KPI's name, unit, target, value (null without one) and state.

    Raises:
        OpsError: Prometheus does not answer, or a target is missed (after everything was printed).
    """
    values = recorded(prometheus_url)
    if as_json:
        found = [
            {
                "name": kpi.name,
                "unit": kpi.unit,
                "better": kpi.better,
                "target": kpi.target,
                "value": values.get(kpi.name),
                "state": kpi.state(values.get(kpi.name)),
                "source": kpi.source,
            }
            for kpi in slo.KPIS
        ]
        out.print_json(json.dumps(found))
    else:
        out.print(table(values))
    missed = [kpi.name for kpi in slo.KPIS if kpi.state(values.get(kpi.name)) == "missed"]
    if missed:
        raise OpsError(f"the target is missed by {', '.join(missed)}")


def recorded(prometheus_url: str) -> dict[str, float]:
    """The recorded value of each KPI that has one now, by its name.

    Raises:
        OpsError: Prometheus does not answer, or not with a result.
    """
    query = '{__name__=~"mundo:kpi:.+"}'
    try:
        answer = httpx.get(f"{prometheus_url}/api/v1/query", params={"query": query}, timeout=_SECONDS)
        answer.raise_for_status()
        series = answer.json()["data"]["result"]
        by_series = {each["metric"]["__name__"]: float(each["value"][1]) for each in series}
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise OpsError(
            f"Prometheus at {prometheus_url} gives no values ({error}); `make status` says whether it runs"
        ) from error
    return {kpi.name: by_series[kpi.series] for kpi in slo.KPIS if kpi.series in by_series}


def table(values: Mapping[str, float]) -> Table:
    """A row for each KPI."""
    shown = Table(title="KPIs", title_justify="left")
    shown.add_column("KPI")
    shown.add_column("value now", justify="right")
    shown.add_column("target", justify="right")
    shown.add_column("verdict")
    shown.add_column("measured")
    for kpi in slo.KPIS:
        value = values.get(kpi.name)
        verdict, style = _VERDICTS[kpi.state(value)]
        shown.add_row(
            kpi.name,
            "—" if value is None else kpi.shown(value),
            kpi.shown_target,
            f"[{style}]{verdict}[/{style}]",
            _measured(kpi),
        )
    return shown


def _measured(kpi: slo.Kpi) -> str:
    """When a value was measured that does not come from what happens now."""
    if kpi.source == "live":
        return "now"
    known = evidence().get(kpi.name)
    return f"{known.measured_at:%Y-%m-%d}, {known.command}" if known else "with the release"
