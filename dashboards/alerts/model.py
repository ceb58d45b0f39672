"""What an alert consists of."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning", "info", "none"]
"""`critical`: somebody acts now. `warning`: somebody acts today. `info`: whoever makes the next release acts. `none`:
the watchdog, which always fires."""

Component = Literal["database", "cache", "catalog", "monitoring", "host"]


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert rule.

    Attributes:
        name: CamelCase, unique; the runbook has a section of this name.
        component: what is affected; a critical alert mutes the warnings of its component.
        severity: who has to act when.
        expr: PromQL that has a value while the condition holds.
        hold: how long it must hold before the alert fires, as a Prometheus duration of one unit (`30s`, `5m`, `2h`).
        summary: one line without a value.
        description: what was seen, with `{{ $value }}` where there is one, and what it means.
        follows: names of alerts that explain this one: while one of them fires, nobody is told of this one. Those that
            a critical alert of its own component mutes anyway need not be named.
    """

    name: str
    component: Component
    severity: Severity
    expr: str
    hold: str
    summary: str
    description: str
    follows: tuple[str, ...] = ()
