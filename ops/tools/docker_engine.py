"""The Docker engine: the one that answers, else on Debian as root one that is installed and started here."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException

from ops.tools import ToolError, debian, network

if TYPE_CHECKING:
    from collections.abc import Callable

_ANSWER_SECONDS = 5
_START_SECONDS = 60
_SOCKET = Path("/var/run/docker.sock")
_LOG = Path("/var/log/mundo-dockerd.log")
_GUIDE = "https://docs.docker.com/engine/install/"


@dataclass(frozen=True)
class EngineInfo:
    """An engine that answers.

    Attributes:
        address: where, such as `unix:///var/run/docker.sock`.
        version: the engine's version.
        started_here: whether this call started it.
    """

    address: str
    version: str
    started_here: bool = False


def address() -> str:
    """Where the engine is expected: `DOCKER_HOST` where that is set."""
    return os.environ.get("DOCKER_HOST") or f"unix://{_SOCKET}"


def find_engine() -> EngineInfo | None:
    """The engine, where one answers; changes nothing."""
    found = _ask()
    return found if isinstance(found, EngineInfo) else None


def why_none() -> str:
    """Why no engine answers, in a few words; empty where one does."""
    found = _ask()
    return "" if isinstance(found, EngineInfo) else found


def can_install() -> bool:
    """Whether `ensure_engine` would install and start one: as root on Debian, and no DOCKER_HOST says where it is."""
    return not os.environ.get("DOCKER_HOST") and os.geteuid() == 0 and debian.is_here()


def ensure_engine(progress: Callable[[str], None]) -> EngineInfo:
    """Have an engine that answers; one that is installed or started here is left running.

    Args:
        progress: told what is done, one line at a time.

    Raises:
        ToolError: there is none and none can be had here, in one line that says why and what to do.
    """
    found = _ask()
    if isinstance(found, EngineInfo):
        _have_debootstrap(progress)
        return found
    if os.environ.get("DOCKER_HOST"):
        raise ToolError(f"no Docker engine answers at DOCKER_HOST={os.environ['DOCKER_HOST']}: {found}")
    if os.geteuid() != 0:
        raise ToolError(f"no Docker engine answers at {address()} ({found}): install and start one, see {_GUIDE}")
    if not debian.is_here():
        raise ToolError(f"no Docker engine answers, and only on Debian and Ubuntu is one installed here: see {_GUIDE}")
    if shutil.which("dockerd") is None:
        debian.install(["docker.io", "debootstrap", *_client_package()], progress)
    _have_debootstrap(progress)
    return _wait(_start(progress), progress)


def _ask() -> EngineInfo | str:
    """The engine, or why there is none."""
    try:
        client = docker.from_env(timeout=_ANSWER_SECONDS, environment={**os.environ, "DOCKER_HOST": address()})
        try:
            version = str(client.version()["Version"])
        finally:
            client.close()
    except (DockerException, OSError, KeyError, ValueError) as error:
        text = str(error)
        if "Permission denied" in text or "PermissionError" in text:
            return f"this user may not use it: add {os.environ.get('USER', 'the user')} to the group 'docker'"
        if "FileNotFoundError" in text or "No such file" in text:
            return "nothing listens there"
        if "Connection refused" in text or "ConnectionRefusedError" in text:
            return "the connection is refused"
        return text.splitlines()[0] if text else "it gives no answer"
    return EngineInfo(address(), version)


def _client_package() -> list[str]:
    """The package of the `docker` command, where it is apart from the engine's (Debian 13 on)."""
    shown = subprocess.run(["apt-cache", "show", "docker-cli"], capture_output=True, check=False)
    return ["docker-cli"] if shown.returncode == 0 else []


def _have_debootstrap(progress: Callable[[str], None]) -> None:
    """Install debootstrap where it will be needed: it makes the base image where no registry answers."""
    if (
        shutil.which("debootstrap") is None
        and os.geteuid() == 0
        and debian.is_here()
        and not network.registry_answers()
    ):
        debian.install(["debootstrap"], progress)


def _log() -> Path:
    return _LOG if os.access(_LOG.parent, os.W_OK) else Path.home() / _LOG.name


def _start(progress: Callable[[str], None]) -> subprocess.Popen[bytes] | None:
    """Start the engine: by systemd, which keeps its process, or directly; gives the process in that case."""
    progress("starting the Docker engine")
    if Path("/run/systemd/system").is_dir():
        done = subprocess.run(["systemctl", "start", "docker"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            raise ToolError(f"systemctl start docker failed: {said[-1]} (journalctl -u docker says more)")
        return None
    log = os.open(_log(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        # In a session of its own: it outlives this command and its terminal.
        return subprocess.Popen(
            ["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )
    finally:
        os.close(log)


def _wait(engine: subprocess.Popen[bytes] | None, progress: Callable[[str], None]) -> EngineInfo:
    began = time.monotonic()
    told = began
    while time.monotonic() - began < _START_SECONDS:
        found = _ask()
        if isinstance(found, EngineInfo):
            return EngineInfo(found.address, found.version, started_here=True)
        if time.monotonic() - told > _ANSWER_SECONDS:
            told = time.monotonic()
            progress("waiting for the Docker engine")
        if engine is not None and engine.poll() is not None:
            raise ToolError(f"the Docker engine ended at its start: {_last_log_line()} (all of it: {_log()})")
        time.sleep(0.3)
    raise ToolError(
        f"the Docker engine did not start within {_START_SECONDS} s: {_last_log_line()} (all of it: {_log()})"
    )


def _last_log_line() -> str:
    try:
        lines = _log().read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "it wrote no log"
