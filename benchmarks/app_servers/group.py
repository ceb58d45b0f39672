"""The app and its peers: containers of one image beside the benchmark's PostgreSQL and a whole Redis group."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import httpx
import redis
from testcontainers.core.wait_strategies import WaitStrategy

from components import cache, cache_config, catalog
from components.service import HealthCheck
from images import builder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker.models.containers import Container
    from testcontainers.core.waiting_utils import WaitStrategyTarget

    from benchmarks.context import Context
    from components.service import Service
    from ops.cell import Cell

_START_SECONDS: Final = 60
_SELDOM: Final = HealthCheck(command=("true",), interval=3600)
"""A health check starts a process now and then, which would fall on whatever is measured just then."""


@dataclass(frozen=True)
class HttpServer:
    """A running server of HTTP.

    Attributes:
        address: `host:port`.
        container: it.
    """

    address: str
    container: Container

    def get(self, path: str) -> bytes:
        """The body of one answer.

        Raises:
            RuntimeError: no answer, or another status than 200.
        """
        try:
            answer = httpx.get(f"http://{self.address}{path}", timeout=10)
        except httpx.HTTPError as error:
            raise RuntimeError(f"http://{self.address}{path}: {error or type(error).__name__}") from None
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"http://{self.address}{path}: status {answer.status_code}")
        return answer.content


class _Answers(WaitStrategy):
    """Waits until a path is answered with status 200."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def wait_until_ready(self, container: WaitStrategyTarget) -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(self._url, timeout=5).status_code == httpx.codes.OK:
                    return
            time.sleep(0.2)
        said = container.get_wrapped_container().logs(tail=1).decode().strip()
        raise RuntimeError(f"{self._url} is not answered within {_START_SECONDS} s; the server said: {said[:200]}")


@dataclass(frozen=True)
class Group:
    """Redis, and the servers that were started beside it, all from one image."""

    cell: Cell
    image: str

    def app(self, name: str = "catalog", number: int = catalog.HOST_NUMBER, **env: str) -> HttpServer:
        """The app as the platform declares it, with these variables on top; names and numbers are unique."""
        declared = catalog.service(self.cell.context)
        return self.start(
            replace(declared, name=name, host_number=number, env={**declared.env, **env}), "/health/ready"
        )

    def peer(
        self, name: str, number: int, program: str, path: str, config: Mapping[str, str], **env: str
    ) -> HttpServer:
        """Another program in the app's image, container and all."""
        declared = catalog.service(self.cell.context)
        own = replace(
            declared,
            name=name,
            host_number=number,
            command=("python3", f"/run/mundo/config/{program}"),
            env=env,
            config=config,
            secrets={"redis_password": declared.secrets["redis_password"]},
            volumes=(),
        )
        return self.start(own, path)

    def start(self, service: Service, path: str) -> HttpServer:
        """Starts a service and waits until `path` is answered.

        Raises:
            RuntimeError: it is not, within a minute.
        """
        cell = self.cell
        address = cell.context.address(service.host_number)
        service = replace(service, health=_SELDOM)
        cell.placement.hand_over(service, self.image)
        container = cell.placement.place(service, self.image, address)
        container.waiting_for(_Answers(f"http://{address}:{catalog.PORT}{path}"))
        cell.running[service.name] = container
        container.start()
        return HttpServer(f"{address}:{catalog.PORT}", container.get_wrapped_container())

    def stop(self, name: str) -> None:
        """Ends and removes a service."""
        self.cell.running.pop(name).stop()

    def containers(self, *prefixes: str) -> list[Container]:
        """Those of the running services whose names begin with one of these."""
        running = self.cell.running
        return [running[name].get_wrapped_container() for name in running if name.startswith(prefixes)]

    def redis(self) -> redis.Redis:
        """A client of the present master, as the user that may do everything."""
        password = self.cell.context.secrets.redisPassword.get_secret_value()
        sentinels = [(ip, cache_config.SENTINEL_PORT) for ip in cache.sentinel_addresses(self.cell.context)]
        # The library leaves both without types.
        watch = redis.Sentinel(sentinels, sentinel_kwargs={"password": password}, socket_timeout=5)  # type: ignore[no-untyped-call]
        client: redis.Redis = watch.master_for(  # type: ignore[no-untyped-call]
            cache_config.MASTER_NAME, username=cache_config.OPERATOR, password=password
        )
        return client


@contextlib.contextmanager
def running(context: Context) -> Iterator[Group]:
    """An empty Redis group for the length of the block; what is started beside it ends with the block.

    Redis itself stays for the next benchmark.

    Raises:
        ImageError: an image cannot be made.
    """
    cell = context.server.cell
    group = Group(cell, builder.ensure("catalog", context.ui.say))
    if "redis-1" in cell.running:
        group.redis().flushall()
    else:
        context.ui.say("starting Redis")
        cell.start_cache()
    before = set(cell.running)
    try:
        yield group
    finally:
        for name in set(cell.running) - before:
            group.stop(name)
