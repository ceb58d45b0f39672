"""Prometheus, Alertmanager and the exporters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components import cache, cache_config, catalog, prometheus_address
from components.alertmanager_config import render_alertmanager_yml
from components.database import connection, metrics, postgres
from components.monitoring_config import (
    ScrapeJob,
    Target,
    render_prometheus_yml,
    render_redis_password_map,
)
from components.service import FILES_MOUNT, DataVolume, HealthCheck, Port, Service
from dashboards import slo
from dashboards.alerts.rules import render_rules

if TYPE_CHECKING:
    from components.context import StackContext
    from components.placement.container import ContainerPlacement

USER = 997
PROMETHEUS_HOST_NUMBER = prometheus_address.HOST_NUMBER
ALERTMANAGER_HOST_NUMBER = 41
POSTGRES_EXPORTER_HOST_NUMBER = 42
REDIS_EXPORTER_HOST_NUMBER = 43
PROMETHEUS_PORT = prometheus_address.PORT
ALERTMANAGER_PORT = 9093
POSTGRES_EXPORTER_PORT = 9187
REDIS_EXPORTER_PORT = 9121
_EXPORTER_MEMORY_MB = 96
# Nothing waits for these, and every check costs a process: they are asked less often.
_LEAF_SECONDS = 15
_ALERTMANAGER_MEMORY_MB = 128


def scrape_jobs(context: StackContext) -> list[ScrapeJob]:
    """Everything that Prometheus scrapes in a stack, by its fixed addresses."""

    def one(name: str, instance: str, host_number: int, port: int) -> ScrapeJob:
        return ScrapeJob(
            name=name, targets=(Target(instance=instance, address=f"{context.address(host_number)}:{port}"),)
        )

    exporter = f"{context.address(REDIS_EXPORTER_HOST_NUMBER)}:{REDIS_EXPORTER_PORT}"
    servers = tuple(
        Target(instance=f"redis-{index}", address=f"{ip}:{cache_config.REDIS_PORT}")
        for index, ip in enumerate(cache.server_addresses(context), start=1)
    )
    sentinels = tuple(
        Target(instance=f"sentinel-{index}", address=f"{ip}:{cache_config.SENTINEL_PORT}")
        for index, ip in enumerate(cache.sentinel_addresses(context), start=1)
    )
    return [
        one(slo.JOB_CATALOG, "catalog", catalog.HOST_NUMBER, catalog.PORT),
        one(slo.JOB_POSTGRES, "postgres", POSTGRES_EXPORTER_HOST_NUMBER, POSTGRES_EXPORTER_PORT),
        ScrapeJob(name=slo.JOB_REDIS, targets=servers, redis_exporter=exporter),
        ScrapeJob(name=slo.JOB_SENTINEL, targets=sentinels, redis_exporter=exporter),
        one(slo.JOB_PROMETHEUS, "prometheus", PROMETHEUS_HOST_NUMBER, PROMETHEUS_PORT),
        one(slo.JOB_ALERTMANAGER, "alertmanager", ALERTMANAGER_HOST_NUMBER, ALERTMANAGER_PORT),
    ]


def prometheus(context: StackContext) -> Service:
    """Prometheus with the stack's targets, recording rules and alerts."""
    size = context.settings.monitoring
    conf = render_prometheus_yml(
        stack=context.stack,
        jobs=scrape_jobs(context),
        alertmanagers=[f"{context.address(ALERTMANAGER_HOST_NUMBER)}:{ALERTMANAGER_PORT}"],
        scrape_interval_seconds=size.scrape_interval_seconds,
    )
    return Service(
        name="prometheus",
        component="monitoring",
        image="prometheus",
        user=USER,
        host_number=PROMETHEUS_HOST_NUMBER,
        command=(f"--storage.tsdb.retention.time={size.retention_days}d",),
        config={"prometheus.yml": conf, "rules.yml": render_rules()},
        volumes=(DataVolume(name="data", path="/data"),),
        ports=(Port(container=PROMETHEUS_PORT, host=context.settings.ports.prometheus),),
        health=HealthCheck(command=("healthcheck.sh",), interval=_LEAF_SECONDS, timeout=4, retries=3, start_period=60),
        memory_mb=size.memory_mb,
        cpus=1.0,
        stop_seconds=20,
    )


