"""Free ports and subnets, for a stack beside others."""

from __future__ import annotations

import secrets
import socket
from ipaddress import IPv4Network

import docker

from components import settings as stack_settings
from ops.errors import OpsError


def free_ports() -> dict[str, int]:
    """A free port for each published one, all different."""
    held: list[socket.socket] = []
    ports: dict[str, int] = {}
    try:
        for name in stack_settings.PortsSettings.model_fields:
            holder = socket.socket()
            holder.bind(("127.0.0.1", 0))
            held.append(holder)
            ports[name] = holder.getsockname()[1]
    finally:
        for holder in held:
            holder.close()
    return ports


def free_subnet() -> IPv4Network:
    """A private /24 that no Docker network uses.

    Raises:
        OpsError: there is none.
    """
    client = docker.from_env()
    try:
        taken = [
            IPv4Network(config["Subnet"], strict=False)
            for network in client.networks.list()
            for config in (network.attrs.get("IPAM", {}).get("Config") or [])
            if ":" not in config.get("Subnet", ":")
        ]
    finally:
        client.close()
    pool = [
        subnet
        for subnet in IPv4Network("172.16.0.0/12").subnets(new_prefix=24)
        if not any(subnet.overlaps(other) for other in taken)
    ]
    if not pool:
        raise OpsError("no free /24 in 172.16.0.0/12: remove unused Docker networks (docker network prune)")
    return secrets.choice(pool)


def can_bind(host: str, port: int) -> bool:
    """Whether nothing listens on `port` of `host` yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
