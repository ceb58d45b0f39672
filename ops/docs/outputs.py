"""The page of the stack's outputs: names, types and meanings; no secret's value is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from components.settings import SECRETS
from ops.docs.graph import SECRET_VALUES, declared
from ops.docs.page import code, head, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.docs.graph import Output

SOURCE: Final = "the outputs that `__main__.py` exports, run under Pulumi's mocks"
_ABOUT: Final = """\
What `make outputs` prints, here with the values of a stack of default settings. Secrets are shown as `[secret]` unless
`SHOW_SECRETS=1` asks for them; this page never has their values.
"""
MEANINGS: Final = {
    "stack": "name of the stack",
    "version": "version of the platform",
    "app_url": "the catalogue: its page and, under `/v1`, its API",
    "docs_url": "the API's description, readable",
    "status_url": "KPIs, alerts and services on one page for farm staff",
    "prometheus_url": "Prometheus",
    "alertmanager_url": "Alertmanager",
    "grafana_url": "Grafana; null where the setting `grafana.enabled` is off",
    "postgres_url": "login of the schema's owner, for SQL clients",
    "postgres_address": "address of PostgreSQL on the stack's network",
    "network": "name of the Docker network, and how the names of all containers begin",
    **{name: f"secret of the settings: {meaning}" for name, meaning in SECRETS.items()},
}
"""Output → what it is."""


def text() -> str:
    """The page."""
    return render(declared().outputs)


def render(outputs: Mapping[str, Output]) -> str:
    """The page of these outputs.

    Raises:
        ValueError: one has no meaning in `MEANINGS`, a meaning has no output, or a secret's value is in an output that
            is not declared as a secret.
    """
    if unlike := sorted(outputs.keys() ^ MEANINGS.keys()):
        raise ValueError(f"{', '.join(unlike)}: ops/docs/outputs.py and components/outputs.py name different outputs")
    open_rows, secret_rows = [], []
    for name, output in outputs.items():
        if output.secret:
            secret_rows.append((code(name), MEANINGS[name]))
            continue
        if any(value in str(output.value) for value in SECRET_VALUES.values()):
            raise ValueError(f"the output {name} holds a secret and is not declared as one")
        value = "null" if output.value is None else str(output.value)
        kind = "text" if isinstance(output.value, str) else "text or null"
        open_rows.append((code(name), kind, code(value), MEANINGS[name]))
    return "\n".join(
        [
            head("Stack outputs", SOURCE, _ABOUT),
            "## Open\n",
            table(("output", "type", "by default", "meaning"), open_rows),
            "## Secret\n\nAll of them text.\n",
            table(("output", "meaning"), secret_rows),
        ]
    )
