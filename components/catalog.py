"""The catalogue app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components import cache, cache_config, prometheus_address
from components.context import VERSION
from components.database import connection, postgres
from components.service import DataVolume, HealthCheck, Port, Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.context import StackContext
    from components.placement.container import ContainerPlacement
    from components.settings import ImportSettings

HOST_NUMBER = 30
PORT = 8000
USER = 996
SPOOL = "/var/lib/mundo/spool"


def service(context: StackContext) -> Service:
    """The catalogue app of a stack."""
    size = context.settings.catalog
    sentinels = [f"{ip}:{cache_config.SENTINEL_PORT}" for ip in cache.sentinel_addresses(context)]
    return Service(
        name="catalog",
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

    Attributes:
        url: address of the app.
        docs_url: address of its API documentation.
        status_url: address of the page that shows the KPIs.
        target: `ip:port` that Prometheus scrapes.
    """

    url: str
    docs_url: str
    status_url: str
    target: str

    def __init__(
        self,
        context: StackContext,
        placement: ContainerPlacement,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mundo:catalog:Catalog", "catalogue", None, opts)
        placed = placement.place(service(context), parent=self, after=after)
        self.url = context.url(context.settings.ports.app)
        self.docs_url = context.url(context.settings.ports.app, "/docs")
        self.status_url = context.url(context.settings.ports.app, "/status")
        self.target = f"{placed.address}:{PORT}"
        self.register_outputs({"url": self.url, "docs_url": self.docs_url, "status_url": self.status_url})
