"""The stack's network: one bridge with a subnet of its own, so that every service has a fixed address."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

if TYPE_CHECKING:
    from components.context import StackContext


class Network(pulumi.ComponentResource):
    """The stack's Docker network.

    Promises that the addresses components give their services are free: Docker's own choices, for containers that
    people attach by hand, come from the upper half of the subnet.

    Attributes:
        network: the Docker network.
    """

    network: docker.Network

    def __init__(self, context: StackContext, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mundo:network:Network", "network", None, opts)
        subnet = context.settings.network.subnet
        upper_half = list(subnet.subnets(prefixlen_diff=1))[1]
        self.network = docker.Network(
            "network",
            name=context.prefix,
            driver="bridge",
            ipam_configs=[
                docker.NetworkIpamConfigArgs(
                    subnet=str(subnet), gateway=str(subnet.network_address + 1), ip_range=str(IPv4Network(upper_half))
                )
            ],
            labels=[
                docker.NetworkLabelArgs(label=label, value=value) for label, value in context.labels("network").items()
            ],
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                # They cannot be changed in place, and a new version must not cut everything off.
                ignore_changes=["labels"],
            ),
        )
        self.register_outputs({"name": self.network.name})
