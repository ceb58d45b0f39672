"""Alerts fire for real: what is broken is told to the right receivers within the promised time, and its end too.

Conditions hold, and messages are gathered, for a tenth of the usual time (`monitoring.alert_wait_percent`); how long
they usually take is shown by promtool (`tests/unit/test_alert_rules.py`).
"""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING, Any

import docker
import httpx
import psycopg
import pytest
import yaml

from dashboards.alerts.durations import scaled
from dashboards.alerts.rules import ALERTS, RUNBOOK_URL
from tests.e2e.operator import ROOT
from tests.e2e.receivers import Receivers, Told, receivers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docker.models.containers import Container

    from tests.e2e.operator import Operator

PERCENT = 10
SCRAPE_SECONDS = 3
HEALTHY_SECONDS = 30
RUNBOOK = "https://docs.fazenda.example/alertas"
BY_NAME = {alert.name: alert for alert in ALERTS}
# Group wait and interval of messages, a tenth of what the configuration has (`tests/unit/test_alertmanager_config.py`).
GATHERED = {"critical": (1, 6), "warning": (6, 30)}
# Two scrapes, two evaluations, a container that takes its time to end or to start, and a machine busy with other tests.
SLACK_SECONDS = 4 * SCRAPE_SECONDS + 20
WRONG_YEAR = """
WITH entry AS (INSERT INTO catalogo (nome, tipo) VALUES ('ano errado', 'talhão') RETURNING id)
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT id, st_geomfromtext('MULTIPOINT((-44 -17))', 4326), '2500-05-01' FROM entry
"""
NO_WRONG_YEAR = """
DELETE FROM catalogo_geometrias_particionada WHERE created_at > '2400-01-01';
DELETE FROM catalogo WHERE nome = 'ano errado';
"""

pytestmark = pytest.mark.timeout(900)


