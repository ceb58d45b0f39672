"""What of a stack exists on the Docker engine, known by its labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import docker
import docker.errors

from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class StackObjects:
    """Containers, networks and volumes of one stack, each name → id."""

    containers: dict[str, str] = field(default_factory=dict)
    networks: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        return not (self.containers or self.networks or self.volumes)


def client() -> docker.DockerClient:
    """A client of the Docker engine.

    Raises:
        OpsError: none answers.
    """
    try:
        engine = docker.from_env()
        engine.ping()
    except docker.errors.DockerException:
        raise OpsError("no Docker engine answers: make doctor says what is missing") from None
    return engine


def find(engine: docker.DockerClient, stack: str, instance: str) -> StackObjects:
    """What carries the labels of this stack and instance."""
    wanted: dict[str, str | list[str] | bool] = {"label": [f"mundo.stack={stack}", f"mundo.instance={instance}"]}
    return StackObjects(
        containers={
            str(item.name): str(item.id)
            for item in engine.containers.list(all=True, filters=wanted, ignore_removed=True)
        },
        networks={str(item.name): str(item.id) for item in engine.networks.list(filters=wanted)},
        volumes={str(item.name): str(item.id) for item in engine.volumes.list(filters=wanted)},
    )


def foreign(engine: docker.DockerClient, stack: str, instance: str) -> str | None:
    """The name of something that a stack of this name, but of another checkout, made; None where there is none."""
    wanted: dict[str, str | list[str] | bool] = {"label": f"mundo.stack={stack}"}
    everything: list[Any] = [
        *engine.containers.list(all=True, filters=wanted, ignore_removed=True),
        *engine.volumes.list(filters=wanted),
        *engine.networks.list(filters=wanted),
    ]
    for item in everything:
        if _labels(item).get("mundo.instance") != instance:
            return str(item.name)
    return None


def published(engine: docker.DockerClient) -> Iterator[tuple[int, str]]:
    """(host port, container) of every published port of a running container."""
    for container in engine.containers.list(ignore_removed=True):
        for bindings in (container.attrs["NetworkSettings"]["Ports"] or {}).values():
            for binding in bindings or ():
                yield int(binding["HostPort"]), str(container.name)


def _labels(item: Any) -> dict[str, str]:
    labels = item.attrs.get("Labels")
    if labels is None:
        labels = item.attrs.get("Config", {}).get("Labels")
    return labels or {}
