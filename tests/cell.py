"""A part of the platform for tests: services as the program declares them, on a network of the test's own."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import docker.types
from psycopg.conninfo import make_conninfo

from components import cache
from components import settings as stack_settings
from components.context import StackContext
from components.database import migrate, postgres
from components.placement.testcontainer import TestPlacement
from ops.free import free_subnet
from tests.built_images import built

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testcontainers.core.container import DockerContainer

    from components.service import Service

MIGRATIONS = Path(__file__).resolve().parents[1] / "sql" / "migrations"


@dataclass
class Cell:
    """Running services by name."""

    context: StackContext
    placement: TestPlacement
    running: dict[str, DockerContainer] = field(default_factory=dict)

    def start(self, *services: Service) -> None:
        """Starts each service and waits until it is healthy, in the order given."""
        for service in services:
            image = built(service.image)
            self.placement.hand_over(service, image)
            container = self.placement.place(service, image, self.context.address(service.host_number))
            container.start()
            self.running[service.name] = container

    def conninfo(self, role: str) -> str:
        """Connection string of a database role (owner, app, exporter, reader)."""
        password = getattr(self.context.secrets, f"postgres{role.capitalize()}Password").get_secret_value()
        return make_conninfo(
            host=self.context.address(postgres.HOST_NUMBER),
            port=postgres.PORT,
            dbname="mundo",
            user=f"mundo_{role}",
            password=password,
        )

    def start_postgres(self) -> None:
        """The database, with its schema."""
        self.start(postgres.service(self.context))
        migrate.apply(self.conninfo("owner"), MIGRATIONS)

    def start_cache(self) -> None:
        """The whole Redis group."""
        self.start(*(cache.server(self.context, index) for index in range(3)))
        self.start(*(cache.sentinel(self.context, index) for index in range(3)))


@contextlib.contextmanager
def cell(purpose: str) -> Iterator[Cell]:
    """An empty cell; whatever was started in it is removed at the end."""
    name = f"test-{purpose}-{secrets.token_hex(4)}"
    raw = {key: secrets.token_urlsafe(16) for key in stack_settings.SECRETS}
    subnet = free_subnet()
    settings, passwords = stack_settings.parse({**raw, "network": {"subnet": str(subnet)}}, "test")
    labels = {"mundo.test": name}
    client = docker.from_env()
    placement = TestPlacement(prefix=name, labels=labels, network=name)
    pool = docker.types.IPAMPool(subnet=str(subnet), gateway=str(subnet.network_address + 1))
    network = client.networks.create(
        name, driver="bridge", ipam=docker.types.IPAMConfig(pool_configs=[pool]), labels=labels
    )
    try:
        yield Cell(StackContext(stack="test", settings=settings, secrets=passwords), placement)
    finally:
        placement.remove()
        network.remove()
        client.close()
