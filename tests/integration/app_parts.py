"""Parts for the app's integration tests: breakable servers, and the app served on a free port."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import docker
import httpx
import psycopg
import redis
from docker.models.containers import Container
from psycopg.conninfo import conninfo_to_dict

from app.main import create_app
from app.server import make_server
from app.settings import Address, Settings
from tests.built_images import built

_SENTINELS = (26379, 26380, 26381)
_SERVERS = (6379, 6380)

_START = """
set -eu
umask 077
ip=$(hostname -i)
for port in 6379 6380; do
    mkdir -p "/tmp/$port"
    printf 'port %s\\nbind 0.0.0.0\\ndir /tmp/%s\\npidfile /tmp/%s.pid\\ndaemonize yes\\nsave ""\\nrequirepass %s\\n' \
        "$port" "$port" "$port" "$PASSWORD" >"/tmp/$port.conf"
    printf 'masterauth %s\\nreplica-announce-ip %s\\n' "$PASSWORD" "$ip" >>"/tmp/$port.conf"
done
printf 'replicaof %s 6379\\n' "$ip" >>/tmp/6380.conf
for port in 6379 6380; do redis-server "/tmp/$port.conf"; done
sleep 1
for port in 26379 26380 26381; do
    {
        printf 'port %s\\nbind 0.0.0.0\\ndir /tmp\\npidfile /tmp/%s.pid\\ndaemonize yes\\n' "$port" "$port"
        printf 'requirepass %s\\nsentinel monitor mymaster %s 6379 2\\n' "$PASSWORD" "$ip"
        printf 'sentinel auth-pass mymaster %s\\nsentinel down-after-milliseconds mymaster 500\\n' "$PASSWORD"
        printf 'sentinel failover-timeout mymaster 3000\\n'
    } >"/tmp/$port.conf"
    redis-sentinel "/tmp/$port.conf"
done
exec sleep infinity
"""


@dataclass
class RedisCell:
    """A master, a replica and three Sentinels in one throw-away container."""

    container: Container
    host: str
    password: str

    @property
    def sentinels(self) -> list[Address]:
        """Addresses of the Sentinels."""
        return [(self.host, port) for port in _SENTINELS]

    def client(self, port: int) -> redis.Redis:
        """A client of one server or Sentinel."""
        return redis.Redis(host=self.host, port=port, password=self.password, socket_timeout=2)

    def master_port(self) -> int:
        """The port of the master, as the first Sentinel sees it."""
        with contextlib.closing(self.client(_SENTINELS[0])) as client:
            return int(_master_state(client)["port"])

    def signal(self, port: int, name: str) -> None:
        """Send a signal to one of the processes."""
        code, output = self.container.exec_run(["sh", "-c", f"kill -{name} $(cat /tmp/{port}.pid)"])
        assert code == 0, output

    def ready(self) -> bool:
        """Whether all Sentinels know each other and the replica, and the replica follows."""
        for port in _SENTINELS:
            with contextlib.closing(self.client(port)) as client:
                state = _master_state(client)
            if state["num-other-sentinels"] != len(_SENTINELS) - 1 or state["num-slaves"] != 1:
                return False
        with contextlib.closing(self.client(_SERVERS[1])) as client:
            return client.info("replication").get("master_link_status") == "up"


def _master_state(sentinel: redis.Redis) -> dict[str, Any]:
    state = sentinel.sentinel_master("mymaster")
    assert isinstance(state, dict)
    return state


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for a condition, which may raise while it does not hold."""
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(redis.RedisError, psycopg.Error, OSError):
            if condition():
                return
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.1)


@contextlib.contextmanager
def redis_cell_running() -> Iterator[RedisCell]:
    """Start a cell, and remove it at the end."""
    client = docker.from_env()
    password = secrets.token_urlsafe(16)
    container = client.containers.run(
        built("redis"),
        entrypoint=["sh", "-c", _START],
        environment={"PASSWORD": password},
        name=f"mundo-test-app-redis-{secrets.token_hex(4)}",
        labels={"mundo.test": "app"},
        init=True,
        detach=True,
    )
    try:
        container.reload()
        host = container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
        cell = RedisCell(container, host, password)
        wait_until(cell.ready)
        yield cell
    finally:
        container.remove(force=True, v=True)
        client.close()


@dataclass
class Farm:
    """Entries that the tests put into the catalogue."""

    word: str
    many: int
    bare: int
    line: int


class Relay:
    """A TCP relay in front of a server, so that a test can take the server away from the app alone."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.port = 0

    async def open(self) -> None:
        """Accept connections (again)."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Refuse connections and break those that are open."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    def freeze(self) -> None:
        """Let nothing through any more, without closing anything."""
        self._flows.clear()

    def thaw(self) -> None:
        """Let through what waits."""
        self._flows.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, other_writer}
        await asyncio.gather(self._pipe(reader, other_writer), self._pipe(other_reader, writer))
        self._writers -= {writer, other_writer}

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@contextlib.asynccontextmanager
async def relay_to(conninfo: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to a Postgres, and the conninfo that goes through it."""
    parts = conninfo_to_dict(conninfo)
    relay = Relay(str(parts["host"]), int(parts.get("port") or 5432))
    await relay.open()
    try:
        yield relay, psycopg.conninfo.make_conninfo(conninfo, host="127.0.0.1", port=relay.port)
    finally:
        relay.thaw()
        relay.cut()


def settings_for(postgres: str, sentinels: list[Address], password: str, **others: object) -> Settings:
    """Settings of an app for these servers; `others` are settings by name."""
    parts = conninfo_to_dict(postgres)
    values: dict[str, object] = {
        "postgres_host": parts["host"],
        "postgres_port": parts.get("port") or 5432,
        "postgres_database": parts["dbname"],
        "postgres_user": parts["user"],
        "postgres_password": parts["password"],
        "sentinels": ",".join(f"{host}:{port}" for host, port in sentinels),
        "redis_password": password,
        "stack": "test",
        **others,
    }
    return Settings.model_validate(values)


@contextlib.asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the app on a free port of this machine; gives a client of it."""
    server = make_server(create_app(settings), settings, port=0)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not task.done(), "the app did not start"
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=15) as client:
            yield client
    finally:
        server.should_exit = True
        await task
