"""Where faults of the cache are drilled: a PostgreSQL with a farm, the whole cache, and the catalogue app, for real."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from app.ingest.pipeline import ingest
from app.ingest.sample import write_sample
from components import cache, catalog
from components.cache_config import MASTER_NAME, OPERATOR, REDIS_PORT, SENTINEL_PORT
from ops.cell import cell
from ops.errors import OpsError
from ops.soak import group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

    from ops.cell import Cell

ENTRIES = 5_000
"""Entries of the farm."""

COPY_TTL_SECONDS = 1
"""How long the app keeps its own copies here: so short that Redis is asked all the time."""

_CONNECT_SECONDS = 0.2
_SETTLE_SECONDS = 90


@dataclass
class Stage:
    """The running parts, and ways to ask them.

    Attributes:
        cell: the parts themselves.
        ids: the catalogue's entries.
    """

    cell: Cell
    ids: list[int]

    @property
    def app(self) -> tuple[str, int]:
        """Address and port of the app."""
        return self.cell.context.address(catalog.HOST_NUMBER), catalog.PORT

    @property
    def servers(self) -> list[str]:
        """Addresses of the Redis servers."""
        return cache.server_addresses(self.cell.context)

    @property
    def sentinels(self) -> list[str]:
        """Addresses of the Sentinels."""
        return cache.sentinel_addresses(self.cell.context)

    @property
    def password(self) -> str:
        """The password of every member."""
        return self.cell.context.secrets.redisPassword.get_secret_value()

    def container(self, name: str) -> Container:
        """The container of a service."""
        return self.cell.running[name].get_wrapped_container()

    def container_at(self, address: str) -> Container:
        """The container of the Redis server or Sentinel with this address."""
        names = [
            *((ip, f"redis-{number}") for number, ip in enumerate(self.servers, 1)),
            *((ip, f"sentinel-{number}") for number, ip in enumerate(self.sentinels, 1)),
        ]
        return self.container(dict(names)[address])

    def cut_off(self, address: str) -> None:
        """Takes the server off the network; it runs on."""
        self._network().disconnect(self.container_at(address))

    def reconnect(self, address: str) -> None:
        """Puts it back, with its address."""
        self._network().connect(self.container_at(address), ipv4_address=address)

    def _network(self) -> Any:
        client: Any = self.container("redis-1").client
        return client.networks.get(self.cell.placement.network)

    def server(self, ip: str, *, operator: bool = False) -> Redis:
        """A client of one server that tries once."""
        return self._client(ip, REDIS_PORT, OPERATOR if operator else None)

    def sentinel(self, ip: str) -> Redis:
        """A client of one Sentinel that tries once."""
        return self._client(ip, SENTINEL_PORT, None)

    def _client(self, ip: str, port: int, username: str | None) -> Redis:
        return Redis(
            host=ip,
            port=port,
            username=username,
            password=self.password,
            decode_responses=True,
            socket_timeout=None,  # callers put a deadline around the whole command
            socket_connect_timeout=_CONNECT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            single_connection_client=True,
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )

    async def whole(self) -> str:
        """Waits until the cache is whole and the app has PostgreSQL and Redis again; the master's address.

        Raises:
            OpsError: they are not within a minute and a half each.
        """
        master = await self.settled()
        end = time.monotonic() + _SETTLE_SECONDS
        while True:
            status = await asyncio.to_thread(self._app_state)
            if status == "ok":
                return master
            if time.monotonic() > end:
                raise OpsError(f"the app did not become whole again within {_SETTLE_SECONDS} s: {status}")
            await asyncio.sleep(0.25)

    def _app_state(self) -> str:
        """`ok` when the app is ready, with Redis, and answers are not stale."""
        connection = http.client.HTTPConnection(*self.app, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            status = str(json.loads(connection.getresponse().read())["status"])
            connection.request("GET", f"/v1/catalogo/{self.ids[0]}/bounds")
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            return str(error) or type(error).__name__
        finally:
            connection.close()
        return "answers are stale" if answer.headers["X-Cache-Stale"] and status == "ok" else status

    async def settled(self) -> str:
        """Waits until the whole group is there and agrees; the master's address.

        Raises:
            OpsError: it is not within a minute and a half.
        """
        last = "nobody was asked"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_SECONDS):
                while True:
                    try:
                        return await self._agreed()
                    except (RedisError, OSError, _UnsettledError) as error:
                        last = str(error)
                    await asyncio.sleep(0.25)
        raise OpsError(f"the cache did not become whole again within {_SETTLE_SECONDS} s: {last}")

    async def _agreed(self) -> str:
        named = set()
        for ip in self.sentinels:
            async with asyncio.timeout(1), self.sentinel(ip) as client:
                state: Any = await client.sentinel_master(MASTER_NAME)
            if (state["flags"], state["num-slaves"], state["num-other-sentinels"]) != ("master", 2, 2):
                raise _UnsettledError(f"{ip} says {state['flags']}")
            named.add(str(state["ip"]))
        if len(named) != 1:
            raise _UnsettledError(f"the Sentinels name {', '.join(sorted(named))}")
        (master,) = named
        for ip in self.servers:
            async with asyncio.timeout(1), self.server(ip) as client:
                info: Any = await client.info("replication")
            seen = (info["role"], info.get("connected_slaves") if ip == master else info.get("master_link_status"))
            if seen not in {("master", 2), ("slave", "up")} or (ip == master) != (info["role"] == "master"):
                raise _UnsettledError(f"{ip} is {seen[0]}, {seen[1]}")
        return master


class _UnsettledError(Exception):
    """The group is not whole yet."""


@contextlib.contextmanager
def stage(entries: int = ENTRIES, **settings: Any) -> Iterator[Stage]:
    """A stage with `entries` in the catalogue; removed at the end. `settings` are those of the cell."""
    with cell("drill", **{"bounds": {"copy_ttl_seconds": COPY_TTL_SECONDS}, **settings}) as own:
        own.start_postgres()
        with tempfile.TemporaryDirectory(prefix="mundo-drill-") as folder:
            path = Path(folder) / "farm.geojsonl"
            write_sample(path, entries)
            ingest(own.conninfo("owner"), path)
        with psycopg.connect(own.conninfo("owner")) as connection:
            ids = [int(row[0]) for row in connection.execute("SELECT id FROM catalogo ORDER BY id")]
        group.start(own)
        own.start(catalog.service(own.context))
        yield Stage(own, ids)
