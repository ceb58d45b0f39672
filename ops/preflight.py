"""What must hold before an update begins, each fault one clear line."""

from __future__ import annotations

import shutil
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

from components.database import backup
from ops import engine_objects
from ops.errors import OpsError
from ops.free import can_bind
from ops.upgrade import version

if TYPE_CHECKING:
    import docker

    from components.settings import Settings

_FREE_DISK_GB = 3


def check(engine: docker.DockerClient, stack: str, settings: Settings, *, same_postgres: bool = True) -> None:
    """Refuses an update that would fail half-way.

    Args:
        engine: the Docker engine.
        stack: name of the stack.
        settings: its settings.
        same_postgres: whether the server that runs must be of the major version that this release has.

    Raises:
        OpsError: a second checkout, a port or the subnet in use, a full disk, or data of another PostgreSQL.
    """
    instance = settings.instance or stack
    _one_checkout(engine, stack, instance)
    ours = engine_objects.find(engine, stack, instance)
    _ports_free(engine, stack, settings, ours)
    _subnet_free(engine, settings, ours)
    _disk(engine)
    if same_postgres:
        _same_postgres(engine, stack, ours)


def _one_checkout(engine: docker.DockerClient, stack: str, instance: str) -> None:
    other = engine_objects.foreign(engine, stack, instance)
    if other:
        raise OpsError(
            f"stack '{stack}' on this Docker engine belongs to another checkout ({other} carries its mark): "
            f"work there, or take another name here: make up STACK=NAME"
        )


def _ports_free(engine: docker.DockerClient, stack: str, settings: Settings, ours: engine_objects.StackObjects) -> None:
    holders = dict(engine_objects.published(engine))
    bind = str(settings.network.bind_address)
    for name, port in settings.ports:
        if name == "grafana" and not settings.grafana.enabled:
            continue
        holder = holders.get(port)
        if holder in ours.containers:
            continue
        if holder or not can_bind(bind, port):
            raise OpsError(
                f"port {port} ({name}) is in use by {holder or 'another program'}: free it, or set another with "
                f"make config STACK={stack} SET=ports.{name}=PORT"
            )


def _subnet_free(engine: docker.DockerClient, settings: Settings, ours: engine_objects.StackObjects) -> None:
    for network in engine.networks.list():
        if network.name in ours.networks:
            continue
        for config in network.attrs.get("IPAM", {}).get("Config") or []:
            taken = config.get("Subnet", "")
            if taken and ":" not in taken and IPv4Network(taken, strict=False).overlaps(settings.network.subnet):
                raise OpsError(
                    f"subnet {settings.network.subnet} (mundo:network.subnet) overlaps {taken} of the Docker network "
                    f"'{network.name}': set another, such as 172.30.78.0/24"
                )


def _disk(engine: docker.DockerClient) -> None:
    root = Path(engine.info()["DockerRootDir"])
    if root.is_dir():
        free = shutil.disk_usage(root).free / 1024**3
        if free < _FREE_DISK_GB:
            raise OpsError(
                f"{free:.1f} GB free where Docker keeps its data ({root}); at least {_FREE_DISK_GB} GB are needed "
                "(make clean-images removes unused images)"
            )


def _same_postgres(engine: docker.DockerClient, stack: str, ours: engine_objects.StackObjects) -> None:
    server = next((name for name in ours.containers if name.endswith(f"-{backup.SERVER}")), None)
    if server is None:
        return
    there, wanted = version.of_server(engine.containers.get(server)), version.of_release()
    if there is not None and there != wanted:
        raise OpsError(
            f"the data of stack '{stack}' are of PostgreSQL {there}, this release has {wanted}: "
            f"make major-upgrade STACK={stack} brings them over; nothing was changed"
        )
