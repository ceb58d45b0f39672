"""Service: one long-running program, declared once, whatever machine it is put on.

A placement (`components/placement/`) turns the declaration into a container, into a Swarm service, or, in a test, into
a testcontainers container.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - dataclass fields are read at run time by the tests
from dataclasses import dataclass, field
from typing import Any

FILES_MOUNT = "/run/mundo"
"""Where a service finds what it is handed: `config/` (mode 0444) and `secrets/` (mode 0400)."""


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port of the container, published on the host."""

    container: int
    host: int


@dataclass(frozen=True, kw_only=True)
class DataVolume:
    """A named volume. What holds data is protected where the stack's settings say so."""

    name: str
    path: str
    holds_data: bool = True


@dataclass(frozen=True, kw_only=True)
class SharedVolume:
    """A named volume of another service, which declares it."""

    service: str
    name: str
    path: str
    read_only: bool = False


@dataclass(frozen=True, kw_only=True)
class HostPath:
    """A folder of the machine that the service may read, and nothing more."""

    host: str
    path: str


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A command in the container that exits 0 while the service does its work; times in seconds.

    Each check starts a process in the container, and whatever waits for the service waits for a check: the interval
    weighs one against the other.
    """

    command: tuple[str, ...]
    interval: int = 5
    timeout: int = 3
    retries: int = 6
    start_period: int = 30


@dataclass(frozen=True, kw_only=True)
class Service:
    """One long-running program.

    Attributes:
        name: `postgres`, `redis-1`, …; the container is `mundo-STACK-NAME`.
        component: which component it belongs to (label `mundo.component`).
        image: name of a folder in `images/`, or a full reference with a tag for an image from a registry.
        user: numeric uid, also the gid, that it runs as and that owns its files.
        host_number: its fixed place in the stack's subnet.
        command: arguments to the image's entrypoint.
        env: environment; never a secret.
        config: file name → text, at `/run/mundo/config/`.
        secrets: file name → secret text, at `/run/mundo/secrets/`.
        volumes: named volumes.
        shared: named volumes of another service of the stack.
        host_paths: folders of the machine, read-only; for what watches the machine itself.
        tmpfs: path → mount options; the root file system is read-only.
        ports: published ports.
        health: its health check.
        memory_mb: memory limit, MiB.
        cpus: CPU limit; None for none (a Sentinel that is throttled reports failures that are none).
        shm_size_mb: size of /dev/shm, MiB.
        stop_signal: what asks it to end.
        stop_seconds: how long it may take to end before it is killed.
        read_only: whether its root file system is read-only.
        init: whether Docker's own init is process 1; not where the image brings one.
    """

    name: str
    component: str
    image: str
    user: int
    host_number: int
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[DataVolume, ...] = ()
    shared: tuple[SharedVolume, ...] = ()
    host_paths: tuple[HostPath, ...] = ()
    tmpfs: Mapping[str, str] = field(default_factory=lambda: {"/tmp": "rw,nosuid,nodev,size=64m"})  # noqa: S108
    ports: tuple[Port, ...] = ()
    health: HealthCheck
    memory_mb: int
    cpus: float | None
    shm_size_mb: int = 64
    stop_signal: str = "SIGTERM"
    stop_seconds: int = 10
    read_only: bool = True
    init: bool = True

    @property
    def files(self) -> dict[str, tuple[str, str]]:
        """Path under `FILES_MOUNT` → (text, octal mode) of everything the service is handed."""
        return {
            **{f"config/{name}": (text, "0444") for name, text in self.config.items()},
            **{f"secrets/{name}": (text, "0400") for name, text in self.secrets.items()},
        }


def address(subnet: Any, host_number: int) -> str:
    """The fixed IPv4 address of `host_number` in `subnet` (an `IPv4Network`)."""
    return str(subnet.network_address + host_number)
