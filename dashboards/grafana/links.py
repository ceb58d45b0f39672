"""Links from a panel to what explains it or says what to do."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

RUNBOOK: Final = "${runbook:raw}"
"""Address of the runbook of all alerts, from the variable of that name."""


def runbook(alert: str) -> dashboard.DashboardLink:
    """To what to do when `alert` fires, in another tab."""
    link = dashboard.DashboardLink(f"Runbook: {alert}").type(DashboardLinkType.LINK)
    return link.url(f"{RUNBOOK}#{alert.lower()}").target_blank(True)  # noqa: FBT003 - the SDK's


def siblings(tag: str) -> dashboard.DashboardLink:
    """To every dashboard with `tag`, keeping the time and the variables."""
    link = dashboard.DashboardLink("Painéis").type(DashboardLinkType.DASHBOARDS).tags([tag]).as_dropdown(True)  # noqa: FBT003 - the SDK's
    return link.include_vars(True).keep_time(True)  # noqa: FBT003 - the SDK's
