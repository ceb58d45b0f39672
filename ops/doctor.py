"""What a machine has, what it lacks, and what each lacking thing costs; changes nothing."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from rich.table import Table

from components.settings import PortsSettings
from ops import engine_objects
from ops.errors import OpsError
from ops.free import can_bind
from ops.paths import ROOT, settings_file
from ops.tools import cache, docker_engine, docker_plugin, go, network, optional_plugins, pulumi_cli

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

_PROBE_SECONDS = 3
_DISK_GIB = 6
_MEMORY_GIB = 3


class State(Enum):
    """How one thing stands."""

    HERE = "[green]here[/green]"
    ABSENT = "[yellow]absent[/yellow]"
    BLOCKS = "[red]blocks[/red]"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's table.

    Attributes:
        thing: what was looked for.
        state: whether it is here; `BLOCKS` where `make up` cannot work without it.
        detail: what was found, or what the absence costs and what helps.
    """

    thing: str
    state: State
    detail: str


def run_doctor(console: Console) -> int:
    """Print what is there, what is missing and what each missing thing costs; 0 where `make up` can work, else 1."""
    checks: tuple[Callable[[], Finding], ...] = (
        python_environment,
        engine,
        pulumi,
        plugin_docker,
        plugin_postgresql,
        plugin_grafana,
        registry,
        debootstrap,
        compiler,
        disk,
        memory,
        ports,
    )
    with ThreadPoolExecutor(max_workers=len(checks)) as pool:
        findings = list(pool.map(lambda check: check(), checks))
    table = Table(title=f"Mundo Virtual on {platform.node()}", title_justify="left")
    table.add_column("what", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("what it means")
    for finding in findings:
        table.add_row(finding.thing, finding.state.value, finding.detail)
    console.print(table, highlight=False, soft_wrap=False)
    blocking = [finding.thing for finding in findings if finding.state is State.BLOCKS]
    if blocking:
        console.print(f"`make up` cannot work yet: see {', '.join(blocking)} above", highlight=False)
        return 1
    console.print("`make up` can work here", highlight=False)
    return 0


def python_environment() -> Finding:
    """Whether the Python environment is the locked one."""
    thing = "Python environment"
    version = platform.python_version()
    stamp = Path(sys.prefix) / ".mundo-lock"
    locked = hashlib.sha256((ROOT / "requirements" / "dev.txt").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text().strip() == locked:
        return Finding(thing, State.HERE, f"Python {version}, as requirements/dev.txt locks it")
    return Finding(thing, State.ABSENT, f"Python {version}, not as locked: the next `make` command mends it (a minute)")


def engine() -> Finding:
    """Whether a Docker engine answers, or `make up` could start one."""
    found = docker_engine.find_engine()
    if found is not None:
        return Finding("Docker engine", State.HERE, f"{found.version} at {found.address}")
    why = f"{docker_engine.address()}: {docker_engine.why_none()}"
    if docker_engine.can_install():
        return Finding("Docker engine", State.ABSENT, f"{why}; `make up` installs and starts one (a minute)")
    return Finding("Docker engine", State.BLOCKS, f"{why}; nothing can run without one")


def pulumi() -> Finding:
    """Whether there is a fitting Pulumi CLI."""
    found = pulumi_cli.find_pulumi()
    if found is not None:
        return Finding("Pulumi CLI", State.HERE, f"{found.version}, {found.origin}: {found.bin_dir}")
    if network.answers(pulumi_cli.INSTALLER, _PROBE_SECONDS):
        return Finding("Pulumi CLI", State.ABSENT, "`make up` downloads it (seconds)")
    return Finding("Pulumi CLI", State.ABSENT, f"`make up` builds it (about {pulumi_cli.RECIPE.minutes} minutes, once)")


def plugin_docker() -> Finding:
    """Whether Pulumi's docker plugin is there."""
    thing = "plugin docker"
    found = docker_plugin.find_plugin()
    if found is not None:
        return Finding(thing, State.HERE, f"{docker_plugin.VERSION}: {found.parent}")
    if network.answers(pulumi_cli.INSTALLER, _PROBE_SECONDS):
        return Finding(thing, State.ABSENT, "`make up` downloads it (seconds)")
    return Finding(thing, State.ABSENT, f"`make up` builds it (about {docker_plugin.RECIPE.minutes} minutes, once)")


def plugin_postgresql() -> Finding:
    """Whether the plugin that the setting `access` needs is there or can be fetched."""
    return _optional_plugin("postgresql", "people's and tools' logins and grants (`access`) stay off")


def plugin_grafana() -> Finding:
    """Whether the plugin that the setting `grafana` needs is there or can be fetched."""
    return _optional_plugin("grafana", "Grafana and its dashboards (`grafana`) stay off")


def registry() -> Finding:
    """Whether an image registry answers."""
    if network.registry_answers(_PROBE_SECONDS):
        return Finding("image registry", State.HERE, "answers: the Debian base image is pulled")
    cost = "does not answer: the base image is made with debootstrap (a minute, once), and Grafana cannot run"
    return Finding("image registry", State.ABSENT, cost)


def debootstrap() -> Finding:
    """Whether a base image can be made without a registry."""
    if shutil.which("debootstrap"):
        return Finding("debootstrap", State.HERE, "makes the base image where no registry answers")
    if network.registry_answers(_PROBE_SECONDS):
        return Finding("debootstrap", State.ABSENT, "costs nothing: a registry answers")
    if docker_engine.can_install():
        return Finding("debootstrap", State.ABSENT, "`make up` installs it with apt-get (seconds)")
    return Finding("debootstrap", State.ABSENT, "images cannot be built from nothing: apt-get install debootstrap")


def compiler() -> Finding:
    """Whether there is a Go that can build the CLI and the plugin."""
    found = go.find_go()
    if found.path is not None:
        return Finding("Go", State.HERE, f"{found.version}: {found.path}")
    if pulumi_cli.find_pulumi() and docker_plugin.find_plugin():
        return Finding("Go", State.ABSENT, "costs nothing: there is nothing left to build")
    return Finding(
        "Go", State.ABSENT, f"needed only to build: Go {found.version} then comes from PyPI for the build alone"
    )


def disk() -> Finding:
    """Whether there is room for images, data and builds."""
    folder = cache.toolchain_folder()
    while not folder.exists():
        folder = folder.parent
    free = {str(place): shutil.disk_usage(place).free / 2**30 for place in (folder, Path("/var/lib"))}
    least = min(free, key=lambda place: free[place])
    detail = f"{free[least]:.0f} GiB free at {least}"
    if free[least] >= _DISK_GIB:
        return Finding("disk", State.HERE, detail)
    state = State.BLOCKS if free[least] < _DISK_GIB / 2 else State.ABSENT
    return Finding("disk", state, f"{detail}: {_DISK_GIB} GiB are needed to build everything, half of that to run")


def memory() -> Finding:
    """Whether there is memory for the whole platform."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if total >= _MEMORY_GIB:
        return Finding("memory", State.HERE, f"{total:.0f} GiB")
    return Finding(
        "memory", State.ABSENT, f"{total:.1f} GiB: below {_MEMORY_GIB} GiB containers may be ended by the system"
    )


def ports() -> Finding:
    """Whether the ports of the stack `local` are free or its own."""
    thing = "ports of `local`"
    try:
        wanted = _local_ports()
    except (OSError, ValueError, TypeError, yaml.YAMLError):
        return Finding(thing, State.BLOCKS, f"{settings_file('local').name} cannot be read as settings: mend its ports")
    holders: dict[int, str] = {}
    if docker_engine.find_engine() is not None:
        try:
            client = engine_objects.client()
        except OpsError:
            client = None
        if client is not None:
            holders = dict(engine_objects.published(client))
            client.close()
    taken = {
        port: holders.get(port, "another program")
        for port in wanted.values()
        if not holders.get(port, "").startswith("mundo-local-") and (port in holders or not can_bind("127.0.0.1", port))
    }
    if taken:
        told = ", ".join(f"{port} by {holder}" for port, holder in sorted(taken.items()))
        return Finding(thing, State.BLOCKS, f"in use: {told}; free them or `make config SET=ports.NAME=PORT`")
    return Finding(thing, State.HERE, f"{', '.join(map(str, sorted(wanted.values())))}: free, or the stack's own")


def _local_ports() -> dict[str, int]:
    """The ports that the stack `local` publishes: those of its settings file, else the defaults."""
    path = settings_file("local")
    config = (yaml.safe_load(path.read_text()) or {}).get("config", {}) if path.exists() else {}
    wanted = PortsSettings.model_validate(config.get("mundo:ports") or {}).model_dump()
    grafana = (config.get("mundo:grafana") or {}).get("enabled", False)
    return {name: port for name, port in wanted.items() if name != "grafana" or grafana is True}


def _optional_plugin(name: str, cost: str) -> Finding:
    thing = f"plugin {name}"
    if found := optional_plugins.installed(name):
        return Finding(thing, State.HERE, str(found))
    if optional_plugins.downloadable(name):
        return Finding(thing, State.HERE, "not installed yet; Pulumi downloads it when it is needed")
    return Finding(thing, State.ABSENT, f"cannot be downloaded here: {cost}")
