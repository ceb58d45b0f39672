"""Prometheus, Alertmanager and the exporters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pulumi

from components import cache, cache_config, catalog, prometheus_address, proxy
from components import monitoring_exporters as exporters
from components.alertmanager_config import render_alertmanager_yml, secret_files
from components.database import metrics
from components.monitoring_config import ScrapeJob, Target, render_prometheus_yml
from components.monitoring_sql import metric_relabeling, render_database_rules
from components.service import DataVolume, HealthCheck, Port, Service
from dashboards import slo
from dashboards.alerts.rules import render_rules

if TYPE_CHECKING:
    from components.context import StackContext
    from components.placement.container import ContainerPlacement

USER = exporters.USER
PROMETHEUS_HOST_NUMBER = prometheus_address.HOST_NUMBER
ALERTMANAGER_HOST_NUMBER = 41
PROMETHEUS_PORT = prometheus_address.PORT
ALERTMANAGER_PORT = 9093
_ALERTMANAGER_MEMORY_MB = 128


def scrape_jobs(context: StackContext) -> list[ScrapeJob]:
    """Everything that Prometheus scrapes in a stack, by its fixed addresses."""

    def one(name: str, instance: str, address: str) -> ScrapeJob:
        return ScrapeJob(name=name, targets=(Target(instance=instance, address=address),))

    exporter = exporters.REDIS.address(context)
    servers = tuple(
        Target(instance=f"redis-{index}", address=f"{ip}:{cache_config.REDIS_PORT}")
        for index, ip in enumerate(cache.server_addresses(context), start=1)
    )
    sentinels = tuple(
        Target(instance=f"sentinel-{index}", address=f"{ip}:{cache_config.SENTINEL_PORT}")
        for index, ip in enumerate(cache.sentinel_addresses(context), start=1)
    )
    host = [
        one(slo.JOB_NODE, "host", exporters.NODE.address(context)),
        replace(
            one(slo.JOB_PROCESS, "host", exporters.PROCESS.address(context)),
            # It reads every process of the machine, a millisecond each.
            every=slo.PROCESS_SCRAPES,
            metric_relabeling=({"source_labels": ["__name__"], "regex": exporters.PROCESS_METRICS, "action": "keep"},),
        ),
    ]
    apps = tuple(Target(instance=name, address=ip) for name, ip in catalog.addresses(context).items())
    before_apps = replace(
        one(slo.JOB_PROXY, proxy.NAME, f"{context.address(proxy.HOST_NUMBER)}:{proxy.METRICS_PORT}"),
        metric_relabeling=({"source_labels": ["__name__"], "regex": proxy.METRICS, "action": "keep"},),
    )
    sql = one(slo.JOB_SQL, "postgres", exporters.SQL.address(context))
    return [
        ScrapeJob(name=slo.JOB_CATALOG, targets=apps),
        *((before_apps,) if len(apps) > 1 else ()),
        one(slo.JOB_POSTGRES, "postgres", exporters.POSTGRES.address(context)),
        replace(sql, metric_relabeling=metric_relabeling()),
        ScrapeJob(name=slo.JOB_REDIS, targets=servers, redis_exporter=exporter),
        ScrapeJob(name=slo.JOB_SENTINEL, targets=sentinels, redis_exporter=exporter),
        one(slo.JOB_PROMETHEUS, "prometheus", f"{context.address(PROMETHEUS_HOST_NUMBER)}:{PROMETHEUS_PORT}"),
        one(slo.JOB_ALERTMANAGER, "alertmanager", f"{context.address(ALERTMANAGER_HOST_NUMBER)}:{ALERTMANAGER_PORT}"),
        *(host if context.settings.monitoring.host_metrics else ()),
    ]


def prometheus(context: StackContext) -> Service:
    """Prometheus with the stack's targets, recording rules and alerts."""
    size = context.settings.monitoring
    rules = render_rules(runbook_url=size.runbook_url, wait_percent=size.alert_wait_percent)
    conf = render_prometheus_yml(
        stack=context.stack,
        jobs=scrape_jobs(context),
        alertmanagers=[f"{context.address(ALERTMANAGER_HOST_NUMBER)}:{ALERTMANAGER_PORT}"],
        rule_files=("database.yml", "rules.yml"),
        scrape_interval_seconds=size.scrape_interval_seconds,
    )
    database = render_database_rules(
        metrics.questions(context.settings.database, context.settings.backups),
        scrape_interval_seconds=size.scrape_interval_seconds,
    )
    return Service(
        name="prometheus",
        component="monitoring",
        image="prometheus",
        user=USER,
        host_number=PROMETHEUS_HOST_NUMBER,
        command=(
            f"--storage.tsdb.retention.time={size.retention_days}d",
            f"--web.external-url={context.url(context.settings.ports.prometheus)}",
        ),
        config={"prometheus.yml": conf, "database.yml": database, "rules.yml": rules},
        volumes=(DataVolume(name="data", path="/data"),),
        ports=(Port(container=PROMETHEUS_PORT, host=context.settings.ports.prometheus),),
        health=HealthCheck(
            command=("healthcheck.sh",), interval=exporters.LEAF_SECONDS, timeout=4, retries=3, start_period=60
        ),
        memory_mb=size.memory_mb,
        cpus=1.0,
        stop_seconds=20,
    )


def alertmanager(context: StackContext) -> Service:
    """Alertmanager, sending where the settings say."""
    secrets = secret_files(context.secrets)
    return Service(
        name="alertmanager",
        component="monitoring",
        image="alertmanager",
        user=USER,
        host_number=ALERTMANAGER_HOST_NUMBER,
        # Messages link to where people reach it.
        command=(f"--web.external-url={context.url(context.settings.ports.alertmanager)}",),
        config={"alertmanager.yml": render_alertmanager_yml(context.settings.monitoring, secrets)},
        secrets=secrets,
        volumes=(DataVolume(name="data", path="/data"),),
        ports=(Port(container=ALERTMANAGER_PORT, host=context.settings.ports.alertmanager),),
        health=HealthCheck(command=("healthcheck.sh",), interval=exporters.LEAF_SECONDS, timeout=4, retries=3),
        memory_mb=_ALERTMANAGER_MEMORY_MB,
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
        for exporter in exporters.exporters(context):
            placement.place(exporter, parent=self)
        placement.place(alertmanager(context), parent=self)
        placed = placement.place(prometheus(context), parent=self)
        ports = context.settings.ports
        self.ready = placed.container
        self.prometheus_address = f"{placed.address}:{PROMETHEUS_PORT}"
        self.prometheus_url = context.url(ports.prometheus)
        self.alertmanager_url = context.url(ports.alertmanager)
        self.register_outputs({"prometheus_url": self.prometheus_url, "alertmanager_url": self.alertmanager_url})
