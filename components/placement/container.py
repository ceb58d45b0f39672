"""Puts a Service on one Docker host, as a container."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

from components.placement.handover import Files
from components.service import FILES_MOUNT, HealthCheck, Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.context import StackContext
    from components.images import Images
    from components.network import Network

_START_SECONDS = 180


@dataclass(frozen=True)
class Placed:
    """A service where it runs: its container, its volumes by name, its address on the stack's network."""

    container: docker.Container
    volumes: dict[str, docker.Volume]
    address: str


@dataclass(frozen=True)
class ContainerPlacement:
    """Containers on one Docker host.

    A container is replaced when anything of its declaration changes, the old one going first (its name, ports and
    address are its successor's); volumes stay. `wait` holds back whatever depends on it until it is healthy.
    """

    context: StackContext
    network: Network
    images: Images

    def place(self, service: Service, parent: pulumi.Resource, after: Sequence[pulumi.Resource] = ()) -> Placed:
        """Declares the container of `service` and its volumes, as children of `parent`."""
        settings = self.context.settings
        name = f"{self.context.prefix}-{service.name}"
        labels = self.context.labels(service.component)
        volumes = {
            volume.name: self._volume(f"{name}-{volume.name}", labels, parent, protect=volume.holds_data)
            for volume in service.volumes
        }
        files = self._volume(f"{name}-files", labels, parent, protect=False)
        handed = Files(
            f"{service.name}-handover",
            volume=files.name,
            image=self.images.base_tag,
            owner=service.user,
            files={path: {"text": text, "mode": mode} for path, (text, mode) in service.files.items()},
            labels=labels,
            # What a container has to wait for, its files wait for too: they are replaced together.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[self.images.base, *after], deleted_with=files),
        )
        ip = self.context.address(service.host_number)
        container = docker.Container(
            service.name,
            name=name,
            hostname=service.name,
            image=self.images.get(service.image).image_id,
            command=list(service.command) or None,
            user=f"{service.user}:{service.user}",
            envs=[f"{key}={value}" for key, value in sorted(service.env.items())],
            restart="unless-stopped",
            read_only=service.read_only,
            init=service.init,
            must_run=True,
            capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
            security_opts=["no-new-privileges:true"],
            memory=service.memory_mb,
            memory_swap=service.memory_mb,
            cpus=f"{service.cpus:.1f}" if service.cpus else None,
            shm_size=service.shm_size_mb,
            stop_signal=service.stop_signal,
            stop_timeout=service.stop_seconds,
            destroy_grace_seconds=service.stop_seconds,
            tmpfs=dict(service.tmpfs),
            log_driver="json-file",
            log_opts={"max-size": "10m", "max-file": "3"},
            volumes=[
                docker.ContainerVolumeArgs(volume_name=volumes[volume.name].name, container_path=volume.path)
                for volume in service.volumes
            ]
            + [
                docker.ContainerVolumeArgs(
                    volume_name=f"{self.context.prefix}-{one.service}-{one.name}",
                    container_path=one.path,
                    read_only=one.read_only or None,
                )
                for one in service.shared
            ]
            + [docker.ContainerVolumeArgs(volume_name=files.name, container_path=FILES_MOUNT)]
            + [
                docker.ContainerVolumeArgs(host_path=one.host, container_path=one.path, read_only=True)
                for one in service.host_paths
            ],
            networks_advanced=[
                docker.ContainerNetworksAdvancedArgs(
                    name=self.network.network.name, ipv4_address=ip, aliases=[service.name]
                )
            ],
            ports=[
                docker.ContainerPortArgs(
                    internal=port.container, external=port.host, ip=str(settings.network.bind_address), protocol="tcp"
                )
                for port in service.ports
            ],
            healthcheck=_health(service.health),
            labels=[
                docker.ContainerLabelArgs(label=label, value=value)
                for label, value in sorted({**labels, "mundo.declared": _digest(service)}.items())
            ],
            wait=True,
            wait_timeout=_START_SECONDS,
            opts=pulumi.ResourceOptions(
                parent=parent,
                depends_on=[handed, *after],
                replace_with=[handed],
                delete_before_replace=True,
                custom_timeouts=pulumi.CustomTimeouts(create=f"{_START_SECONDS + 60}s"),
            ),
        )
        return Placed(container=container, volumes=volumes, address=ip)

    def _volume(self, name: str, labels: dict[str, str], parent: pulumi.Resource, *, protect: bool) -> docker.Volume:
        return docker.Volume(
            name.removeprefix(f"{self.context.prefix}-"),
            name=name,
            labels=[docker.VolumeLabelArgs(label=label, value=value) for label, value in sorted(labels.items())],
            opts=pulumi.ResourceOptions(
                parent=parent,
                protect=self.context.settings.protect and protect,
                # Labels cannot be changed in place, and a new version must never cost the data.
                ignore_changes=["labels"],
            ),
        )


def _health(check: HealthCheck) -> docker.ContainerHealthcheckArgs:
    return docker.ContainerHealthcheckArgs(
        tests=["CMD", *check.command],
        interval=_duration(check.interval),
        timeout=_duration(check.timeout),
        retries=check.retries,
        start_period=_duration(check.start_period),
    )


def _duration(seconds: int) -> str:
    """As Go writes it, which is how the provider reads it back: `90` is `1m30s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _digest(service: Service) -> str:
    """Short digest of what the provider overlooks an edit of; as a label it forces the replacement."""
    check = service.health
    text = json.dumps([check.command, check.interval, check.timeout, check.retries, check.start_period, service.init])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