def alertmanager(context: StackContext) -> Service:
    """Alertmanager, sending where the settings say."""
    return Service(
        name="alertmanager",
        component="monitoring",
        image="alertmanager",
        user=USER,
        host_number=ALERTMANAGER_HOST_NUMBER,
        config={"alertmanager.yml": render_alertmanager_yml(webhook_url=context.settings.monitoring.webhook_url)},
        volumes=(DataVolume(name="data", path="/data"),),
        ports=(Port(container=ALERTMANAGER_PORT, host=context.settings.ports.alertmanager),),
        health=HealthCheck(command=("healthcheck.sh",), interval=_LEAF_SECONDS, timeout=4, retries=3),
        memory_mb=_ALERTMANAGER_MEMORY_MB,
        cpus=0.5,
    )


def postgres_exporter(context: StackContext) -> Service:
    """Metrics of PostgreSQL, through its least-privileged login."""
    source = f"{context.address(postgres.HOST_NUMBER)}:{postgres.PORT}/{connection.DATABASE}?sslmode=disable"
    return Service(
        name="postgres-exporter",
        component="monitoring",
        image="exporters",
        user=USER,
        host_number=POSTGRES_EXPORTER_HOST_NUMBER,
        command=("postgres", f"--extend.query-path={FILES_MOUNT}/config/queries.yaml"),
        env={"DATA_SOURCE_URI": source},
        config={"queries.yaml": metrics.render_queries_yaml(context.settings.database)},
        secrets={"postgres_password": context.secrets.postgresExporterPassword.get_secret_value()},
        health=HealthCheck(command=("healthcheck.sh", "postgres"), interval=_LEAF_SECONDS, timeout=4, retries=3),
        memory_mb=_EXPORTER_MEMORY_MB,
        cpus=0.5,
    )


def redis_exporter(context: StackContext) -> Service:
    """Metrics of every Redis server and Sentinel, through one exporter."""
    passwords = render_redis_password_map(
        password=context.secrets.redisPassword.get_secret_value(),
        servers=cache.server_addresses(context),
        sentinels=cache.sentinel_addresses(context),
    )
    return Service(
        name="redis-exporter",
        component="monitoring",
        image="exporters",
        user=USER,
        host_number=REDIS_EXPORTER_HOST_NUMBER,
        command=("redis",),
        secrets={"redis_passwords.json": passwords},
        health=HealthCheck(command=("healthcheck.sh", "redis"), interval=_LEAF_SECONDS, timeout=4, retries=3),
        memory_mb=_EXPORTER_MEMORY_MB,
        cpus=0.5,
    )


class Monitoring(pulumi.ComponentResource):
    """Metrics and alerts.

    Promises that every service of the stack is scraped by its fixed address, that the alerts of `dashboards/alerts` are
    evaluated, and that they reach the receiver of the settings.

    Attributes:
        prometheus_url: address of Prometheus, for people.
        alertmanager_url: address of Alertmanager, for people.
        prometheus_address: `ip:port` on the stack's network.
        ready: Prometheus' container.
    """

    prometheus_url: str
    alertmanager_url: str
    prometheus_address: str
    ready: pulumi.Resource

    def __init__(
        self,
        context: StackContext,
        placement: ContainerPlacement,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mundo:monitoring:Monitoring", "monitoring", None, opts)
        # The exporters wait for nothing: they report what is away as such.
        for exporter in (postgres_exporter(context), redis_exporter(context)):
            placement.place(exporter, parent=self)
        placement.place(alertmanager(context), parent=self)
        placed = placement.place(prometheus(context), parent=self)
        ports = context.settings.ports
        self.ready = placed.container
        self.prometheus_address = f"{placed.address}:{PROMETHEUS_PORT}"
        self.prometheus_url = context.url(ports.prometheus)
        self.alertmanager_url = context.url(ports.alertmanager)
        self.register_outputs({"prometheus_url": self.prometheus_url, "alertmanager_url": self.alertmanager_url})
