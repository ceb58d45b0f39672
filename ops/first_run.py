"""The first run of a stack on this machine: its settings file, with generated secrets."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from typing import TYPE_CHECKING, Any

import yaml
from pulumi import automation

from components import settings as stack_settings
from ops.errors import OpsError, one_line
from ops.free import free_ports, free_subnet
from ops.paths import ROOT, settings_file
from ops.tools import network, optional_plugins
from ops.workspace import configuration, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

# Of `key`, `mundo:key`, `key.inner`, `key[0]` and `["key"].inner`, which all name the same setting.
_FIRST_NAME = re.compile(rf"\W*(?:{stack_settings.PROJECT}:)?\W*(\w+)")


def needed(stack: str) -> bool:
    """Whether this machine has never made the settings of `stack`, or was interrupted before it wrote any."""
    return not settings_file(stack).exists() or "config" not in _written(stack)


def finish(stack: automation.Stack) -> list[str]:
    """Generates what an interrupted first run left out, or a newer version asks for; returns those secrets' names.

    A committed settings file has no `instance`: its secrets are the team's, and nothing is generated for it.
    """
    written = _written(stack.name)["config"] or {}
    prefix = f"{stack_settings.PROJECT}:"
    if f"{prefix}instance" not in written or all(f"{prefix}{key}" in written for key in stack_settings.SECRETS):
        return []
    return fill_secrets(stack)


def _written(stack: str) -> dict[str, Any]:
    """What stands in the stack's settings file."""
    path = settings_file(stack)
    try:
        written = yaml.safe_load(path.read_text()) or {}
    except yaml.YAMLError as error:
        raise OpsError(f"{path.name} is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(written, dict):
        raise OpsError(f"{path.name} holds no settings: expected a mapping with the key 'config'")
    return written


def make(stack: automation.Stack, progress: Callable[[str], None], *, side_by_side: bool = False) -> None:
    """Generates secrets and settles what is on, in the stack's settings file.

    Args:
        stack: the stack, made in the backend already.
        progress: told in one line each what was decided, and how to decide otherwise.
        side_by_side: choose a free subnet and free ports, for a stack beside others.
    """
    grafana = network.registry_answers() and optional_plugins.obtainable("grafana")
    access = optional_plugins.obtainable("postgresql")
    values = {"instance": secrets.token_hex(8), "grafana.enabled": _yaml(grafana), "access.enabled": _yaml(access)}
    if side_by_side:
        values["network.subnet"] = str(free_subnet())
        values |= {f"ports.{name}": str(port) for name, port in free_ports().items()}
    try:
        stack.set_all_config({key: automation.ConfigValue(value) for key, value in values.items()}, path=True)
        for key in stack_settings.SECRETS:
            set_secret(stack, key, secrets.token_urlsafe(24))
    except (automation.CommandError, OpsError) as error:
        settings_file(stack.name).unlink(missing_ok=True)
        raise OpsError(one_line([str(error)])) from None
    for name, on, needs in (
        ("grafana", grafana, "an image registry and the grafana plugin"),
        ("access", access, "the postgresql plugin"),
    ):
        other = "off" if on else "on"
        why = f"{needs} {'answered' if on else 'cannot be reached'}"
        how = f"make config STACK={stack.name} SET={name}.enabled={_yaml(not on)}"
        progress(f"{name} is {'on' if on else 'off'}: {why}; to turn it {other}: {how}")


def set_secret(stack: automation.Stack, key: str, value: str) -> None:
    """Sets one secret in the stack's settings file; the value goes over standard input, never a command line.

    Raises:
        OpsError: Pulumi refused.
    """
    done = subprocess.run(
        ["pulumi", "config", "set", "--secret", "--stack", stack.name, f"{stack_settings.PROJECT}:{key}"],
        input=value,
        text=True,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **stack.workspace.env_vars},
    )
    if done.returncode != 0:
        raise OpsError(one_line([done.stderr]))


def set_checked(stack: automation.Stack, key: str, value: str) -> None:
    """Sets one setting, unless the outcome would be refused; then the file stays as it was.

    Raises:
        OpsError: one line that names the key and what is allowed.
    """
    named = _FIRST_NAME.match(key)
    if named and named[1] in {*stack_settings.SECRETS, *stack_settings.OPTIONAL_SECRETS}:
        path_flag = "" if key == named[1] else "--path "
        raise OpsError(
            f"{key} is a secret: pulumi config set --secret {path_flag}--stack {stack.name} {key} asks for it"
        )
    path = settings_file(stack.name)
    before = path.read_text()
    try:
        stack.set_config(key, automation.ConfigValue(value), path=True)
        settings_of(stack)
    except (automation.CommandError, OpsError) as error:
        path.write_text(before)
        raise OpsError(one_line([str(error)])) from None


def fill_secrets(stack: automation.Stack) -> list[str]:
    """Generates the secrets that the stack's settings file lacks; returns their names.

    Raises:
        OpsError: Pulumi refused, for instance a wrong passphrase.
    """
    present = configuration(stack)
    missing = [key for key in stack_settings.SECRETS if not present.get(key)]
    for key in missing:
        set_secret(stack, key, secrets.token_urlsafe(24))
    return missing


def rotate(stack: automation.Stack, key: str) -> None:
    """Gives a secret a new generated value in the stack's settings file.

    Raises:
        OpsError: there is no such secret, or it belongs to somebody else.
    """
    if key in stack_settings.GIVEN_SECRETS:
        raise OpsError(
            f"{key} is not generated, it is given by the service it opens; with the new one at hand: "
            f"pulumi config set --secret --stack {stack.name} {stack_settings.PROJECT}:{key}"
        )
    if key in stack_settings.LASTING_SECRETS:
        raise OpsError(f"{key} keeps its value: {stack_settings.LASTING_SECRETS[key]}")
    if key not in stack_settings.SECRETS:
        raise OpsError(f"no secret '{key}'; allowed are {', '.join(stack_settings.SECRETS)}")
    set_secret(stack, key, secrets.token_urlsafe(24))


def _yaml(value: bool) -> str:  # noqa: FBT001 - one value in, its text out
    return "true" if value else "false"
