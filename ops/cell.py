"""A part of the platform for tests and drills: services as the program declares them, on a network of its own."""

from __future__ import annotations

import contextlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import docker
import docker.types
from psycopg.conninfo import make_conninfo

from components import cache
from components import settings as stack_settings
from components.context import StackContext
from components.database import migrate, postgres
from components.database.resources import MIGRATIONS
from components.placement.testcontainer import TestPlacement
from images import builder
from ops.free import free_subnet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testcontainers.core.container import DockerContainer

    from components.service import Service


@dataclass
class Cell:
    """Running services by name."""

    context: StackContext
    placement: TestPlacement
    running: dict[str, DockerContainer] = field(default_factory=dict)

    def start(self, *services: Service, image: str | None = None) -> None:
        """Starts each service and waits until it is healthy, in the order given; on `image` instead of its own."""
        for service in services:
            container = self._placed(service, image)
            container.start()
            self.running[service.name] = container

    def start_together(self, *services: Service) -> None:
        """Starts services that do not wait for each other, and waits until all of them are healthy."""
        placed = {service.name: self._placed(service, None) for service in services}
        with ThreadPoolExecutor(len(placed)) as starters:
            list(starters.map(lambda container: container.start(), placed.values()))
        self.running |= placed

    def _placed(self, service: Service, image: str | None) -> DockerContainer:
        used = image or builder.ensure(service.image)
        self.placement.hand_over(service, used)
        return self.placement.place(service, used, self.context.address(service.host_number))

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

    def start_postgres(self, image: str | None = None) -> None:
        """The database, with its schema; on `image` instead of its own."""
        self.start(postgres.service(self.context), image=image)
        migrate.apply(self.conninfo("owner"), MIGRATIONS)

    def start_cache(self) -> None:
        """The whole Redis group."""
        self.start_together(*(cache.server(self.context, index) for index in range(3)))
        self.start_together(*(cache.sentinel(self.context, index) for index in range(3)))


@contextlib.contextmanager
def cell(purpose: str, **settings: Any) -> Iterator[Cell]:
    """An empty cell with default settings but for `settings`; whatever was started in it is removed at the end.

    Args:
        purpose: begins every name; with `test-` for a test, since `.ci/run` clears what aborted tests left by it.
        settings: concern → its settings.
    """
    name = f"{purpose}-{secrets.token_hex(4)}"
    raw = {key: secrets.token_urlsafe(16) for key in stack_settings.SECRETS}
    subnet = free_subnet()
    settings.setdefault("backups", {"enabled": False})  # an archive of its own only where it is asked for
    settings["catalog"] = {"instances": 1, **settings.get("catalog", {})}  # the app alone, unless two are asked for
    parsed, passwords = stack_settings.parse({**settings, **raw, "network": {"subnet": str(subnet)}}, "test")
    labels = {"mundo.test": name}
    client = docker.from_env()
    placement = TestPlacement(prefix=name, labels=labels, network=name)
    # As in a stack's network: what has no address of its own never takes a service's.
    free = list(subnet.subnets(prefixlen_diff=1))[1]
    pool = docker.types.IPAMPool(subnet=str(subnet), iprange=str(free), gateway=str(subnet.network_address + 1))
    network = client.networks.create(
        name, driver="bridge", ipam=docker.types.IPAMConfig(pool_configs=[pool]), labels=labels
    )
    try:
        yield Cell(StackContext(stack="test", settings=parsed, secrets=passwords), placement)
    finally:
        placement.remove()
        network.remove()
        client.close()