class Watched:
    """A stack whose alerts arrive here."""

    def __init__(self, operator: Operator, came: Receivers) -> None:
        self.operator = operator
        self.came = came
        self.outputs = operator.outputs()
        self.docker = docker.from_env()

    def container(self, name: str) -> Container:
        """The container of one of its services."""
        return self.docker.containers.get(f"mundo-{self.operator.stack}-{name}")

    def sql(self, statements: str) -> None:
        """Runs statements as the owner of the schema."""
        with psycopg.connect(self.outputs["postgres_url"], autocommit=True) as connection:
            connection.execute(statements.encode())

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The result of an instant query; an error of PromQL fails the test."""
        answer = httpx.get(f"{self.outputs['prometheus_url']}/api/v1/query", params={"query": query}).json()
        assert answer["status"] == "success", f"{query}: {answer}"
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def muted(self) -> set[str]:
        """Names of the alerts that Alertmanager holds back because of another."""
        alerts = httpx.get(f"{self.outputs['alertmanager_url']}/api/v2/alerts").json()
        return {alert["labels"]["alertname"] for alert in alerts if alert["status"]["inhibitedBy"]}

    def told(self, name: str, status: str, since: float) -> Told:
        """Waits for the message on this alert.

        Raises:
            AssertionError: it did not come within the promised time.
        """
        alert = BY_NAME[name]
        wait, interval = GATHERED[alert.severity]
        hold = int(scaled(alert.hold, PERCENT).removesuffix("s"))
        # What resolves, and what joins a group that was sent, goes with the group's next message.
        until = since + SLACK_SECONDS + interval + (hold + wait if status == "firing" else 0)
        while time.monotonic() < until:
            if found := self.came.first(name, status, since):
                return found
            time.sleep(0.2)
        raise AssertionError(f"{name} {status}: not told of within {until - since:.0f} s; {self.came.firing(since)}")


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Waits until it holds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to hold"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def watched(operator: Operator) -> Iterator[Watched]:
    """The stack, in a hurry to tell; afterwards it is as before."""
    before = operator.settings_file.read_text()
    settings = yaml.safe_load(before)
    subnet = settings["config"]["mundo:network"]["subnet"]
    with receivers(subnet.rsplit(".", 1)[0] + ".1") as came:
        settings["config"]["mundo:monitoring"] = {
            "scrape_interval_seconds": SCRAPE_SECONDS,
            "alert_wait_percent": PERCENT,
            "runbook_url": RUNBOOK,
            "webhook_url": f"http://{came.address}:{came.web}/alerts",
            "watchdog_url": f"http://{came.address}:{came.web}/watchdog",
            "email": {
                "to": ["plantao@fazenda.example"],
                "sender": "mundo@fazenda.example",
                "smarthost": f"{came.address}:{came.mail}",
                "require_tls": False,
            },
        }
        operator.settings_file.write_text(yaml.safe_dump(settings))
        try:
            operator.succeeds("up")
            made = Watched(operator, came)
            yield made
            made.docker.close()
        finally:
            operator.settings_file.write_text(before)
            operator.succeeds("up")


def test_a_healthy_stack_says_nothing(watched: Watched) -> None:
    eventually(lambda: not watched.ask("up == 0") and len(watched.ask("up == 1")) > 10)
    since = time.monotonic()
    time.sleep(HEALTHY_SECONDS)
    # What was measured of the release (`info`) is no state of this stack.
    fired = watched.ask(f'max_over_time(ALERTS{{alertstate="firing",severity!="info"}}[{HEALTHY_SECONDS - 5}s])')
    assert {series["metric"]["alertname"] for series in fired} == {"Watchdog"}
    assert watched.came.firing(since) == set()
    eventually(lambda: bool(watched.came.barks))


def test_every_rule_is_evaluated_without_an_error(watched: Watched) -> None:
    groups = httpx.get(f"{watched.outputs['prometheus_url']}/api/v1/rules").json()["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert {rule["name"] for rule in rules} >= {alert.name for alert in ALERTS}
    assert {rule["name"]: rule.get("lastError") for rule in rules if rule["health"] != "ok"} == {}


def test_what_degrades_is_told_and_its_end_too(watched: Watched) -> None:
    replica = next(
        name for name in ("redis-3", "redis-2") if watched.ask(f'redis_instance_info{{instance="{name}",role="slave"}}')
    )
    broken = time.monotonic()
    watched.container(replica).kill()
    watched.sql(WRONG_YEAR)
    watched.container("postgres-exporter").stop(timeout=2)
    try:
        seen = {
            name: watched.told(name, "firing", broken)
            for name in ("ScrapeFailing", "RedisInstanceDown", "RedisReplicasLow", "DefaultPartitionNotEmpty")
        }
    finally:
        watched.container(replica).start()
        watched.sql(NO_WRONG_YEAR)
        watched.container("postgres-exporter").start()
    mended = time.monotonic()
    for name, told in seen.items():
        tells_all(watched, name, told)
    assert seen["RedisInstanceDown"].alert["labels"]["instance"] == replica
    assert "postgres (postgres) gives no metrics" in seen["ScrapeFailing"].alert["annotations"]["description"]
    assert "1 of 2 replicas follow" in seen["RedisReplicasLow"].alert["annotations"]["description"]
    assert "1 rows lie in the DEFAULT" in seen["DefaultPartitionNotEmpty"].alert["annotations"]["description"]
    for name in seen:
        watched.told(name, "resolved", mended)


def test_what_is_down_is_told_at_once_and_mutes_what_follows(watched: Watched) -> None:
    (master,) = watched.ask('redis_instance_info{role="master"}')
    paused = [master["metric"]["instance"], "sentinel-1", "sentinel-2", "sentinel-3"]
    broken = time.monotonic()
    for name in (*paused[1:], paused[0]):
        watched.container(name).pause()
    for name in ("catalog", "catalog-2"):
        watched.container(name).stop(timeout=5)
    watched.container("postgres").stop(timeout=20)
    try:
        seen = {
            name: watched.told(name, "firing", broken)
            for name in ("RedisMasterMissing", "SentinelQuorumLost", "CatalogDown", "PostgresDown")
        }
        eventually(lambda: "RedisInstanceDown" in watched.muted())
        assert watched.came.first("RedisInstanceDown", "firing", broken) is None
    finally:
        for name in paused:
            watched.container(name).unpause()
        watched.container("postgres").start()
        for name in ("catalog", "catalog-2"):
            watched.container(name).start()
    mended = time.monotonic()
    for name, told in seen.items():
        tells_all(watched, name, told)
    assert "None of 3 watched servers" in seen["RedisMasterMissing"].alert["annotations"]["description"]
    for name in seen:
        watched.told(name, "resolved", mended)


def tells_all(watched: Watched, name: str, told: Told) -> None:
    """A message says what is wrong, where, how bad it is, and what to do; by e-mail as well."""
    alert = BY_NAME[name]
    assert told.alert["labels"]["stack"] == watched.operator.stack
    assert told.alert["labels"]["severity"] == alert.severity
    assert told.alert["labels"]["component"] == alert.component
    assert told.alert["annotations"]["runbook_url"] == f"{RUNBOOK}#{name.lower()}"
    assert told.alert["annotations"]["summary"] == alert.summary
    assert "{{" not in told.alert["annotations"]["description"]
    assert told.message["externalURL"] == watched.outputs["alertmanager_url"]
    assert told.alert["generatorURL"].startswith(watched.outputs["prometheus_url"])
    eventually(lambda: any(name in mail and f"#{name.lower()}" in mail for mail in watched.came.mails), 20)


def diagnoses() -> list[tuple[str, str]]:
    """Alert and each command or query that the runbook names for looking."""
    text = (ROOT / RUNBOOK_URL).read_text(encoding="utf-8")
    found = re.findall(r"^## (\w+)\n.*?\*\*Diagnosis\.\*\* (.*?)\*\*Mitigation", text, re.DOTALL | re.MULTILINE)
    return [(name, " ".join(code.split())) for name, part in found for code in re.findall(r"`([^`]+)`", part)]


def test_what_the_runbook_says_to_look_at_can_be_looked_at(watched: Watched) -> None:
    typed: dict[str, int] = {"docker": 0, "SELECT": 0, "EXPLAIN": 0, "promql": 0}
    for name, code in diagnoses():
        first = code.split()[0]
        if first == "docker":
            shown = code.replace("STACK", watched.operator.stack)
            done = subprocess.run(["sh", "-c", shown], capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, f"{name}: {shown}\n{done.stderr}"
        elif first in {"SELECT", "EXPLAIN"}:
            with psycopg.connect(watched.outputs["postgres_url"]) as connection:
                connection.execute(code.replace("PID", "0").encode())
                connection.rollback()
        elif re.match(r"(sum|topk|rate|pg_mundo|mundo)_?.*[({=]", code):
            first = "promql"
            watched.ask(code)
        else:
            continue
        typed[first] += 1
    assert all(count >= 1 for count in typed.values()), typed
    assert sum(typed.values()) > 40, typed
