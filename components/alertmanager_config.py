"""The configuration file of Alertmanager, as text."""

from typing import Any

import yaml


def render_alertmanager_yml(*, webhook_url: str | None = None, repeat_interval: str = "4h") -> str:
    """Return alertmanager.yml.

    Alerts of one component arrive together. A critical alert mutes the warnings of its component, and the watchdog,
    which always fires, is kept to Alertmanager itself.

    Args:
        webhook_url: where alerts are posted; None: they are only shown by Alertmanager.
        repeat_interval: time after which an alert that still fires is sent again, as a Prometheus duration.
    """
    receivers: list[dict[str, Any]] = [{"name": "none"}]
    if webhook_url is not None:
        receivers.append({"name": "webhook", "webhook_configs": [{"url": webhook_url, "send_resolved": True}]})
    return yaml.safe_dump(
        {
            "route": {
                "receiver": receivers[-1]["name"],
                "group_by": ["stack", "component"],
                "group_wait": "10s",
                "group_interval": "1m",
                "repeat_interval": repeat_interval,
                "routes": [{"receiver": "none", "matchers": ['alertname="Watchdog"']}],
            },
            "inhibit_rules": [
                {
                    "source_matchers": ['severity="critical"'],
                    "target_matchers": ['severity="warning"'],
                    "equal": ["stack", "component"],
                }
            ],
            "receivers": receivers,
        },
        sort_keys=False,
        width=120,
    )
