"""Asks the engine what it would make of a stack's settings: the real CLI, an empty backend, and no change anywhere."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from components import settings as stack_settings
from components.configuration import raw
from ops import workspace
from ops.errors import OpsError, one_line
from ops.paths import ROOT
from ops.policies.planned import Planned, resources
from ops.tools import optional_plugins, pulumi_cli

FIRST_RUN = "local"
"""The stack whose settings are made on each machine; what is checked is a first run's, not this machine's own."""
_PLUGINS = {"grafana": "grafana", "access": "postgresql"}
_SECONDS = 600


def stacks() -> list[str]:
    """Every stack whose settings are committed, and the one of a first run."""
    committed = [path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml")]
    return sorted({FIRST_RUN, *(name for name in committed if not _made_here(name))})


def ask(stack: str) -> Planned:
    """What the engine would make of the stack, were nothing there yet.

    Secrets are made up for it, since those of a committed stack are its team's. A setting whose plugin cannot be had
    here is turned off, and said.

    Raises:
        OpsError: there is no such stack, or the preview failed.
    """
    if stack not in stacks():
        raise OpsError(f"STACK={stack}: policies look at {', '.join(stacks())}")
    values = _settings(stack)
    left_out = []
    for setting, plugin in _PLUGINS.items():
        if not optional_plugins.obtainable(plugin):
            values[setting] = {"enabled": False}
            left_out.append(f"{setting}: the {plugin} plugin cannot be reached from here")
    made_up = {key: secrets.token_urlsafe(24) for key in stack_settings.SECRETS}
    values |= made_up
    settings, _ = stack_settings.parse(values, stack)
    return Planned(
        name=stack,
        resources=resources(_preview(stack, values)),
        secrets=tuple(made_up.values()),
        bind_address=str(settings.network.bind_address),
        protects=settings.protect,
        left_out=tuple(left_out),
    )


def _made_here(stack: str) -> bool:
    """Whether the stack's settings were made on this machine: a first run gives them an instance."""
    return stack == FIRST_RUN or "instance" in _written(stack)


def _settings(stack: str) -> dict[str, Any]:
    return {"instance": secrets.token_hex(8)} if stack == FIRST_RUN else _written(stack)


def _written(stack: str) -> dict[str, Any]:
    return raw((yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text()) or {}).get("config") or {})


def _preview(stack: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of a preview in a project of its own, whose program is this checkout's."""
    with tempfile.TemporaryDirectory(prefix="mundo-policies-") as name:
        folder = Path(name)
        (folder / "state").mkdir()
        project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
        project["main"] = str(ROOT)
        # The virtual environment is looked for beside the program's folder.
        project["runtime"] = {"name": "python", "options": {}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        config = {f"{stack_settings.PROJECT}:{key}": value for key, value in values.items()}
        (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}))
        environment = {
            **os.environ,
            **workspace.environment(pulumi_cli.ensure_pulumi(lambda _: None)),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": secrets.token_urlsafe(24),
        }
        environment.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
        _pulumi(["stack", "init", stack], folder, environment)
        return list(json.loads(_pulumi(["preview", "--stack", stack, "--json"], folder, environment))["steps"])


def _pulumi(words: list[str], folder: Path, environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            ["pulumi", *words, "--non-interactive"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OpsError(f"pulumi {words[0]} did not end within {_SECONDS} s") from None
    if done.returncode != 0:
        raise OpsError(one_line([*_diagnostics(done.stdout), done.stderr]))
    return done.stdout


def _diagnostics(printed: str) -> list[str]:
    """The errors in what `preview --json` printed; it fails without a word on standard error."""
    try:
        told = json.loads(printed).get("diagnostics") or []
    except ValueError:
        return []
    return [one["message"] for one in told if one.get("severity") == "error"]
