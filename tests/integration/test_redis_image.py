"""The Redis image at work: three servers and three Sentinels on a network of their own."""

import contextlib
import io
import json
import secrets
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import docker
import docker.errors
import pytest
import redis
from docker.models.containers import Container
from docker.models.networks import Network

from components import cache_config
from tests.built_images import built

LABEL = "redis-work"
HOUR = 3600

T = TypeVar("T")


@dataclass
class Group:
    """Three servers and three Sentinels; `password` is the one that their secret files hold."""

    client: docker.DockerClient
    name: str
    network: Network
    subnet: str
    password: str
    containers: dict[str, Container] = field(default_factory=dict)

    @property
    def servers(self) -> list[str]:
        """Addresses of the servers."""
        return [f"{self.subnet}.{10 + n}" for n in (1, 2, 3)]

    @property
    def sentinels(self) -> list[str]:
        """Addresses of the Sentinels."""
        return [f"{self.subnet}.{20 + n}" for n in (1, 2, 3)]

    def create(self, role: str, number: int, image: str) -> None:
        """Makes a container with its volumes and files, without starting it."""
        addresses = self.servers if role == "redis" else self.sentinels
        ip = addresses[number - 1]
        name = f"{self.name}-{role}-{number}"
        volumes = [f"{name}-{what}" for what in ("data", "files")]
        for volume in volumes:
            self.client.volumes.create(volume, labels={LABEL: self.name})
        container = self.client.containers.create(
            image,
            [role],
            name=name,
            user="998:998",
            init=True,
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            tmpfs={"/tmp": "rw,nosuid,nodev,size=16m"},
            volumes={volumes[0]: {"bind": "/data"}, volumes[1]: {"bind": "/run/mundo"}},
            labels={LABEL: self.name},
            network=self.network.name,
            networking_config={str(self.network.name): self.client.api.create_endpoint_config(ipv4_address=ip)},
            healthcheck={
                "test": ["CMD", "/usr/local/bin/healthcheck.sh", role],
                "interval": 1_000_000_000,
                "timeout": 3_000_000_000,
            },
        )
        self.containers[f"{role}-{number}"] = container
        if role == "redis":
            text = cache_config.render_redis_conf(
                announce_ip=ip, servers=self.servers, sentinels=self.sentinels, seed_master=self.servers[0]
            )
        else:
            text = cache_config.render_sentinel_conf(
                announce_ip=ip, master_ip=self.servers[0], servers=self.servers, sentinels=self.sentinels
            )
        put(container, f"config/{role}.conf", text, 0o444)
        put(container, "secrets/password", self.password, 0o400)

    def rotate(self, password: str) -> None:
        """Hands every container a new password; it takes effect with their next start."""
        self.password = password
        for container in self.containers.values():
            put(container, "secrets/password", password, 0o400)

    def restart(self) -> None:
        """Stops the whole group, the Sentinels first, then starts it, the servers first."""
        for container in reversed(self.containers.values()):
            container.stop(timeout=10)
        for container in self.containers.values():
            container.start()

    def server(self, ip: str, username: str = "default") -> redis.Redis:
        """A client of one server."""
        return redis.Redis(
            host=ip,
            username=username,
            password=self.password,
            decode_responses=True,
            socket_timeout=2,
            socket_connect_timeout=1,
        )

    def sentinel(self, ip: str) -> redis.Redis:
        """A client of one Sentinel."""
        return redis.Redis(
            host=ip,
            port=26379,
            password=self.password,
            decode_responses=True,
            socket_timeout=2,
            socket_connect_timeout=1,
        )

    def named_by(self, sentinel_ip: str) -> str:
        """The address of the master by the word of one Sentinel."""
        with self.sentinel(sentinel_ip) as sentinel:
            answer = sentinel.sentinel_get_master_addr_by_name("mymaster")
        assert answer is not None, f"{sentinel_ip} knows no master"
        return str(answer[0])

    def container_of(self, ip: str) -> Container:
        """The container of the server at `ip`."""
        return self.containers[f"redis-{self.servers.index(ip) + 1}"]

    def master(self) -> str:
        """The address every Sentinel names, if it is a master with two linked replicas.

        Raises:
            AssertionError, redis.RedisError: the group is not in that state (yet).
        """
        named = set()
        for ip in self.sentinels:
            with self.sentinel(ip) as sentinel:
                state = sentinel.sentinel_master("mymaster")
                named.add(self.named_by(ip))
            assert state["num-slaves"] == 2, state
            assert state["num-other-sentinels"] == 2, state
            assert state["flags"] == "master", state
        assert len(named) == 1, f"the Sentinels disagree: {named}"
        (master,) = named
        for ip in self.servers:
            with self.server(ip) as server:
                info = server.info("replication")
            if ip == master:
                assert info["role"] == "master", info
                assert info["connected_slaves"] == 2, info
            else:
                assert info["role"] == "slave", info
                assert info["master_host"] == master, info
                assert info["master_link_status"] == "up", info
        return master


