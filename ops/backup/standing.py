"""Containers of a stack that stand still for a while: stopped, and started again whatever happens."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import docker
import docker.errors

from components import catalog
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container
    from rich.console import Console

_HEALTHY_SECONDS = 600.0
_STOP_SECONDS = 60


def container(engine: docker.DockerClient, name: str) -> Container | None:
    """The container called `name`; None where there is none."""
    try:
        return engine.containers.get(name)
    except docker.errors.NotFound:
        return None


def app_containers(engine: docker.DockerClient, prefix: str) -> list[Container | None]:
    """The containers of the app's instances; the proxy before them may go on: it says that nobody answers."""
    return [container(engine, f"{prefix}-{name}") for name in catalog.NAMES]


@contextmanager
def stopped(one: Container | None, console: Console) -> Iterator[None]:
    """The container stopped, and started again at the end."""
    try:
        stop(one, console)
        yield
    finally:
        start(one, console)


def stop(one: Container | None, console: Console) -> None:
    """Stops the container, if there is one."""
    if one is not None:
        with console.status(f"stopping {one.name}"):
            one.stop(timeout=_STOP_SECONDS)


def start(one: Container | None, console: Console) -> None:
    """Starts the container, if it does not run, and waits until it is healthy.

    Raises:
        OpsError: it does not become healthy.
    """
    if one is None:
        return
    with console.status(f"starting {one.name}"):
        one.start()
        until = time.monotonic() + _HEALTHY_SECONDS
        while time.monotonic() < until:
            one.reload()
            if one.attrs["State"].get("Health", {}).get("Status") == "healthy":
                return
            if one.status == "exited":
                break
            time.sleep(0.5)
    raise OpsError(f"{one.name} does not become healthy: docker logs {one.name} says why")
