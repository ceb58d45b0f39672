"""The configuration of Alertmanager: who is told of which alert, when, and of which not."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import yaml

from components.service import FILES_MOUNT
from components.settings import EmailSettings, MonitoringSettings, Secrets
from dashboards.alerts.durations import scaled
from dashboards.alerts.rules import ALERTS

_GROUP = ["stack", "component"]
_MESSAGE = {
    "subject": (
        "[{{ .Status | toUpper }}] {{ .CommonLabels.stack }} {{ .CommonLabels.component }}:"
        " {{ range .Alerts }}{{ .Labels.alertname }} {{ end }}"
    ),
    "text": (
        "{{ range .Alerts }}{{ .Status | toUpper }} {{ .Labels.alertname }} ({{ .Labels.severity }})\n"
        "{{ .Annotations.summary }}\n{{ .Annotations.description }}\n{{ .Annotations.runbook_url }}\n\n{{ end }}"
    ),
}
"""Texts of e-mails beside Alertmanager's own HTML page."""


def secret_files(secrets: Secrets) -> dict[str, str]:
    """File name → text of what Alertmanager is handed as secrets: only what the stack has."""
    given = {
        "smtp_password": secrets.smtpPassword,
        "webhook_url": secrets.alertWebhookUrl,
        "watchdog_url": secrets.alertWatchdogUrl,
    }
    return {name: secret.get_secret_value() for name, secret in given.items() if secret is not None}


def render_alertmanager_yml(settings: MonitoringSettings, secrets: Mapping[str, str]) -> str:
    """Return alertmanager.yml.

    Alerts of one component arrive together: critical ones at once, warnings after a minute, and what only the next
    release can mend after an hour. The watchdog goes to an address of its own, every minute, or nowhere. A critical
    alert mutes the warnings of its component, unless that is monitoring, and each alert mutes what follows from it
    (`Alert.follows`).

    Args:
        settings: where alerts go, and how much of their usual time they wait.
        secrets: the files of `secret_files`; only their names are used, since what is in them stays out of this text.
    """

    def route(severity: str, wait: str, interval: str, repeat: str) -> dict[str, Any]:
        percent = settings.alert_wait_percent
        return {
            "matchers": [f'severity="{severity}"'],
            "receiver": "people",
            "group_wait": scaled(wait, percent),
            "group_interval": scaled(interval, percent),
            "repeat_interval": repeat,
        }

    watchdog = _webhook(settings.watchdog_url, "watchdog_url", secrets, resolved=False)
    people = {
        "webhook_configs": _webhook(settings.webhook_url, "webhook_url", secrets),
        "email_configs": _emails(settings.email, secrets),
    }
    document = {
        # What matches no route below is told as a warning is.
        "route": {
            "receiver": "people",
            "group_by": list(_GROUP),
            "group_wait": scaled("1m", settings.alert_wait_percent),
            "routes": [
                {
                    "matchers": ['alertname="Watchdog"'],
                    "receiver": "watchdog",
                    "group_wait": "0s",
                    # It is sent again at the first interval after repeat_interval is over: every minute.
                    "group_interval": "1m",
                    "repeat_interval": "50s",
                },
                route("critical", "5s", "1m", "4h"),
                route("warning", "1m", "5m", "24h"),
                route("info", "1h", "1d", "7d"),
            ],
        },
        "inhibit_rules": _inhibitions(),
        "receivers": [
            {"name": "people", **{kind: configs for kind, configs in people.items() if configs}},
            {"name": "watchdog", **({"webhook_configs": watchdog} if watchdog else {})},
        ],
    }
    return yaml.safe_dump(document, sort_keys=False, width=120)


def _webhook(
    url: str | None, secret: str, secrets: Mapping[str, str], *, resolved: bool = True
) -> list[dict[str, Any]]:
    """A webhook at `url`, or at the address in the secret file of this name; none where there is neither."""
    if secret in secrets:
        return [{"url_file": _path(secret), "send_resolved": resolved}]
    return [{"url": url, "send_resolved": resolved}] if url else []


def _emails(email: EmailSettings, secrets: Mapping[str, str]) -> list[dict[str, Any]]:
    login = {"auth_username": email.user, "auth_password_file": _path("smtp_password")} if email.user else {}
    if login and "smtp_password" not in secrets:
        raise ValueError(f"the mail server's user '{email.user}' has no password")
    return [
        {
            "to": to,
            "from": email.sender,
            "smarthost": email.smarthost,
            "require_tls": email.require_tls,
            "send_resolved": True,
            "headers": {"Subject": _MESSAGE["subject"]},
            "text": _MESSAGE["text"],
            **login,
        }
        for to in email.to
    ]


def _path(secret: str) -> str:
    return f"{FILES_MOUNT}/secrets/{secret}"


def _inhibitions() -> list[dict[str, Any]]:
    followers: defaultdict[str, list[str]] = defaultdict(list)
    for alert in ALERTS:
        for cause in alert.follows:
            followers[cause].append(alert.name)
    by_component = {
        # That one way of telling people fails explains nothing else of the monitoring.
        "source_matchers": ['severity="critical"', 'component!="monitoring"'],
        "target_matchers": ['severity="warning"'],
        "equal": list(_GROUP),
    }
    by_cause = [
        {
            "source_matchers": [f'alertname="{cause}"'],
            "target_matchers": [f'alertname=~"{"|".join(names)}"'],
            "equal": ["stack"],
        }
        for cause, names in sorted(followers.items())
    ]
    return [by_component, *by_cause]
