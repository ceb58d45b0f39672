"""A Redis group of a test's own, to be broken and repaired: what it says about itself, and clients for its members."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import redis
from pydantic import SecretStr
from redis.backoff import NoBackoff
from redis.retry import Retry

from components import cache
from components.cache_config import MASTER_NAME, SENTINEL_PORT
from ops.cell import Cell, cell
from tests.built_images import built

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docker.models.containers import Container

    from components.service import Service

T = TypeVar("T")


def eventually(what: Callable[[], T], seconds: float = 45) -> T:
    """The result of `what` as soon as it neither fails an assertion nor loses its connection."""
    end = time.monotonic() + seconds
    while True:
        try:
            return what()
        except (AssertionError, redis.RedisError):
            if time.monotonic() > end:
                raise
        time.sleep(0.3)


@dataclass
class Group:
    """Three servers and three Sentinels of one cell."""

    cell: Cell

    @property
    def password(self) -> str:
        """What the secret files of all members hold."""
        return self.cell.context.secrets.redisPassword.get_secret_value()

    @property
    def servers(self) -> list[str]:
        """Addresses of the servers."""
        return cache.server_addresses(self.cell.context)

    @property
    def sentinels(self) -> list[str]:
        """Addresses of the Sentinels."""
        return cache.sentinel_addresses(self.cell.context)

    @property
    def services(self) -> list[Service]:
        """The declarations, the servers first."""
        context = self.cell.context
        return [cache.server(context, index) for index in range(3)] + [
            cache.sentinel(context, index) for index in range(3)
        ]

    @property
    def containers(self) -> list[Container]:
        """All six containers, the servers first."""
        return [self.cell.running[service.name].get_wrapped_container() for service in self.services]

    def container_of(self, server: str) -> Container:
        """The container of the server with this address."""
        return self.containers[self.servers.index(server)]

    def check_started(self, container: Container, master: str) -> None:
        """Asserts that the container's start after its last stop took the role it has under this master."""
        container.reload()
        begun = datetime.fromisoformat(container.attrs["State"]["StartedAt"][:19] + "+00:00")
        logs = container.logs(since=begun).decode()
        if container in self.containers[3:]:
            said = f"starting with the remembered master {master}:6379"
        elif container == self.container_of(master):
            said = "starting as the master"
        else:
            said = f"starting as a replica of {master}:6379"
        assert f"entrypoint: {said}" in logs, f"{container.name}: {logs[:300]}"

    def rotate(self, password: str) -> None:
        """Hands every member a new password; it takes effect with their next start."""
        context = self.cell.context
        secrets = context.secrets.model_copy(update={"redisPassword": SecretStr(password)})
        self.cell.context = replace(context, secrets=secrets)
        for service in self.services:
            self.cell.placement.hand_over(service, built(service.image))

    def restart(self) -> None:
        """Stops the whole group, the Sentinels first, then starts it, the servers first."""
        for container in reversed(self.containers):
            container.stop(timeout=10)
        for container in self.containers:
            container.start()

    def server(self, ip: str, username: str = "default") -> redis.Redis:
        """A client of one server."""
        return self._client(ip, 6379, username)

    def sentinel(self, ip: str) -> redis.Redis:
        """A client of one Sentinel."""
        return self._client(ip, SENTINEL_PORT, "default")

    def named_by(self, sentinel: str) -> str:
        """The address of the master by the word of one Sentinel."""
        with self.sentinel(sentinel) as connected:
            answer = connected.sentinel_get_master_addr_by_name(MASTER_NAME)
        assert answer is not None, f"{sentinel} knows no master"
        return str(answer[0])

    def master(self) -> str:
        """The address every Sentinel names, if it is a master with two linked replicas.

        Raises:
            AssertionError, redis.RedisError: the group is not in that state (yet).
        """
        for ip in self.sentinels:
            with self.sentinel(ip) as connected:
                state = connected.sentinel_master(MASTER_NAME)
            seen = (state["flags"], state["num-slaves"], state["num-other-sentinels"])
            assert seen == ("master", 2, 2), f"{ip}: {state}"
        named = {self.named_by(ip) for ip in self.sentinels}
        assert len(named) == 1, f"the Sentinels disagree: {named}"
        (master,) = named
        for ip in self.servers:
            with self.server(ip) as connected:
                info = connected.info("replication")
            if ip == master:
                assert (info["role"], info.get("connected_slaves")) == ("master", 2), f"{ip}: {info}"
            else:
                seen = (info["role"], info.get("master_host"), info.get("master_link_status"))
                assert seen == ("slave", master, "up"), f"{ip}: {info}"
        return master

    def check_healthy(self) -> None:
        """Asserts that Docker holds all six for healthy."""
        for container in self.containers:
            container.reload()
            health = container.attrs["State"]["Health"]
            assert health["Status"] == "healthy", f"{container.name}: {health}"

    def write(self, server: str, key: str, value: str) -> None:
        """Writes a cached entry as the app does."""
        with self.server(server) as connected:
            connected.hset(key, "data", value)
            connected.expire(key, 3600)

    def check_everywhere(self, key: str, value: str) -> None:
        """Asserts that every server holds the entry."""
        for ip in self.servers:
            with self.server(ip) as connected:
                found = connected.hget(key, "data")
            assert found == value, f"{key} at {ip} is {found!r}"

    def _client(self, ip: str, port: int, username: str) -> redis.Redis:
        return client(ip, port, username=username, password=self.password)


def client(ip: str, port: int, *, username: str = "default", password: str | None = None) -> redis.Redis:
    """A client that tries once: a refused login counts as a lost connection for redis-py, which would try it again."""
    return redis.Redis(
        host=ip,
        port=port,
        username=username if password else None,
        password=password,
        decode_responses=True,
        socket_timeout=2,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
    )


@contextlib.contextmanager
def redis_group_of_its_own() -> Iterator[Group]:
    """A started group, removed at the end."""
    with cell("test-redis") as own:
        own.start_cache()
        yield Group(own)
