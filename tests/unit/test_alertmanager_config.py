"""The configuration of Alertmanager, judged by amtool and by Alertmanager itself."""

import itertools
import json
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from components.alertmanager_config import render_alertmanager_yml, secret_files
from components.settings import MonitoringSettings
from dashboards.alerts.model import Alert
from dashboards.alerts.rules import ALERTS
from tests.built_images import run_in
from tests.unit.stacks import context

URL = "http://10.9.0.99:8080/alerts?token=a:b"
EMAIL = {"to": ["plantao@fazenda.example"], "smarthost": "smtp.fazenda.example:587", "sender": "mundo@fazenda.example"}
WEBHOOKS: tuple[dict[str, Any], ...] = ({}, {"webhook_url": URL}, {"alertWebhookUrl": URL})
EMAILS: tuple[dict[str, Any], ...] = (
    {},
    {"email": {**EMAIL, "require_tls": False}},
    {
        "email": {**EMAIL, "to": [*EMAIL["to"], "b@fazenda.example"], "user": "mundo"},
        "smtpPassword": "senha: com # sinais",
    },
)
WATCHDOGS: tuple[dict[str, Any], ...] = ({}, {"watchdog_url": URL}, {"alertWatchdogUrl": URL})
EVERYTHING = {**WEBHOOKS[1], **EMAILS[2], **WATCHDOGS[2]}


def rendered(options: dict[str, Any]) -> str:
    """alertmanager.yml with settings and secrets among `options`."""
    settings = {key: value for key, value in options.items() if key in MonitoringSettings.model_fields}
    given = {key: SecretStr(value) for key, value in options.items() if key not in settings}
    secrets = context().secrets.model_copy(update=given)
    return render_alertmanager_yml(MonitoringSettings.model_validate(settings), secret_files(secrets))


