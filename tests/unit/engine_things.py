"""Throw-away things on the real Docker engine, for tests of what the command finds there."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import docker.types
import pytest

from images.base import build as base_image
from ops import free

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container
    from docker.models.networks import Network

INSTANCE = "unit"


@dataclass
class Engine:
    """The engine, and what the test made on it."""

    client: docker.DockerClient
    stack: str
    networks: list[Network] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)

    def labels(self, instance: str = INSTANCE) -> dict[str, str]:
        """The labels of the stack's things."""
        return {"mundo.stack": self.stack, "mundo.instance": instance, "mundo.component": "test"}

    def network(self, subnet: str | None = None, labels: dict[str, str] | None = None) -> Network:
        """A throw-away network."""
        name = f"ops-test-{secrets.token_hex(4)}"
        pools = [docker.types.IPAMPool(subnet=subnet or str(free.free_subnet()))]
        made = self.client.networks.create(
            name, driver="bridge", ipam=docker.types.IPAMConfig(pool_configs=pools), labels=labels or {}
        )
        self.networks.append(made)
        return made

    def container(self, *, start: bool = False, **more: Any) -> Container:
        """A throw-away container of the base image."""
        name = f"ops-test-{secrets.token_hex(4)}"
        made = self.client.containers.create(base_image.ensure(), ["sleep", "60"], name=name, **more)
        self.containers.append(made)
        if start:
            made.start()
            made.reload()
        return made

    def things(self) -> set[str]:
        """Names of the containers and networks of the test that are still there."""
        found: list[Any] = [
            *self.client.containers.list(all=True, filters={"name": "ops-test-"}, ignore_removed=True),
            *self.client.networks.list(filters={"name": "ops-test-"}),
        ]
        made: list[Any] = [*self.containers, *self.networks]
        return {str(thing.name) for thing in found} & {str(thing.name) for thing in made}


@contextlib.contextmanager
def engine_of_its_own() -> Iterator[Engine]:
    """The real engine; whatever the test makes of it is removed at its end. Skips where none answers."""
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException:
        pytest.skip("no Docker engine answers")
    made = Engine(client, f"ops-test-{secrets.token_hex(4)}")
    try:
        yield made
    finally:
        for container in made.containers:
            _gone(container, force=True, v=True)
        for network in made.networks:
            _gone(network)
        for volume in client.volumes.list(filters={"label": f"mundo.stack={made.stack}"}):
            volume.remove(force=True)
        client.close()


def _gone(thing: Any, **how: bool) -> None:
    try:
        thing.remove(**how)
    except docker.errors.NotFound:
        return