def put(container: Container, path: str, text: str, mode: int) -> None:
    """Writes a file of uid 998 below /run/mundo, whether the container runs or not."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        info = tarfile.TarInfo(path)
        info.size, info.mode, info.uid, info.gid = len(text.encode()), mode, 998, 998
        archive.addfile(info, io.BytesIO(text.encode()))
    assert container.put_archive("/run/mundo", data.getvalue())


def eventually(what: Callable[[], T], seconds: float = 30) -> T:
    """The result of `what` as soon as it neither fails an assertion nor loses its connection."""
    end = time.monotonic() + seconds
    while True:
        try:
            return what()
        except (AssertionError, redis.RedisError):
            if time.monotonic() > end:
                raise
        time.sleep(0.2)


def free_network(client: docker.DockerClient, name: str) -> tuple[Network, str]:
    """A bridge with a random /24 of 10.0.0.0/8 that nothing else uses, and its first three bytes."""
    for _ in range(20):
        subnet = f"10.{100 + secrets.randbelow(150)}.{1 + secrets.randbelow(250)}"
        pool = docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet=f"{subnet}.0/24")])
        with contextlib.suppress(docker.errors.APIError):
            return client.networks.create(name, ipam=pool, labels={LABEL: name}), subnet
    raise AssertionError("no free 10.x.y.0/24 in 20 tries")


@pytest.fixture(scope="module")
def group() -> Iterator[Group]:
    image = built("redis")
    client = docker.from_env()
    name = f"redis-work-{secrets.token_hex(4)}"
    network, subnet = free_network(client, name)
    made = Group(client, name, network, subnet, password=f'{secrets.token_urlsafe(24)}"\\')
    try:
        for role in ("redis", "sentinel"):
            for number in (1, 2, 3):
                made.create(role, number, image)
        for container in made.containers.values():
            container.start()
        yield made
    finally:
        for container in made.containers.values():
            container.remove(force=True)
        for volume in client.volumes.list(filters={"label": f"{LABEL}={name}"}):
            volume.remove()
        network.remove()
        client.close()


def value_at(group: Group, ip: str, key: str) -> str | None:
    with group.server(ip) as server:
        value = server.hget(key, "data")
    return None if value is None else str(value)


def write(group: Group, ip: str, key: str, value: str) -> None:
    with group.server(ip) as server:
        server.hset(key, "data", value)
        server.expire(key, HOUR)


def check_replicated(group: Group, key: str, value: str) -> None:
    assert {ip: value_at(group, ip, key) for ip in group.servers} == dict.fromkeys(group.servers, value)


def check_healthy(group: Group) -> None:
    for container in group.containers.values():
        container.reload()
        assert container.attrs["State"]["Health"]["Status"] == "healthy", container.attrs["State"]["Health"]


def test_writes_replicate_and_all_are_healthy(group: Group) -> None:
    master = eventually(group.master)
    write(group, master, "bounds:1", "one")
    eventually(lambda: check_replicated(group, "bounds:1", "one"))
    eventually(lambda: check_healthy(group))


def test_the_program_cannot_do_what_would_hurt(group: Group) -> None:
    master = eventually(group.master)
    for command in ("FLUSHALL", "KEYS *", "CONFIG GET *", "REPLICAOF NO ONE", "SWAPDB 0 1", "SHUTDOWN", "ACL LIST"):
        with group.server(master) as server, pytest.raises(redis.exceptions.NoPermissionError):
            server.execute_command(*command.split())
    for ip, port in ((master, 6379), (group.sentinels[0], 26379)):
        with redis.Redis(host=ip, port=port) as stranger, pytest.raises(redis.exceptions.AuthenticationError):
            stranger.ping()


def test_no_password_is_visible_from_outside(group: Group) -> None:
    eventually(group.master)
    for container in group.containers.values():
        container.reload()
        shown = json.dumps(container.attrs) + json.dumps(container.top())
        shown += container.logs().decode()
        assert group.password not in shown
        assert json.dumps(group.password)[1:-1] not in shown
        assert "redis" in shown


def test_killed_master_is_replaced_and_comes_back_as_replica(group: Group) -> None:
    old = eventually(group.master)
    write(group, old, "bounds:2", "before")
    with group.server(old, "operator") as server:
        assert server.wait(2, 2000) == 2
    group.container_of(old).kill("SIGKILL")

    def promoted() -> str:
        new = group.named_by(group.sentinels[0])
        assert new != old
        return new

    new = eventually(promoted)
    eventually(lambda: write(group, new, "bounds:2", "after"))
    group.container_of(old).start()
    assert eventually(group.master) == new
    assert "starting as a replica of" in group.container_of(old).logs(tail=200).decode()
    eventually(lambda: check_replicated(group, "bounds:2", "after"))
    eventually(lambda: check_healthy(group))


def test_whole_group_restarted_keeps_data_and_roles(group: Group) -> None:
    master = eventually(group.master)
    if master == group.servers[0]:
        # Away from the seed, so that only remembered roles can be right afterwards.
        with group.sentinel(group.sentinels[0]) as sentinel:
            sentinel.execute_command("SENTINEL FAILOVER mymaster")
        eventually(lambda: assert_moved(group, master))
        master = eventually(group.master)
    write(group, master, "bounds:3", "kept")
    group.restart()
    assert eventually(group.master) == master
    eventually(lambda: check_replicated(group, "bounds:3", "kept"))


def assert_moved(group: Group, old: str) -> None:
    assert group.master() != old


def test_rotated_password_works_after_restart(group: Group) -> None:
    master = eventually(group.master)
    write(group, master, "bounds:4", "kept")
    old_password = group.password
    group.rotate(secrets.token_urlsafe(24))
    group.restart()
    eventually(group.master)
    eventually(lambda: check_replicated(group, "bounds:4", "kept"))
    for ip in group.servers:
        with redis.Redis(host=ip, password=old_password) as server, pytest.raises(redis.exceptions.AuthenticationError):
            server.ping()
    eventually(lambda: check_healthy(group))