def receivers(options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {receiver["name"]: receiver for receiver in yaml.safe_load(rendered(options))["receivers"]}


def in_image(script: str, files: dict[str, str]) -> str:
    """What a shell script in the image prints; it must succeed."""
    status, output = run_in("alertmanager", ["sh", "-euc", script], files)
    assert status == 0, output
    return output


def test_amtool_accepts_every_combination_of_settings() -> None:
    combinations = [{**a, **b, **c} for a, b, c in itertools.product(WEBHOOKS, EMAILS, WATCHDOGS)]
    files = {f"{number}.yml": rendered(options) for number, options in enumerate(combinations)}
    output = in_image("amtool check-config *.yml", files)
    assert output.count("SUCCESS") == len(combinations) == 27


def test_amtool_refuses_what_is_wrong() -> None:
    wrong = rendered(EVERYTHING).replace("receiver: watchdog", "receiver: nobody", 1)
    status, output = run_in("alertmanager", ["amtool", "check-config", "alertmanager.yml"], {"alertmanager.yml": wrong})
    assert status != 0
    assert "nobody" in output


def test_every_alert_reaches_its_receiver() -> None:
    files = {"alertmanager.yml": rendered(EVERYTHING)}
    command = "amtool config routes test --config.file=alertmanager.yml"
    script = "\n".join(
        f"{command} alertname={alert.name} severity={alert.severity} component={alert.component} stack=unit 2>/dev/null"
        for alert in ALERTS
    )
    expected = ["watchdog" if alert.name == "Watchdog" else "people" for alert in ALERTS]
    assert in_image(script, files).splitlines() == expected


def test_an_alert_of_another_rule_file_reaches_people() -> None:
    files = {"alertmanager.yml": rendered(EVERYTHING)}
    command = "amtool config routes test --config.file=alertmanager.yml alertname=Other 2>/dev/null"
    assert in_image(command, files).split() == ["people"]


def test_who_people_are_is_in_the_settings() -> None:
    assert receivers({}) == {"people": {"name": "people"}, "watchdog": {"name": "watchdog"}}
    people = receivers(EVERYTHING)["people"]
    assert people["webhook_configs"] == [{"url": URL, "send_resolved": True}]
    assert [email["to"] for email in people["email_configs"]] == ["plantao@fazenda.example", "b@fazenda.example"]
    for email in people["email_configs"]:
        assert email["smarthost"] == "smtp.fazenda.example:587"
        assert email["require_tls"] is True
        assert email["auth_username"] == "mundo"
        assert email["auth_password_file"] == "/run/mundo/secrets/smtp_password"
    plain = receivers(EMAILS[1])["people"]["email_configs"][0]
    assert plain["require_tls"] is False
    assert "auth_username" not in plain
    assert receivers(WATCHDOGS[1])["watchdog"]["webhook_configs"] == [{"url": URL, "send_resolved": False}]


def test_what_is_secret_is_a_file() -> None:
    options = {**WEBHOOKS[2], **EMAILS[2], **WATCHDOGS[2]}
    text = rendered(options)
    assert URL not in text
    assert options["smtpPassword"] not in text
    assert "url_file: /run/mundo/secrets/webhook_url" in text
    assert "url_file: /run/mundo/secrets/watchdog_url" in text
    given = {key: SecretStr(options[key]) for key in ("smtpPassword", "alertWebhookUrl", "alertWatchdogUrl")}
    assert secret_files(context().secrets) == {}
    assert secret_files(context().secrets.model_copy(update=given)) == {
        "smtp_password": options["smtpPassword"],
        "webhook_url": URL,
        "watchdog_url": URL,
    }


def test_a_login_without_a_password_is_refused() -> None:
    with pytest.raises(ValueError, match="'mundo' has no password"):
        rendered({"email": EMAILS[2]["email"]})


def test_critical_alerts_do_not_wait() -> None:
    def waits(percent: int) -> dict[str, tuple[str, str]]:
        routes = yaml.safe_load(rendered({"alert_wait_percent": percent}))["route"]["routes"]
        return {route["matchers"][0]: (route["group_wait"], route["group_interval"]) for route in routes}

    assert waits(100) == {
        'alertname="Watchdog"': ("0s", "1m"),
        'severity="critical"': ("5s", "1m"),
        'severity="warning"': ("1m", "5m"),
        'severity="info"': ("1h", "1d"),
    }
    assert waits(10)['severity="critical"'] == ("1s", "6s")
    assert waits(10)['severity="warning"'] == ("6s", "30s")


SCRIPT = """
prometheus-alertmanager --config.file=alertmanager.yml --storage.path=/tmp/data --cluster.listen-address= \\
    >/tmp/log 2>&1 &
at=http://127.0.0.1:9093
for _ in $(seq 100); do
    busybox wget -q -O /dev/null $at/-/ready 2>/dev/null && break
    sleep 0.1
done
busybox wget -q -O /dev/null --header 'Content-Type: application/json' --post-file=alerts.json $at/api/v2/alerts
sleep 2
busybox wget -q -O - $at/api/v2/alerts
"""


def muted_in_reality(stacks: dict[str, list[Alert]]) -> dict[str, set[str]]:
    """Stack → names of the alerts that Alertmanager mutes, where `stacks` says which fire in each."""
    posted = [
        {"labels": {"alertname": one.name, "severity": one.severity, "component": one.component, "stack": stack}}
        for stack, alerts in stacks.items()
        for one in alerts
    ]
    output = in_image(SCRIPT, {"alertmanager.yml": rendered({}), "alerts.json": json.dumps(posted)})
    found: dict[str, set[str]] = {stack: set() for stack in stacks}
    shown = json.loads(output)
    assert len(shown) == len(posted)
    for alert in shown:
        if alert["status"]["inhibitedBy"]:
            found[alert["labels"]["stack"]].add(alert["labels"]["alertname"])
    return found


def test_alertmanager_mutes_what_follows_from_something_else() -> None:
    by_name = {alert.name: alert for alert in ALERTS}
    pairs = [(by_name[cause], alert) for alert in ALERTS for cause in alert.follows]
    assert len(pairs) > 10
    stacks = {f"pair-{number}": [cause, alert] for number, (cause, alert) in enumerate(pairs)}
    alone = {f"alone-{alert.name}": [alert] for alert in ALERTS}
    found = muted_in_reality({**stacks, **alone})
    assert {stack: names for stack, names in found.items() if stack in alone and names} == {}
    assert {stack: found[stack] for stack in stacks} == {stack: {alerts[1].name} for stack, alerts in stacks.items()}


def test_a_critical_alert_mutes_the_warnings_of_its_component_only() -> None:
    def fires(*names: str) -> list[Alert]:
        return [alert for alert in ALERTS if alert.name in names]

    found = muted_in_reality(
        {
            "a": fires("PostgresDown", "ViewStale", "RedisInstanceDown", "ErrorBudgetBurningFast"),
            "b": fires("RedisMasterMissing", "SentinelQuorumLost", "RedisInstanceDown", "ViewStale"),
            "c": fires("CatalogDown", "KpiErrorRateMissed", "KpiCacheHitRateMissed", "KpiCodeQualityMissed"),
            "d": fires("ViewStale", "RedisInstanceDown", "KpiErrorRateMissed"),
            "e": fires("NotificationsFailing", "AlertDeliveryFailing", "ScrapeFailing"),
        }
    )
    assert found == {
        "a": {"ViewStale", "ErrorBudgetBurningFast"},
        "b": {"RedisInstanceDown"},
        "c": {"KpiErrorRateMissed", "KpiCacheHitRateMissed"},
        "d": set(),
        "e": set(),
    }
