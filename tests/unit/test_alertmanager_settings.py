"""Where alerts go: what the settings accept, and what they refuse in one line."""

from typing import Any

import pytest

from components import settings
from tests.unit.stacks import configuration

EMAIL = {"to": ["a@farm.example"], "smarthost": "smtp.farm.example:587", "sender": "mundo@farm.example"}


def parsed(**values: Any) -> tuple[settings.Settings, settings.Secrets]:
    return settings.parse({**configuration("local"), **values}, "local")


def test_nobody_is_told_unless_somebody_is_named() -> None:
    alerting = parsed()[0].monitoring
    assert (alerting.webhook_url, alerting.watchdog_url, alerting.email.to) == (None, None, ())
    assert alerting.runbook_url == "docs/runbooks/alerts.md"
    assert alerting.alert_wait_percent == 100


def test_an_email_can_be_set_up_key_by_key() -> None:
    """As `make config` does: each step is accepted by itself, and nothing is sent before the last."""
    so_far: dict[str, Any] = {}
    for key in ("smarthost", "sender", "to"):
        assert parsed(monitoring={"email": so_far})[0].monitoring.email.to == ()
        so_far[key] = EMAIL[key]
    assert parsed(monitoring={"email": so_far})[0].monitoring.email.to == ("a@farm.example",)


def test_secrets_of_others_need_not_look_like_ours() -> None:
    _, secrets = parsed(monitoring={"email": {**EMAIL, "user": "mundo"}}, smtpPassword="a b c d")
    assert secrets.smtpPassword is not None
    assert secrets.smtpPassword.get_secret_value() == "a b c d"
    assert "a b c d" not in repr(secrets)
    assert parsed(smtpPassword="1234")[1].smtpPassword is not None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"monitoring": {"webhook_url": "farm.example"}}, "mundo:monitoring.webhook_url"),
        ({"monitoring": {"email": {"to": ["a@farm.example"]}}}, "e-mail needs smarthost (host:port) and sender before"),
        ({"monitoring": {"email": {**EMAIL, "smarthost": "smtp"}}}, "mundo:monitoring.email.smarthost"),
        ({"monitoring": {"email": {**EMAIL, "to": ["nobody"]}}}, "mundo:monitoring.email.to.0"),
        ({"monitoring": {"email": {**EMAIL, "user": "mundo"}}}, "is 'mundo', which has no password; set it first with"),
        (
            {"monitoring": {"email": {"from": "a@b"}}},
            "unknown key 'mundo:monitoring.email.from'; allowed are require_tls",
        ),
        ({"monitoring": {"runbook_url": "docs/a.md#b"}}, "mundo:monitoring.runbook_url"),
        ({"monitoring": {"alert_wait_percent": 0}}, "mundo:monitoring.alert_wait_percent"),
        (
            {"monitoring": {"webhook_url": "http://a/"}, "alertWebhookUrl": "http://b/t0ken"},
            "monitoring.webhook_url and the secret mundo:alertWebhookUrl are both set",
        ),
        (
            {"monitoring": {"watchdog_url": "http://a/"}, "alertWatchdogUrl": "http://b/t0ken"},
            "monitoring.watchdog_url and the secret mundo:alertWatchdogUrl are both set",
        ),
        ({"alertWebhookUrl": "t0ken"}, "mundo:alertWebhookUrl: an address begins with http"),
    ],
)
def test_refusals_are_one_line(values: dict[str, Any], said: str) -> None:
    with pytest.raises(settings.SettingsError) as refused:
        parsed(**values)
    text = str(refused.value)
    assert said in text
    assert text.startswith("Pulumi.local.yaml: ")
    assert "\n" not in text
    assert "t0ken" not in text
