"""The settings file of a stack, written by the real Pulumi CLI in a checkout of the test's own."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from components import settings as stack_settings
from ops import first_run, paths, workspace
from ops.errors import OpsError
from ops.tools import network, optional_plugins, pulumi_cli
from tests.unit.stacks import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pulumi import automation

STACK = "ops-test"
_NOWHERE = "http://127.0.0.1:9/"


@dataclass
class Checkout:
    """A folder with the project file, and the stack in it."""

    folder: Path
    stack: automation.Stack
    said: list[str]

    @property
    def file(self) -> Path:
        """The settings file."""
        return self.folder / f"Pulumi.{STACK}.yaml"

    def config(self) -> dict[str, Any]:
        """What the settings file holds, secrets as they are encrypted."""
        found: dict[str, Any] = yaml.safe_load(self.file.read_text())["config"]
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A stack as its first run leaves it, where nothing outside answers."""
    tools = pulumi_cli.find_pulumi()
    if tools is None:
        pytest.skip("there is no Pulumi CLI yet: make up or make doctor says how it comes")
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for module in (paths, workspace, first_run):
            patch.setattr(module, "ROOT", folder)
        for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
            patch.delenv(name, raising=False)
        patch.setenv("XDG_DATA_HOME", str(folder / "data"))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("PATH", os.environ["PATH"])  # `open_stack` puts the tools on it
        patch.setattr(pulumi_cli, "ensure_pulumi", lambda _: tools)
        patch.setattr(network, "REGISTRY", _NOWHERE)
        patch.setattr(optional_plugins, "obtainable", lambda _: False)
        stack = workspace.open_stack(STACK, said.append, create=True)
        first_run.make(stack, said.append, side_by_side=True)
        yield Checkout(folder, stack, said)


@pytest.fixture
def checkout(made: Checkout) -> Iterator[Checkout]:
    """The same, as it was before each test."""
    before = made.file.read_text()
    yield made
    made.file.write_text(before)


def test_first_run_leaves_settings_that_are_accepted(checkout: Checkout) -> None:
    settings, passwords = workspace.settings_of(checkout.stack)
    assert settings.instance is not None
    assert len(settings.instance) == 16
    assert (settings.grafana.enabled, settings.access.enabled) == (False, False)
    assert settings.network.subnet != stack_settings.NetworkSettings().subnet
    assert not {port for _, port in settings.ports} & {port for _, port in stack_settings.PortsSettings()}
    keys = stack_settings.SECRETS
    assert len({getattr(passwords, key).get_secret_value() for key in keys}) == len(keys)


def test_first_run_writes_no_secret_in_clear(checkout: Checkout) -> None:
    _, passwords = workspace.settings_of(checkout.stack)
    text = checkout.file.read_text()
    for key in stack_settings.SECRETS:
        assert list(checkout.config()[f"mundo:{key}"]) == ["secure"]
        assert getattr(passwords, key).get_secret_value() not in text


def test_first_run_says_what_is_off_and_how_to_turn_it_on(checkout: Checkout) -> None:
    assert checkout.said == [
        (
            "grafana is off: an image registry and the grafana plugin cannot be reached; to turn it on: "
            f"make config STACK={STACK} SET=grafana.enabled=true"
        ),
        (
            f"access is off: the postgresql plugin cannot be reached; to turn it on: make config STACK={STACK} "
            "SET=access.enabled=true"
        ),
    ]
    assert not first_run.needed(STACK)


def test_first_run_that_is_refused_leaves_no_settings(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OpsError("no entropy")

    monkeypatch.setattr(first_run, "set_secret", refused)
    with pytest.raises(OpsError, match=r"^no entropy$"):
        first_run.make(checkout.stack, lambda _: None)
    assert not checkout.file.exists()
    assert first_run.needed(STACK)


def test_setting_is_written(checkout: Checkout) -> None:
    first_run.set_checked(checkout.stack, "database.years_ahead", "12")
    first_run.set_checked(checkout.stack, "database.schedules.refresh", "30 * * * *")
    assert checkout.config()["mundo:database"] == {"years_ahead": 12, "schedules": {"refresh": "30 * * * *"}}


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("ports.app", "80", r"^Pulumi\.ops-test\.yaml: mundo:ports\.app is 80: .*greater than or equal to 1024$"),
        ("ports.web", "8080", r"^Pulumi\.ops-test\.yaml: unknown key 'mundo:ports\.web'; allowed are alertmanager, "),
        ("colour", "green", r"^Pulumi\.ops-test\.yaml: unknown key 'mundo:colour'; allowed are "),
        ("ports[", "1", r"^could not set config: invalid config key path: "),
    ],
)
def test_refused_setting_leaves_the_file_as_it_was(checkout: Checkout, key: str, value: str, expected: str) -> None:
    before = checkout.file.read_bytes()
    with pytest.raises(OpsError, match=expected):
        first_run.set_checked(checkout.stack, key, value)
    assert checkout.file.read_bytes() == before


@pytest.mark.parametrize(
    "key",
    ["redisPassword", "mundo:redisPassword", '["redisPassword"]', "redisPassword.x", "accessPasswords.ana"],
)
def test_secret_is_never_set_in_clear(checkout: Checkout, key: str) -> None:
    before = checkout.file.read_bytes()
    with pytest.raises(OpsError, match="is a secret: pulumi config set --secret "):
        first_run.set_checked(checkout.stack, key, "correct-horse-battery")
    assert checkout.file.read_bytes() == before


