"""Puts a Service into a test: one part alone, as a testcontainers container.

The same declaration that the platform runs; only names, volumes and host ports are the test's own.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import docker
import docker.types
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HealthcheckWaitStrategy

from components.placement import handover
from components.service import FILES_MOUNT, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

# Its reaper is an image of its own that an offline machine cannot pull; what tests make is removed by label.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

_NANOSECONDS = 1_000_000_000
_START_SECONDS = 120


@dataclass(frozen=True)
class TestPlacement:
    """Containers of a test on one Docker host.

    Attributes:
        prefix: start of every name.
        labels: labels of whatever is made, so that it can be removed by them.
        network: name of a Docker network with the services' addresses; None for Docker's own bridge.
    """

    __test__ = False  # not a test class, whatever its name begins with

    prefix: str
    labels: Mapping[str, str]
    network: str | None = None

    def hand_over(self, service: Service, image: str) -> None:
        """Fills the files volume of `service`; anew where it was filled before."""
        files = {path: {"text": text, "mode": mode} for path, (text, mode) in service.files.items()}
        handover.fill(self._name(service, "files"), image, files, service.user, self.labels)

    def place(self, service: Service, image: str, address: str | None = None) -> DockerContainer:
        """The container of `service`, not started: `start()` waits until it is healthy.

        Published ports are free ones on loopback, whatever the declaration says.
        """
        container = (
            DockerContainer(image)
            .with_name(f"{self.prefix}-{service.name}")
            .with_envs(**dict(service.env))
            .waiting_for(HealthcheckWaitStrategy().with_startup_timeout(_START_SECONDS))
            .with_kwargs(**self._options(service, address))
        )
        container.tmpfs = dict(service.tmpfs)
        if service.command:
            container = container.with_command(list(service.command))
        for volume in service.volumes:
            container = container.with_volume_mapping(self._name(service, volume.name), volume.path, "rw")
        for one in service.shared:
            mode = "ro" if one.read_only else "rw"
            container = container.with_volume_mapping(f"{self.prefix}-{one.service}-{one.name}", one.path, mode)
        container = container.with_volume_mapping(self._name(service, "files"), FILES_MOUNT, "rw")
        for shown in service.host_paths:
            container = container.with_volume_mapping(shown.host, shown.path, "ro")
        for port in service.ports:
            container.ports[f"{port.container}/tcp"] = ("127.0.0.1",)  # type: ignore[assignment]  # loopback, any port
        return container

    def remove(self) -> None:
        """Removes every container and volume of this test."""
        client = docker.from_env()
        wanted: dict[str, str | list[str] | bool] = {"label": [f"{key}={value}" for key, value in self.labels.items()]}
        try:
            for container in client.containers.list(all=True, filters=wanted, ignore_removed=True):
                container.remove(force=True, v=True)
            for volume in client.volumes.list(filters={"name": f"{self.prefix}-"}):
                with contextlib.suppress(docker.errors.NotFound):
                    volume.remove(force=True)
        finally:
            client.close()

    def _name(self, service: Service, volume: str) -> str:
        return f"{self.prefix}-{service.name}-{volume}"

    def _options(self, service: Service, address: str | None) -> dict[str, Any]:
        health = service.health
        options: dict[str, Any] = {
            "labels": dict(self.labels),
            "hostname": service.name,
            "user": f"{service.user}:{service.user}",
            "read_only": service.read_only,
            "init": service.init,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "mem_limit": f"{service.memory_mb}m",
            "shm_size": f"{service.shm_size_mb}m",
            "stop_signal": service.stop_signal,
            "healthcheck": {
                "test": ["CMD", *health.command],
                "interval": health.interval * _NANOSECONDS,
                "timeout": health.timeout * _NANOSECONDS,
                "retries": health.retries,
                "start_period": health.start_period * _NANOSECONDS,
            },
        }
        if service.cpus:
            options["nano_cpus"] = int(service.cpus * _NANOSECONDS)
        if self.network:
            endpoint = docker.types.EndpointConfig("1.41", ipv4_address=address, aliases=[service.name])
            options |= {"network": self.network, "networking_config": {self.network: endpoint}}
        return options
