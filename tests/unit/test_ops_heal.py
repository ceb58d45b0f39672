"""Locks and state that an interrupted update left; processes and files are real, the stack's state is a fake's."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pulumi import automation

from ops import heal
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import docker

STACK = "ops-test"


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file backend of the test's own; its folder of locks."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    folder = tmp_path / "state/.pulumi/locks/organization/mundo" / STACK
    folder.mkdir(parents=True)
    return folder


def _lock(folder: Path, pid: int, host: str | None = None) -> Path:
    path = folder / f"{pid}.json"
    owner = {
        "pid": pid,
        "username": "ana",
        "hostname": host or socket.gethostname(),
        "timestamp": "2026-01-02T03:04:05Z",
    }
    path.write_text(json.dumps(owner))
    return path


@pytest.fixture
def pulumi(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is called `pulumi`."""
    program = tmp_path / "pulumi"
    shutil.copy(str(shutil.which("sleep")), program)
    with subprocess.Popen([program, "60"]) as process:
        yield process
        process.kill()


def _dead() -> int:
    with subprocess.Popen(["true"]) as process:
        process.wait()
        return process.pid


def test_lock_of_a_dead_process_is_cleared_and_said(backend: Path) -> None:
    pid = _dead()
    path = _lock(backend, pid)
    said: list[str] = []
    heal.clear_locks(STACK, said.append)
    assert not path.exists()
    assert said == [f"cleared the lock of an interrupted update (process {pid} is gone)"]


def test_lock_whose_number_another_program_has_by_now_is_cleared(backend: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        path = _lock(backend, other.pid)
        heal.clear_locks(STACK, lambda _: None)
        assert not path.exists()
        assert other.poll() is None
        other.kill()


def test_lock_of_a_killed_process_that_nobody_reaped_is_cleared(
    backend: Path, pulumi: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heal, "_WAIT_SECONDS", 3)
    path = _lock(backend, pulumi.pid)
    pulumi.kill()
    heal.clear_locks(STACK, lambda _: None)
    assert not path.exists()


def test_lock_that_was_cut_off_while_it_was_written_is_cleared(backend: Path) -> None:
    path = backend / "half.json"
    path.write_text('{"pid": 4')
    heal.clear_locks(STACK, lambda _: None)
    assert not path.exists()


def test_living_update_is_waited_for_and_its_lock_kept(backend: Path, tmp_path: Path) -> None:
    program = tmp_path / "pulumi"
    program.write_text('#!/bin/sh\nuntil [ -e "$1" ]; do sleep 0.1; done\nsleep 1\nrm "$1"\n')
    program.chmod(0o755)
    said: list[str] = []
    with subprocess.Popen([program, str(backend / "lock.json")]) as process:
        _lock(backend, process.pid).rename(backend / "lock.json")
        began = time.monotonic()
        heal.clear_locks(STACK, said.append)
        assert time.monotonic() - began > 0.5
    # `rm` fails where its file had been cleared from under the living process.
    assert process.returncode == 0
    assert said == [f"another update of '{STACK}' is running (process {process.pid}); waiting for its end"]


def test_living_update_that_does_not_end_is_a_refusal(
    backend: Path, pulumi: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heal, "_WAIT_SECONDS", 0)
    path = _lock(backend, pulumi.pid)
    with pytest.raises(OpsError, match=f"being updated by process {pulumi.pid}: wait for its end, then again"):
        heal.clear_locks(STACK, lambda _: None)
    assert path.exists()


def test_lock_of_another_host_is_a_refusal(backend: Path) -> None:
    path = _lock(backend, _dead(), host="barn-computer")
    with pytest.raises(OpsError, match=f"^stack '{STACK}' is being updated from host barn-computer: wait for its end$"):
        heal.clear_locks(STACK, lambda _: None)
    assert path.exists()


def test_locks_of_other_stacks_stay(backend: Path) -> None:
    other = backend.parent / "other"
    other.mkdir()
    path = _lock(other, _dead())
    heal.clear_locks(STACK, lambda _: None)
    assert path.exists()


@pytest.mark.parametrize("url", ["file://~/state", "file://{home}/state?no_tmp_dir=true"])
def test_every_spelling_of_a_file_backend_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    home = tmp_path / "ana~home"
    folder = home / "state/.pulumi/locks/organization/mundo" / STACK
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PULUMI_BACKEND_URL", url.format(home=home))
    path = _lock(folder, _dead())
    heal.clear_locks(STACK, lambda _: None)
    assert not path.exists()


def test_backend_that_is_no_folder_is_left_alone(backend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _lock(backend, _dead())
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://farm-state")
    heal.clear_locks(STACK, lambda _: None)
    assert path.exists()


@dataclass
class FakeStack:
    """A stack that is nothing but its state."""

    deployment: dict[str, Any] | None
    name: str = STACK
    imported: list[automation.Deployment] = field(default_factory=list)

    def export_stack(self) -> automation.Deployment:
        """The state."""
        return automation.Deployment(version=3, deployment=self.deployment)

    def import_stack(self, state: automation.Deployment) -> None:
        """Keeps what would be written."""
        self.imported.append(state)


def _ids(stack: FakeStack, said: list[str]) -> list[str]:
    return [resource.get("id", "") for resource in heal.settled(cast("automation.Stack", stack), said.append)]


def test_pending_operations_leave_state_and_the_rest_stays() -> None:
    resources = [{"urn": "urn:a", "id": "c1"}, {"urn": "urn:b"}]
    manifest = {"version": "v3.274.1"}
    pending = [{"type": "creating", "resource": {"urn": "urn:c"}}] * 2
    stack = FakeStack({"manifest": manifest, "resources": resources, "pending_operations": pending})
    said: list[str] = []
    assert _ids(stack, said) == ["c1", ""]
    (written,) = stack.imported
    assert written.version == 3
    assert written.deployment == {"manifest": manifest, "resources": resources, "pending_operations": []}
    assert said == ["2 operations of an interrupted update are begun anew"]


@pytest.mark.parametrize("deployment", [None, {}, {"resources": None}, {"resources": [], "pending_operations": None}])
def test_whole_state_is_not_written(deployment: dict[str, Any] | None) -> None:
    stack = FakeStack(deployment)
    said: list[str] = []
    assert _ids(stack, said) == []
    assert (stack.imported, said) == ([], [])


def test_containers_that_the_engine_has_no_longer_are_missing() -> None:
    kind = "docker:index/container:Container"
    stack = FakeStack(
        {
            "resources": [
                {"urn": "urn:there", "type": kind, "id": "c1", "outputs": {"name": "mundo-x-postgres"}},
                {"urn": "urn:gone", "type": kind, "id": "c2", "outputs": {"name": "mundo-x-catalog"}},
                {"urn": "urn:volume", "type": "docker:index/volume:Volume", "id": "v1"},
                {"urn": "urn:parent", "type": "mundo:database:Database"},
            ]
        }
    )
    engine = SimpleNamespace(containers=SimpleNamespace(list=lambda **_: [SimpleNamespace(id="c1")]))
    state = heal.resources(cast("automation.Stack", stack))
    found = heal.missing_containers(cast("docker.DockerClient", engine), state)
    assert found == {"urn:gone": "mundo-x-catalog"}