def test_rotation_changes_one_secret(checkout: Checkout) -> None:
    before = workspace.configuration(checkout.stack)
    first_run.rotate(checkout.stack, "redisPassword")
    after = workspace.configuration(checkout.stack)
    assert {key for key in before if before[key] != after[key]} == {"redisPassword"}
    assert after["redisPassword"] not in checkout.file.read_text()


def test_rotation_of_what_is_no_secret_is_refused(checkout: Checkout) -> None:
    with pytest.raises(OpsError, match=r"^no secret 'ports'; allowed are postgresOwnerPassword, "):
        first_run.rotate(checkout.stack, "ports")


def test_what_backups_are_encrypted_with_keeps_its_value(checkout: Checkout) -> None:
    before = checkout.file.read_bytes()
    with pytest.raises(OpsError, match="backupPassphrase keeps its value: the backups that are there are encrypted"):
        first_run.rotate(checkout.stack, "backupPassphrase")
    assert checkout.file.read_bytes() == before


def test_a_secret_of_another_service_is_neither_renewed_nor_generated(checkout: Checkout) -> None:
    before = checkout.file.read_bytes()
    with pytest.raises(
        OpsError, match=r"^smtpPassword is not generated, .*: pulumi config set --secret --stack .* mundo:"
    ):
        first_run.rotate(checkout.stack, "smtpPassword")
    assert first_run.fill_secrets(checkout.stack) == []
    assert checkout.file.read_bytes() == before


@pytest.mark.parametrize(
    "missing",
    [["redisPassword", "grafanaAdminPassword"], ["postgresIngestPassword", "importToken"]],
    ids=["interrupted", "older-version"],
)
def test_missing_secrets_are_generated_and_what_is_there_kept(checkout: Checkout, missing: list[str]) -> None:
    before = workspace.configuration(checkout.stack)
    written = yaml.safe_load(checkout.file.read_text())
    for key in missing:
        del written["config"][f"mundo:{key}"]
    checkout.file.write_text(yaml.safe_dump(written))
    with pytest.raises(OpsError, match=f"secret mundo:{missing[0]}, mundo:{missing[1]} missing"):
        workspace.settings_of(checkout.stack)
    assert first_run.finish(checkout.stack) == missing
    after = workspace.configuration(checkout.stack)
    assert {key for key in before if before[key] != after[key]} == set(missing)
    assert first_run.finish(checkout.stack) == []


@pytest.mark.parametrize("text", ["config:\n", "config: {}\n", "config:\n  mundo:protect: true\n"])
def test_settings_that_are_the_teams_are_not_finished(checkout: Checkout, text: str) -> None:
    checkout.file.write_text(text)
    assert not first_run.needed(STACK)
    assert first_run.finish(checkout.stack) == []
    assert checkout.file.read_text() == text


@pytest.mark.parametrize("text", ["", "encryptionsalt: v1:abc\n"])
def test_first_run_that_wrote_no_settings_is_needed_again(checkout: Checkout, text: str) -> None:
    checkout.file.write_text(text)
    assert first_run.needed(STACK)


@pytest.mark.parametrize("text", ["config: [unfinished", "- a list\n"])
def test_settings_that_cannot_be_read_are_one_line(checkout: Checkout, text: str) -> None:
    checkout.file.write_text(text)
    with pytest.raises(OpsError, match=r"^Pulumi\.ops-test\.yaml (is no YAML|holds no settings): [^\n]+$"):
        first_run.needed(STACK)


def test_wrong_passphrase_is_one_line_and_changes_nothing(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = checkout.folder / "wrong"
    wrong.write_text("not the one\n")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(wrong))
    stack = workspace.open_stack(STACK, lambda _: None, create=False)
    before = checkout.file.read_bytes()
    for attempt in (
        lambda: workspace.settings_of(stack),
        lambda: first_run.rotate(stack, "redisPassword"),
        lambda: first_run.set_checked(stack, "ports.app", "8099"),
    ):
        with pytest.raises(OpsError, match=r"^wrong passphrase: "):
            attempt()
    assert checkout.file.read_bytes() == before


def test_stack_that_is_not_there_says_how_to_make_it(made: Checkout) -> None:
    with pytest.raises(OpsError, match=r"^there is no stack 'other' here \(no Pulumi\.other\.yaml\): make up"):
        workspace.open_stack("other", lambda _: None, create=False)


def test_stack_with_settings_that_never_was_up_says_how(made: Checkout) -> None:
    (made.folder / "Pulumi.never.yaml").write_text("config: {}\n")
    with pytest.raises(OpsError, match=r"^stack 'never' is not up: make up STACK=never$"):
        workspace.open_stack("never", lambda _: None, create=False)


@pytest.mark.parametrize("name", ["Local", "9lives", "a" * 26, "a_b", "", "../x"])
def test_stack_name_that_is_not_allowed(made: Checkout, name: str) -> None:
    with pytest.raises(OpsError, match=r"allowed are lower-case letters, digits and '-', at most 25, a letter first$"):
        workspace.open_stack(name, lambda _: None, create=True)
