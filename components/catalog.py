"""The catalogue app: one instance on the stack's port, or two behind a proxy that is never without one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pulumi

from components import cache, cache_config, prometheus_address, proxy
from components.context import VERSION
from components.database import connection, postgres
from components.service import DataVolume, HealthCheck, Port, Service, SharedVolume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.context import StackContext
    from components.placement.container import ContainerPlacement
    from components.settings import ImportSettings

NAMES = ("catalog", "catalog-2")
HOST_NUMBERS = (30, 31)
HOST_NUMBER = HOST_NUMBERS[0]
PORT = 8000
USER = 996
SPOOL = "/var/lib/mundo/spool"

LEAVE_SECONDS = 3
"""How long an instance that is to end answers on while it tells the proxy so, which asks several times within it."""

_CLOSE_SECONDS = 10
"""For what an instance does after its last answer: the import under way is set back, connections are closed."""


def service(context: StackContext) -> Service:
    """The catalogue app alone, on the stack's port."""
    size = context.settings.catalog
    sentinels = [f"{ip}:{cache_config.SENTINEL_PORT}" for ip in cache.sentinel_addresses(context)]
    return Service(
        name=NAMES[0],
        component="catalog",
        image="catalog",
        user=USER,
        host_number=HOST_NUMBER,
        env={
            "MUNDO_POSTGRES_HOST": context.address(postgres.HOST_NUMBER),
            "MUNDO_POSTGRES_PORT": str(postgres.PORT),
            "MUNDO_POSTGRES_DATABASE": connection.DATABASE,
            "MUNDO_POSTGRES_USER": "mundo_app",
            "MUNDO_POSTGRES_POOL_SIZE": str(size.db_pool_size),
            "MUNDO_SENTINELS": ",".join(sentinels),
            "MUNDO_REDIS_MASTER": cache_config.MASTER_NAME,
            "MUNDO_PROMETHEUS_URL": prometheus_address.url(context),
            "MUNDO_PROMETHEUS_INTERVAL_S": str(context.settings.monitoring.scrape_interval_seconds),
            "MUNDO_IMPORTS_DIR": SPOOL,
            **context.settings.bounds.environment(),
            **_imports(context.settings.imports),
            **context.settings.mapa.environment(),
            "MUNDO_STACK": context.stack,
            "MUNDO_VERSION": VERSION,
        },
        secrets={
            "postgres_password": context.secrets.postgresAppPassword.get_secret_value(),
            "postgres_ingest_password": context.secrets.postgresIngestPassword.get_secret_value(),
            "import_token": context.secrets.importToken.get_secret_value(),
            "redis_password": context.secrets.redisPassword.get_secret_value(),
        },
        # Uploads wait here until they are loaded.
        volumes=(DataVolume(name="spool", path=SPOOL),),
        ports=(Port(container=PORT, host=context.settings.ports.app),),
        health=HealthCheck(command=("python3", "-m", "app.healthcheck"), interval=5, timeout=3, retries=3),
        memory_mb=size.memory_mb,
        cpus=size.cpus,
        stop_seconds=20,
    )


def instances(context: StackContext) -> list[Service]:
    """The app's instances: one alone, or two that share its work behind the proxy.

    Uploads lie in the spool of the first, which has them loaded too: so one process alone takes jobs, and the second
    needs no memory for that.
    """
    alone, size = service(context), context.settings.catalog
    if size.instances == 1:
        return [alone]
    ending = {
        "MUNDO_LEAVE_S": str(LEAVE_SECONDS),
        "MUNDO_SHUTDOWN_GRACE_S": str(size.drain_seconds),
        "MUNDO_POSTGRES_POOL_SIZE": str(size.pool_of_each),
    }
    first = replace(
        alone, env={**alone.env, **ending}, ports=(), stop_seconds=LEAVE_SECONDS + size.drain_seconds + _CLOSE_SECONDS
    )
    second = replace(
        first,
        name=NAMES[1],
        host_number=HOST_NUMBERS[1],
        env={**first.env, "MUNDO_IMPORTS_WORKER": "false"},
        volumes=(),
        shared=(SharedVolume(service=NAMES[0], name="spool", path=SPOOL),),
        memory_mb=size.memory_mb - context.settings.imports.memory_mb,
    )
    return [first, second]


def addresses(context: StackContext) -> dict[str, str]:
    """Instance → its `ip:port` on the stack's network."""
    count = context.settings.catalog.instances
    return {
        name: f"{context.address(number)}:{PORT}"
        for name, number in list(zip(NAMES, HOST_NUMBERS, strict=True))[:count]
    }


def _imports(limits: ImportSettings) -> dict[str, str]:
    """Limits of uploads and jobs, as the app reads them."""
    return {
        "MUNDO_IMPORTS_MAX_UPLOAD_MB": str(limits.max_upload_mb),
        "MUNDO_IMPORTS_UPLOAD_TIMEOUT_S": str(limits.upload_timeout_seconds),
        "MUNDO_IMPORTS_STALL_TIMEOUT_S": str(limits.stall_timeout_seconds),
        "MUNDO_IMPORTS_JOB_TIMEOUT_S": str(60 * limits.job_timeout_minutes),
        "MUNDO_IMPORTS_MAX_WAITING": str(limits.max_waiting),
        "MUNDO_IMPORTS_MIN_FREE_MB": str(limits.min_free_mb),
        "MUNDO_IMPORTS_MEMORY_MB": str(limits.memory_mb),
    }


class Catalog(pulumi.ComponentResource):
    """The catalogue app.

    Promises the HTTP API on the app's port, answers while Redis is away, and a health check that asks the app itself.
    Where there are two instances, the second is replaced only once the first is healthy again, so that one of them
    answers at any time.

    Attributes:
        url: address of the app.
        docs_url: address of its API documentation.
        status_url: address of the page that shows the KPIs.
    """

    url: str
    docs_url: str
    status_url: str

    def __init__(
        self,
        context: StackContext,
        placement: ContainerPlacement,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mundo:catalog:Catalog", "catalogue", None, opts)
        placed: list[pulumi.Resource] = []
        for one in instances(context):
            placed.append(placement.place(one, parent=self, after=[*after, *placed]).container)
        if context.settings.catalog.instances > 1:
            placement.place(proxy.service(context, addresses(context)), parent=self, after=placed)
        self.url = context.url(context.settings.ports.app)
        self.docs_url = context.url(context.settings.ports.app, "/docs")
        self.status_url = context.url(context.settings.ports.app, "/status")
        self.register_outputs({"url": self.url, "docs_url": self.docs_url, "status_url": self.status_url})
