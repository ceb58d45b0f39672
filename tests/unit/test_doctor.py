"""The doctor: what it says of a machine, and that it leaves the machine as it was."""

from __future__ import annotations

import io
import socket
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from ops import doctor
from ops.doctor import State
from ops.tools import docker_engine, docker_plugin, network, optional_plugins, pulumi_cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without tools or engine, where nothing outside answers."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    nowhere = "http://127.0.0.1:9/"
    monkeypatch.setattr(pulumi_cli, "INSTALLER", nowhere)
    monkeypatch.setattr(network, "REGISTRY", nowhere)
    monkeypatch.setattr(optional_plugins, "_RELEASES", {"postgresql": nowhere, "grafana": nowhere})
    monkeypatch.setattr(doctor, "settings_file", lambda stack: tmp_path / f"Pulumi.{stack}.yaml")
    return tmp_path


def _settings(machine: Path, ports: dict[str, int]) -> None:
    lines = "".join(f"    {name}: {port}\n" for name, port in ports.items())
    (machine / "Pulumi.local.yaml").write_text(f"config:\n  mundo:ports:\n{lines}")


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    found = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return found


def test_no_engine_blocks_and_nothing_is_changed(machine: Path) -> None:
    before = sorted(machine.rglob("*"))
    text = io.StringIO()
    code = doctor.run_doctor(Console(file=text, width=200))
    assert code == 1
    assert "`make up` cannot work yet: see Docker engine" in text.getvalue()
    assert "nothing listens there; nothing can run without one" in text.getvalue()
    assert sorted(machine.rglob("*")) == before


def test_engine_that_can_be_installed_does_not_block(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_engine, "can_install", lambda: True)
    assert doctor.engine().state is State.ABSENT


def test_missing_tools_say_what_they_cost(machine: Path) -> None:
    assert "builds it (about 5 minutes, once)" in doctor.pulumi().detail
    assert "builds it (about 4 minutes, once)" in doctor.plugin_docker().detail
    assert "stay off" in doctor.plugin_grafana().detail
    assert "then comes from PyPI" in doctor.compiler().detail
    assert "debootstrap" in doctor.registry().detail
    everything = (doctor.pulumi, doctor.plugin_docker, doctor.plugin_grafana, doctor.compiler, doctor.registry)
    assert {check().state for check in everything} == {State.ABSENT}


def test_plugin_in_pulumis_folder_is_found(machine: Path) -> None:
    program = docker_plugin.plugin_folder() / "pulumi-resource-docker"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    found = doctor.plugin_docker()
    assert (found.state, found.detail) == (State.HERE, f"5.2.0: {program.parent}")


def test_port_in_use_is_named(machine: Path) -> None:
    names = ("app", "postgres", "prometheus", "alertmanager", "grafana")
    ports = dict(zip(names, _free_ports(len(names)), strict=True))
    _settings(machine, ports)
    assert doctor.ports().state is State.HERE
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports["postgres"]))
        other.listen()
        found = doctor.ports()
    assert found.state is State.BLOCKS
    assert f"in use: {ports['postgres']} by another program" in found.detail
    assert str(ports["app"]) not in found.detail


def test_settings_that_cannot_be_read_block(machine: Path) -> None:
    (machine / "Pulumi.local.yaml").write_text("config: [unfinished")
    found = doctor.ports()
    assert found.state is State.BLOCKS
    assert "Pulumi.local.yaml cannot be read" in found.detail


def test_full_disk_blocks(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_DISK_GIB", 1 << 40)
    found = doctor.disk()
    assert found.state is State.BLOCKS
    assert "are needed" in found.detail


def test_little_memory_is_said(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.memory().state is State.HERE
    monkeypatch.setattr(doctor, "_MEMORY_GIB", 1 << 40)
    assert doctor.memory().state is State.ABSENT
