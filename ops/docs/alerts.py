"""The page of the alerts: when each fires, who has to act, and where the runbook goes on."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from dashboards.alerts.rules import ALERTS
from ops.docs.page import block, code, head, table

if TYPE_CHECKING:
    from dashboards.alerts.model import Alert

SOURCE: Final = "`dashboards/alerts`"
_ABOUT: Final = """\
Every alert rule. `critical`: somebody acts now. `warning`: somebody acts today. `info`: whoever makes the next release
acts. `none`: the watchdog, which always fires. A critical alert mutes the warnings of its component. What to do when
one fires stands in the [runbook](../runbooks/alerts.md).
"""


def text() -> str:
    """The page."""
    ordered = sorted(ALERTS, key=lambda alert: alert.component)
    rows = [
        (f"[{one.name}](#{one.name.lower()})", one.component, one.severity, one.hold, one.summary) for one in ordered
    ]
    parts = [head("Alert reference", SOURCE, _ABOUT), table(("alert", "component", "severity", "after", "what"), rows)]
    for component, alerts in groupby(ordered, key=lambda alert: alert.component):
        parts += [f"## Component {component}\n", *(_section(alert) for alert in alerts)]
    return "\n".join(parts)


def _section(alert: Alert) -> str:
    follows = f" Silent while one of these fires: {', '.join(map(code, alert.follows))}." if alert.follows else ""
    return (
        f"### {alert.name}\n\n{alert.summary}. **{alert.severity}**, once the condition has held for {alert.hold}."
        f"{follows} [Runbook](../runbooks/alerts.md#{alert.name.lower()}).\n\n{block(alert.expr, 'promql')}"
    )
