"""The first run of a stack on this machine: its settings file, with generated secrets."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from ipaddress import IPv4Network
from typing import TYPE_CHECKING
from urllib import error as urllib_error
from urllib import request as urllib_request

import docker
from pulumi import automation

from components import settings as stack_settings
from ops.errors import OpsError, one_line
from ops.paths import ROOT, settings_file

if TYPE_CHECKING:
    from collections.abc import Callable

_PROBE_SECONDS = 3
_REGISTRY = "https://registry-1.docker.io/v2/"
_PLUGINS = {
    "postgresql": "https://get.pulumi.com/releases/plugins/pulumi-resource-postgresql-v3.18.2-linux-amd64.tar.gz",
    "grafana": "https://github.com/pulumiverse/pulumi-grafana/releases/latest",
}
_UNAUTHORIZED = 401


def needed(stack: str) -> bool:
    """Whether this machine has never made the settings of `stack`."""
    return not settings_file(stack).exists()


def make(stack: automation.Stack, progress: Callable[[str], None], *, side_by_side: bool = False) -> None:
    """Generates secrets and settles what is on, in the stack's settings file.

    Args:
        stack: the stack, made in the backend already.
        progress: told in one line each what was decided, and how to decide otherwise.
        side_by_side: choose a free subnet and free ports, for a stack beside others.
    """
    grafana = _reachable(_REGISTRY) and _plugin("grafana")
    access = _plugin("postgresql")
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
        turn = f"pulumi config set --stack {stack.name} --path {name}.enabled {'false' if on else 'true'}"
        progress(f"{name} is {'on' if on else 'off'} ({needs} {'answered' if on else 'cannot be reached'}); {turn} turns it")


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


def _yaml(value: bool) -> str:  # noqa: FBT001 - one value in, its text out
    return "true" if value else "false"


def _plugin(name: str) -> bool:
    """Whether the resource plugin is here or can be fetched."""
    return shutil.which(f"pulumi-resource-{name}") is not None or _reachable(_PLUGINS[name])


def _reachable(url: str) -> bool:
    """Whether `url` answers within seconds."""
    try:
        with urllib_request.urlopen(  # noqa: S310 - the addresses are the constants above
            urllib_request.Request(url, method="HEAD"), timeout=_PROBE_SECONDS  # noqa: S310
        ):
            return True
    except urllib_error.HTTPError as answer:
        return answer.code == _UNAUTHORIZED
    except (OSError, ValueError):
        return False


def free_ports() -> dict[str, int]:
    """A free port for each published one, all different."""
    held: list[socket.socket] = []
    ports: dict[str, int] = {}
    try:
        for name in stack_settings.PortsSettings.model_fields:
            holder = socket.socket()
            holder.bind(("127.0.0.1", 0))
            held.append(holder)
            ports[name] = holder.getsockname()[1]
    finally:
        for holder in held:
            holder.close()
    return ports


def free_subnet() -> IPv4Network:
    """A private /24 that no Docker network uses."""
    client = docker.from_env()
    try:
        taken = [
            IPv4Network(config["Subnet"])
            for network in client.networks.list()
            for config in (network.attrs.get("IPAM", {}).get("Config") or [])
            if ":" not in config.get("Subnet", ":")
        ]
    finally:
        client.close()
    pool = [
        subnet
        for subnet in IPv4Network("172.16.0.0/12").subnets(new_prefix=24)
        if not any(subnet.overlaps(other) for other in taken)
    ]
    if not pool:
        raise OpsError("no free /24 in 172.16.0.0/12: remove unused Docker networks (docker network prune)")
    return secrets.choice(pool)
