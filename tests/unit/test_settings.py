"""Settings: defaults, refusals in one line, and the schema."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from components import settings
from components.context import VERSION
from tests.unit.stacks import ROOT, SECRETS, STACKS, configuration


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_parses(stack: str) -> None:
    parsed, secrets = settings.parse(configuration(stack), stack)
    assert parsed.protect is (stack == "prod")
    assert secrets.redisPassword.get_secret_value() == SECRETS["redisPassword"]


def test_stacks_are_side_by_side() -> None:
    parsed = [settings.parse(configuration(stack), stack)[0] for stack in STACKS]
    ports = [port for one in parsed for _, port in one.ports]
    assert len(set(ports)) == len(ports)
    assert not any(a.network.subnet.overlaps(b.network.subnet) for a in parsed for b in parsed if a is not b)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"postgress": {}}, "unknown key 'mundo:postgress'; allowed are access,"),
        ({"postgres": {"memory": 1}}, "unknown key 'mundo:postgres.memory'; allowed are cpus,"),
        ({"access": {"readers": [{"name": "ana", "limit": 1}]}}, "unknown key 'mundo:access.readers.0.limit'"),
        ({"ports": {"app": 80}}, "mundo:ports.app is 80: Input should be greater than or equal to 1024"),
        ({"ports": {"app": 9090}}, "'app' and 'prometheus' both want port 9090"),
        ({"network": {"subnet": "8.8.8.0/24"}}, "must be a private subnet of /25 or larger"),
        ({"network": {"subnet": "172.30.0.0/28"}}, "must be a private subnet of /25 or larger"),
        ({"database": {"schedules": {"refresh": "hourly"}}}, 'mundo:database.schedules.refresh is "hourly"'),
        (
            {"database": {"schedules": {"fold": "1 seconds"}}},
            "unknown key 'mundo:database.schedules.fold'; allowed are",
        ),
        ({"database": {"roles": {"app": {"connections": 3}}}}, "unknown key 'mundo:database.roles.app.connections'"),
        ({"database": {"paused": ["folding"]}}, 'mundo:database.paused.0 is "folding"'),
        ({"database": {"plausible_years": {"first": 2100, "last": 1970}}}, "last 1970 lies before first 2100"),
        ({"database": {"first_year": 1950}}, "first_year 1950 lies outside plausible_years 1970 to 2100"),
        ({"database": {"retention_years": 0}}, "mundo:database.retention_years is 0"),
        ({"database": {"refresh_max_age_minutes": 0}}, "mundo:database.refresh_max_age_minutes is 0"),
        ({"bounds": {"ttl_seconds": 864000}}, "mundo:bounds.ttl_seconds is 864000: Input should be less than or equal"),
        ({"bounds": {"poll_ms": 1000}}, "mundo:bounds.poll_ms is 1000"),
        ({"bounds": {"breaker": {"failure_threshold": 0}}}, "mundo:bounds.breaker.failure_threshold is 0"),
        ({"bounds": {"deadlines": {"redis": 5}}}, "unknown key 'mundo:bounds.deadlines.redis'; allowed are postgres_"),
        ({"capacity": {"growth": {"low": 0.6}}}, "low 0.6, expected 0.2 and high 0.5 are not in order"),
        ({"capacity": {"last_year": 2025}}, "mundo:capacity.last_year is 2025"),
        (
            {"postgres": {"refresh_schedule": "0 * * * *"}},
            "mundo:postgres.refresh_schedule has moved: it is mundo:database.schedules.refresh now",
        ),
        (
            {"postgres": {"shm_size_mb": 100}},
            "shm_size_mb 100 is below the 144 that 4 parallel workers",
        ),
        (
            {"postgres": {"max_connections": 40}},
            "60 connections that may be held at once: app 24, ingest 6, exporter 5, reader 10, owner 12, superuser 3",
        ),
        ({"postgres": {"shared_buffers_mb": 2000}}, "more than half of postgres.memory_mb"),
        ({"redis": {"maxmemory_mb": 900}}, "must stay below redis.memory_mb"),
        ({"redis": "big"}, "mundo:redis is 'big', not a mapping"),
        ({"redisPassword": "short"}, "mundo:redisPassword: a secret has at least 12"),
        ({"redisPassword": "aaaaaaaaaaaaaaaa"}, "mundo:redisPassword: a secret has at least 12"),
        ({"redisPassword": ""}, "secret mundo:redisPassword missing: make init-secrets STACK=local generates them"),
        ({"access": {"readers": [{"name": "ana"}]}}, "names 'ana', which has no password"),
        ({"grafana": {"image": "grafana/grafana-oss"}}, "mundo:grafana.image"),
    ],
)
def test_refusals_are_one_line(values: dict[str, Any], said: str) -> None:
    with pytest.raises(settings.SettingsError) as refused:
        settings.parse({**configuration("local"), **values}, "local")
    text = str(refused.value)
    assert said in text
    assert text.startswith("Pulumi.local.yaml: ")
    assert "\n" not in text
    assert not any(secret in text for secret in SECRETS.values())


@pytest.mark.parametrize(
    "schedule",
    ["1 second", "59 seconds", "* * * * *", "*/5 0-6 1,15 jan-jun mon", "0 3 * * 7", "1-59/2 * * * *", "0 0 29 2 *"],
)
def test_schedules_that_are_accepted(schedule: str) -> None:
    values = {**configuration("local"), "database": {"schedules": {"heartbeat": schedule}}}
    assert settings.parse(values, "local")[0].database.schedules.heartbeat == schedule


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("", "cron expression of five fields"),
        ("0 seconds", "cron expression of five fields"),
        ("60 seconds", "cron expression of five fields"),
        ("* * * *", "cron expression of five fields"),
        ("* * * * * *", "cron expression of five fields"),
        ("60 * * * *", "'60' is no minute (0 to 59"),
        ("* 24 * * *", "'24' is no hour (0 to 23"),
        ("* * 0 * *", "'0' is no day of the month (1 to 31"),
        ("* * * 13 *", "'13' is no month (1 to 12"),
        ("* * * * 8", "'8' is no day of the week (0 to 7"),
        ("* * * * lundi", "'lundi' is no day of the week"),
        ("9-3 * * * *", "'9-3' is no minute"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("1, * * * *", "'1,' is no minute"),
        ("'; DROP TABLE catalogo; --", "is no minute"),
    ],
)
def test_schedules_that_are_refused(schedule: str, said: str) -> None:
    values = {**configuration("local"), "database": {"schedules": {"heartbeat": schedule}}}
    with pytest.raises(settings.SettingsError) as refused:
        settings.parse(values, "local")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_connections_of_people_count() -> None:
    readers = [{"name": f"person{number}", "connection_limit": 5} for number in range(3)]
    passwords = {reader["name"]: "uma-senha-longa" for reader in readers}
    values = {**configuration("local"), "access": {"enabled": True, "readers": readers}, "accessPasswords": passwords}
    with pytest.raises(settings.SettingsError, match=r"below the 75 connections .*, people 15, "):
        settings.parse(values, "local")
    values["postgres"] = {"max_connections": 75}
    assert sum(settings.parse(values, "local")[0].connection_budget().values()) == 75
    off = {**values, "access": {"enabled": False, "readers": readers}, "postgres": {"max_connections": 60}}
    assert settings.parse(off, "local")[0].connection_budget()["people"] == 0


@pytest.mark.parametrize("name", ["", "Local", "a/b", "1st", "x" * 30, "a b"])
def test_stack_names_that_are_refused(name: str) -> None:
    with pytest.raises(settings.SettingsError, match="stack name"):
        settings.parse(configuration("local"), name)


def test_logins_with_passwords_are_accepted() -> None:
    values = {
        "access": {"enabled": True, "readers": [{"name": "ana"}]},
        "accessPasswords": '{"ana": "uma-senha-longa"}',
    }
    _, secrets = settings.parse({**configuration("local"), **values}, "local")
    assert secrets.access_password("ana") == "uma-senha-longa"


def test_project_file_declares_the_settings() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    assert set(declared) == set(settings.Settings.model_fields) - {"instance"}


def test_schema_describes_every_setting() -> None:
    schema = settings.json_schema()
    expected = {*settings.Settings.model_fields, *settings.SECRETS, *settings.OPTIONAL_SECRETS}
    assert set(schema["properties"]) == expected
    for name, concern in schema["$defs"].items():
        for key, member in concern["properties"].items():
            assert member.get("description") or "pattern" in member, f"{name}.{key} has no description"


def test_version_is_the_projects() -> None:
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text()
