"""Alerts on missed KPI targets, one for each KPI."""

from typing import Final

from dashboards.alerts.model import Alert, Component
from dashboards.slo import KPIS, Kpi

HOLD: Final = "5m"
"""How long a target must be missed: a cold cache or one slow request is nobody's business."""

_COMPONENTS: Final[dict[str, Component]] = {
    "cache_hit_rate": "cache",
    "view_refresh": "database",
    "valid_geometries": "database",
}
_PRINTED: Final = {
    "s": "{{ $value | humanizeDuration }}",
    "ratio": "{{ $value | humanizePercentage }}",
    "items/s": "{{ $value | humanize }} items/s",
}


def _target(kpi: Kpi) -> str:
    bound = "below" if kpi.better == "lower" else "at least"
    shown = {"s": f"{kpi.target * 1000:g} ms", "ratio": f"{kpi.target * 100:g} %", "items/s": f"{kpi.target:g} items/s"}
    return f"{bound} {shown[kpi.unit]}"


def _alert(kpi: Kpi) -> Alert:
    words = kpi.name.replace("_", " ")
    return Alert(
        name="Kpi" + "".join(word.capitalize() for word in kpi.name.split("_")) + "Missed",
        component=_COMPONENTS.get(kpi.name, "catalog"),
        severity="warning",
        expr=kpi.missed,
        hold=HOLD,
        summary=f"The target of the KPI '{words}' is missed",
        description=f"{words} is {_PRINTED[kpi.unit]}, wanted is {_target(kpi)}. {kpi.description}",
    )


ALERTS: Final = tuple(_alert(kpi) for kpi in KPIS)
