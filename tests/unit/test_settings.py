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
        ({"postgres": {"refresh_schedule": "hourly"}}, 'mundo:postgres.refresh_schedule is "hourly"'),
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
