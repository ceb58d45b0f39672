"""Redis: a master, two replicas and three Sentinels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components import cache_config
from components.service import DataVolume, HealthCheck, Service
from dashboards import slo

if TYPE_CHECKING:
    from components.context import StackContext
    from components.placement.container import ContainerPlacement

SERVER_HOST_NUMBERS = (11, 12, 13)
SENTINEL_HOST_NUMBERS = (21, 22, 23)
USER = 998
_SENTINEL_MEMORY_MB = 64


def server_addresses(context: StackContext) -> list[str]:
    """Fixed addresses of the Redis servers; the first is the master of the very first start."""
    return [context.address(number) for number in SERVER_HOST_NUMBERS]


def sentinel_addresses(context: StackContext) -> list[str]:
    """Fixed addresses of the Sentinels."""
    return [context.address(number) for number in SENTINEL_HOST_NUMBERS]


def server(context: StackContext, index: int) -> Service:
    """Redis server `index` (0 to 2)."""
    size = context.settings.redis
    servers = server_addresses(context)
    conf = cache_config.render_redis_conf(
        announce_ip=servers[index],
        servers=servers,
        sentinels=sentinel_addresses(context),
        seed_master=servers[0],
        maxmemory_mb=size.maxmemory_mb,
    )
    return Service(
        name=f"redis-{index + 1}",
        component="cache",
        image="redis",
        user=USER,
        host_number=SERVER_HOST_NUMBERS[index],
        command=("redis",),
        config={"redis.conf": conf},
        secrets={"password": _password(context)},
        volumes=(DataVolume(name="data", path="/data"),),
        health=_health("redis"),
        memory_mb=size.memory_mb,
        cpus=size.cpus,
    )


def sentinel(context: StackContext, index: int) -> Service:
    """Sentinel `index` (0 to 2), without a CPU quota: one that is throttled reports failures that are none."""
    size = context.settings.redis
    sentinels = sentinel_addresses(context)
    servers = server_addresses(context)
    conf = cache_config.render_sentinel_conf(
        announce_ip=sentinels[index],
        master_ip=servers[0],
        servers=servers,
        sentinels=sentinels,
        quorum=slo.SENTINEL_QUORUM,
        down_after_ms=size.down_after_ms,
        failover_timeout_ms=size.failover_timeout_ms,
    )
    return Service(
        name=f"sentinel-{index + 1}",
        component="cache",
        image="redis",
        user=USER,
        host_number=SENTINEL_HOST_NUMBERS[index],
        command=("sentinel",),
        config={"sentinel.conf": conf},
        secrets={"password": _password(context)},
        volumes=(DataVolume(name="data", path="/data"),),
        health=_health("sentinel"),
        memory_mb=_SENTINEL_MEMORY_MB,
        cpus=None,
    )


def _health(role: str) -> HealthCheck:
    return HealthCheck(command=("healthcheck.sh", role), interval=5, timeout=3, retries=3, start_period=30)


def _password(context: StackContext) -> str:
    return context.secrets.redisPassword.get_secret_value()


class Cache(pulumi.ComponentResource):
    """The cache.

    Promises authentication everywhere, persistence (AOF), writes only while a replica listens
    (`min-replicas-to-write 1`), and a new master by agreement of two Sentinels when the old one is lost.

    Attributes:
        sentinels: `ip:port` of each Sentinel.
        ready: what to depend on for a whole group.
    """

    sentinels: list[str]
    ready: list[pulumi.Resource]

    def __init__(
        self, context: StackContext, placement: ContainerPlacement, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mundo:cache:Cache", "cache", None, opts)
        servers = [
            placement.place(server(context, index), parent=self).container for index in range(len(SERVER_HOST_NUMBERS))
        ]
        sentinels = [
            placement.place(sentinel(context, index), parent=self, after=servers).container
            for index in range(len(SENTINEL_HOST_NUMBERS))
        ]
        self.ready = [*servers, *sentinels]
        self.sentinels = [f"{ip}:{cache_config.SENTINEL_PORT}" for ip in sentinel_addresses(context)]
        self.register_outputs({"master_name": cache_config.MASTER_NAME, "sentinels": self.sentinels})
