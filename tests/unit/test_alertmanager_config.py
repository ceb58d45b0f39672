"""The configuration of Alertmanager, judged by amtool itself."""

import pytest

from components.alertmanager_config import render_alertmanager_yml
from tests.built_images import run_in


@pytest.mark.parametrize("url", [None, "http://10.9.0.99:8080/alerts?token=a:b"])
def test_amtool_accepts_the_configuration(url: str | None) -> None:
    files = {"alertmanager.yml": render_alertmanager_yml(webhook_url=url)}
    status, output = run_in("alertmanager", ["amtool", "check-config", "alertmanager.yml"], files)
    assert status == 0, output
    assert "SUCCESS" in output


@pytest.mark.parametrize(
    ("url", "labels", "receiver"),
    [
        ("http://10.9.0.99/", ["alertname=PostgresDown", "severity=critical"], "webhook"),
        ("http://10.9.0.99/", ["alertname=Watchdog", "severity=none"], "none"),
        (None, ["alertname=PostgresDown", "severity=critical"], "none"),
    ],
)
def test_alerts_go_where_they_should(url: str | None, labels: list[str], receiver: str) -> None:
    files = {"alertmanager.yml": render_alertmanager_yml(webhook_url=url)}
    command = ["amtool", "config", "routes", "test", "--config.file=alertmanager.yml", *labels]
    status, output = run_in("alertmanager", command, files)
    assert status == 0, output
    assert {"none", "webhook"} & set(output.splitlines()) == {receiver}
