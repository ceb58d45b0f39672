"""Grafana's dashboards, built from typed parts and the KPIs; `make dashboards` writes their JSON anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from dashboards.alerts.rules import RUNBOOK_URL
from dashboards.grafana import cache, catalog, database, monitoring, rastreabilidade

GENERATED: Final = Path(__file__).parents[1] / "generated"
"""Where the committed JSON lies, a file for each dashboard."""

BOARDS: Final = (rastreabilidade.BOARD, catalog.BOARD, cache.BOARD, database.BOARD, monitoring.BOARD)
"""Every dashboard, the first one to look at first."""


def build(*, runbook_url: str = RUNBOOK_URL) -> dict[str, dict[str, Any]]:
    """Every dashboard as Grafana's JSON, by its name.

    They need a Prometheus with the stack's scrape jobs and recorded series as data source.

    Args:
        runbook_url: address of the runbook of all alerts; whoever imports a dashboard by hand types it there.
    """
    return {board.name: board.build(runbook_url=runbook_url) for board in BOARDS}


def text(dashboard: dict[str, Any]) -> str:
    """A dashboard as the text of its committed file."""
    return json.dumps(dashboard, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def files() -> dict[str, str]:
    """Name → text of every file that belongs into `GENERATED`."""
    return {f"{name}.json": text(dashboard) for name, dashboard in build().items()}
