"""Alerts whose condition holds, the urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

from app.status.models import AlertNow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.status.prometheus import FiringAlert, Prometheus

WATCHDOG: Final = "Watchdog"
"""The alert that always fires: while it is away, nobody evaluates the others."""

_SHOWN = 100
_CHARACTERS = 500
_SEVERITIES = ("critical", "warning")


@dataclass(frozen=True)
class Alerts:
    """The alerts, and whether they are evaluated at all."""

    watched: bool
    items: list[AlertNow]


async def read(prometheus: Prometheus, stack: str) -> Alerts:
    """Ask for the alerts of a stack."""
    return of_stack(await prometheus.alerts(), stack)


def of_stack(everything: Iterable[FiringAlert], stack: str) -> Alerts:
    """Choose and order what concerns a stack; alerts without a stack concern every one."""
    found = [alert for alert in everything if alert.labels.get("stack", stack) == stack]
    watched = any(alert.labels.get("alertname") == WATCHDOG and alert.state == "firing" for alert in found)
    return Alerts(watched, sorted(_present(found), key=_urgency)[:_SHOWN])


def _present(found: Iterable[FiringAlert]) -> Iterable[AlertNow]:
    for alert in found:
        severity = alert.labels.get("severity", "")
        if severity not in _SEVERITIES:
            continue  # the watchdog, and what is meant for machines
        texts = alert.annotations
        portuguese = "resumo" in texts
        summary, description = ("resumo", "descricao") if portuguese else ("summary", "description")
        yield AlertNow(
            name=alert.labels.get("alertname", ""),
            severity=cast("Literal['critical', 'warning']", severity),
            state=alert.state,
            component=alert.labels.get("component", ""),
            since=alert.activeAt,
            summary=texts.get(summary, "")[:_CHARACTERS],
            description=texts.get(description, "")[:_CHARACTERS],
            lang="pt-BR" if portuguese else "en",
            runbook=texts.get("runbook_url") or None,
        )


def _urgency(alert: AlertNow) -> tuple[bool, int, float]:
    return alert.state != "firing", _SEVERITIES.index(alert.severity), alert.since.timestamp()
