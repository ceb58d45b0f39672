"""Grafana and its objects, through pulumi-grafana (setting `grafana`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumiverse_grafana as grafana
from pulumiverse_grafana import oss

from components import monitoring
from components.service import DataVolume, HealthCheck, Port, Service
from dashboards import grafana as dashboards

if TYPE_CHECKING:
    from components.context import StackContext
    from components.placement.container import ContainerPlacement

HOST_NUMBER = 50
PORT = 3000
USER = 472
"""The user of Grafana's own image."""


def service(context: StackContext) -> Service:
    """The Grafana server of a stack, from its official image."""
    size = context.settings.grafana
    return Service(
        name="grafana",
        component="grafana",
        image=size.image,
        user=USER,
        host_number=HOST_NUMBER,
        env={
            "GF_SECURITY_ADMIN_PASSWORD__FILE": "/run/mundo/secrets/admin_password",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
            "GF_USERS_ALLOW_SIGN_UP": "false",
        },
        secrets={"admin_password": context.secrets.grafanaAdminPassword.get_secret_value()},
        volumes=(DataVolume(name="data", path="/var/lib/grafana"),),
        ports=(Port(container=PORT, host=context.settings.ports.grafana),),
        health=HealthCheck(
            command=("wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{PORT}/api/health"),
            interval=3,
            timeout=4,
            retries=10,
            start_period=60,
        ),
        memory_mb=size.memory_mb,
        cpus=1.0,
    )


def _sources(context: StackContext) -> list[tuple[str, dict[str, Any]]]:
    """The data sources: uid, and what else there is to say of each."""
    prometheus = f"{context.address(monitoring.PROMETHEUS_HOST_NUMBER)}:{monitoring.PROMETHEUS_PORT}"
    alertmanager = f"{context.address(monitoring.ALERTMANAGER_HOST_NUMBER)}:{monitoring.ALERTMANAGER_PORT}"
    # From the scrape interval Grafana takes the shortest step and $__rate_interval.
    asked = {"httpMethod": "POST", "timeInterval": f"{context.settings.monitoring.scrape_interval_seconds}s"}
    return [
        (
            "prometheus",
            {
                "type": "prometheus",
                "name": "Prometheus",
                "url": f"http://{prometheus}",
                "access_mode": "proxy",
                "is_default": True,
                "json_data_encoded": json.dumps({**asked, "alertmanagerUid": "alertmanager", "manageAlerts": True}),
            },
        ),
        (
            "alertmanager",
            {
                "type": "alertmanager",
                "name": "Alertmanager",
                "url": f"http://{alertmanager}",
                "access_mode": "proxy",
                "json_data_encoded": json.dumps({"implementation": "prometheus", "handleGrafanaManagedAlerts": False}),
            },
        ),
    ]


class Grafana(pulumi.ComponentResource):
    """Grafana with a folder, the stack's Prometheus and Alertmanager as data sources, and the dashboards.

    Promises that every dashboard of `dashboards/grafana` is in the folder, asks this stack's Prometheus, and marks the
    alerts that fire; Grafana has no alert rules of its own, so nobody is told twice.

    Attributes:
        url: address of Grafana, for people.
    """

    url: str

    def __init__(
        self,
        context: StackContext,
        placement: ContainerPlacement,
        watched: monitoring.Monitoring,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mundo:grafana:Grafana", "grafana-dashboards", None, opts)
        placed = placement.place(service(context), parent=self, after=[watched.ready])
        self.url = context.url(context.settings.ports.grafana)
        password = context.secrets.grafanaAdminPassword.get_secret_value()
        provider = grafana.Provider(
            "grafana",
            url=self.url,
            auth=pulumi.Output.secret(f"admin:{password}"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        inside = pulumi.ResourceOptions(
            parent=self, provider=provider, depends_on=[placed.container], deleted_with=placed.volumes["data"]
        )
        folder = oss.Folder("folder", title="Mundo Virtual", uid="mundo", opts=inside)
        sources = [oss.DataSource(f"{name}-source", uid=name, opts=inside, **more) for name, more in _sources(context)]
        after = pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=sources))
        self.dashboards = [
            oss.Dashboard(name, folder=folder.uid, config_json=json.dumps(board, sort_keys=True), opts=after)
            for name, board in dashboards.build(runbook_url=context.settings.monitoring.runbook_url).items()
        ]
        self.register_outputs({"url": self.url})
