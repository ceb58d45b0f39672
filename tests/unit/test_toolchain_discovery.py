"""Which Pulumi CLI is used: the order, with executables made up for a PATH of the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.paths import ROOT
from ops.tools import ToolError, cache, docker_plugin, go, pulumi_cli

FAKE_PULUMI = """#!/bin/sh
case $1 in
version) echo v{version} ;;
plugin)
    target=$PULUMI_HOME/plugins/resource-docker-v5.2.0
    mkdir -p "$target"
    while [ $# -gt 1 ]; do [ "$1" = --file ] && cp "$2" "$target/pulumi-resource-docker"; shift; done
    ;;
esac
"""
FAKE_GO = """#!/bin/sh
if [ "$1" = env ]; then echo go{go_version}; exit; fi
echo "$PWD $CGO_ENABLED $*" >>{log}
{before}
while [ $# -gt 1 ]; do [ "$1" = -o ] && target=$2; shift; done
echo some/package
cp {pulumi} "$target"
"""


def _executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a shell and no tools, where nothing outside answers."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    monkeypatch.setattr(pulumi_cli, "INSTALLER", "http://127.0.0.1:9/install.sh")
    monkeypatch.setattr(docker_plugin, "_RELEASES", "http://127.0.0.1:9/plugin")
    monkeypatch.setattr(go, "_SECONDS_BETWEEN_LINES", 0.1)
    return tmp_path


def _cli(folder: Path, version: str, *, host: bool = True) -> Path:
    if host:
        _executable(folder / pulumi_cli.LANGUAGE_HOST, "#!/bin/sh\n")
    return _executable(folder / "pulumi", FAKE_PULUMI.format(version=version))


def _go(machine: Path, *, version: str = "99.0.0", before: str = "") -> Path:
    log = machine / "go.log"
    built = _executable(machine / "built", FAKE_PULUMI.format(version=pulumi_cli.VERSION))
    _executable(machine / "path" / "go", FAKE_GO.format(go_version=version, log=log, pulumi=built, before=before))
    return log


@pytest.mark.parametrize("version", ["3.200.0", "3.274.1", "3.999.0-alpha.1"])
def test_fitting_cli_on_path(machine: Path, version: str) -> None:
    _cli(machine / "path", version)
    found = pulumi_cli.find_pulumi()
    assert found is not None
    assert (found.bin_dir, found.version, found.origin) == (machine / "path", version, "found on PATH")


@pytest.mark.parametrize("version", ["3.199.9", "2.25.0", "4.0.0", "nonsense"])
def test_unfitting_cli_on_path(machine: Path, version: str) -> None:
    _cli(machine / "path", version)
    assert pulumi_cli.find_pulumi() is None


def test_cli_without_language_host_does_not_fit(machine: Path) -> None:
    _cli(machine / "path", "3.250.0", host=False)
    assert pulumi_cli.find_pulumi() is None


def test_language_host_beside_a_linked_cli_counts(machine: Path) -> None:
    real = _cli(machine / "opt", "3.250.0")
    (machine / "path").mkdir()
    (machine / "path" / "pulumi").symlink_to(real)
    found = pulumi_cli.find_pulumi()
    assert found is not None
    assert found.bin_dir == machine / "path"


def test_looking_changes_nothing(machine: Path) -> None:
    before = sorted(machine.rglob("*"))
    assert pulumi_cli.find_pulumi() is None
    assert docker_plugin.find_plugin() is None
    assert sorted(machine.rglob("*")) == before


def test_release_in_the_cache_before_a_built_one(machine: Path) -> None:
    release = cache.toolchain_folder() / f"pulumi-{pulumi_cli.VERSION}" / "bin"
    _cli(release, pulumi_cli.VERSION)
    _cli(cache.toolchain_folder() / pulumi_cli._key(), pulumi_cli.VERSION)
    found = pulumi_cli.find_pulumi()
    assert found is not None
    assert found.bin_dir == release
    (release / pulumi_cli.LANGUAGE_HOST).unlink()  # half an installation is none
    found = pulumi_cli.find_pulumi()
    assert found is not None
    assert found.origin == "built from Go modules"


def test_everything_is_built_once_and_then_found(machine: Path) -> None:
    log = _go(machine)
    lines: list[str] = []
    tools = pulumi_cli.ensure_pulumi(lines.append)
    assert tools.origin == "built from Go modules"
    assert {file.name for file in tools.bin_dir.iterdir()} == {
        "pulumi",
        "pulumi-language-python",
        "pulumi-resource-pulumi-python",
        "language_host.py",
    }
    assert docker_plugin.find_plugin() == machine / "pulumi/plugins/resource-docker-v5.2.0/pulumi-resource-docker"
    built = log.read_text().splitlines()
    assert [Path(line.split()[0]).name for line in built] == ["pulumi_cli", "docker_plugin"]
    assert all(line.split()[1:3] == ["0", "build"] and "-trimpath" in line for line in built)
    assert any("compiling the Pulumi CLI" in line for line in lines)

    lines.clear()
    assert pulumi_cli.ensure_pulumi(lines.append) == tools
    assert log.read_text().splitlines() == built
    assert lines == []


def test_own_plugin_of_other_sources_is_built_anew(machine: Path) -> None:
    log = _go(machine)
    pulumi_cli.ensure_pulumi(lambda _: None)
    (docker_plugin.plugin_folder() / "built-from").write_text("0" * 16)
    assert docker_plugin.find_plugin() is None
    pulumi_cli.ensure_pulumi(lambda _: None)
    assert docker_plugin.find_plugin() is not None
    assert [Path(line.split()[0]).name for line in log.read_text().splitlines()][2:] == ["docker_plugin"]


def test_released_plugin_is_left_alone(machine: Path) -> None:
    log = _go(machine)
    released = _executable(docker_plugin.plugin_folder() / "pulumi-resource-docker", "released")
    pulumi_cli.ensure_pulumi(lambda _: None)
    assert released.read_text() == "released"
    assert len(log.read_text().splitlines()) == 1


def test_old_go_is_not_used(machine: Path) -> None:
    _go(machine, version="1.19.8")
    found = go.find_go()
    assert found.path is None
    assert go._numbers(found.version) >= go.needed_version()


def test_failed_build_is_one_line_and_leaves_nothing(machine: Path) -> None:
    _go(machine, before="echo 'x.go:3:1: undefined: y' >&2; exit 1")
    with pytest.raises(
        ToolError, match=r"^the Pulumi CLI could not be built: x\.go:3:1: undefined: y \(all of it: .*\)$"
    ):
        pulumi_cli.ensure_pulumi(lambda _: None)
    assert pulumi_cli.find_pulumi() is None
    assert [entry.name for entry in cache.toolchain_folder().iterdir() if entry.is_dir()] == []


def test_no_room_is_said_before_anything_is_built(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = _go(machine)
    monkeypatch.setattr(go, "_BYTES_NEEDED", 1 << 60)
    with pytest.raises(ToolError, match=r"GiB of free disk at .*cache"):
        pulumi_cli.ensure_pulumi(lambda _: None)
    assert not log.exists()


ENSURE = """
import sys
from ops.tools import docker_plugin, pulumi_cli
pulumi_cli._INSTALLER = docker_plugin._RELEASES = "http://127.0.0.1:9/"
print(pulumi_cli.ensure_pulumi(lambda line: print(line, flush=True)).bin_dir)
"""


def _ensure() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ENSURE],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def test_two_runs_at_once_build_once(machine: Path) -> None:
    log = _go(machine, before="sleep 1")
    runs = [_ensure(), _ensure()]
    said = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    assert said[0].splitlines()[-1] == said[1].splitlines()[-1]
    assert len(log.read_text().splitlines()) == 2


def test_killed_build_leaves_nothing_that_counts(machine: Path) -> None:
    log = _go(machine, before="sleep 600")
    run = _ensure()
    deadline = time.monotonic() + 60
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert log.exists()
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert pulumi_cli.find_pulumi() is None
    _go(machine)
    tools = pulumi_cli.ensure_pulumi(lambda _: None)
    assert tools.version == pulumi_cli.VERSION
    assert not list(cache.toolchain_folder().glob(".*.*"))
