"""The platform that the pages show: as the program declares it, but scraped more often and with one more alert."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import docker
import httpx
import psycopg
import yaml

from components import catalog, monitoring, prometheus_address
from components import monitoring_exporters as exporters
from ops.cell import Cell, cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

    from components.service import Service

SCRAPE_SECONDS = 2

ALERT = "TestAlert"
RUNBOOK = "https://example.invalid/guia#testalert"
_ALERT = {
    "alert": ALERT,
    "expr": "vector(1)",
    "labels": {"severity": "critical", "component": "catalog"},
    "annotations": {"summary": "A test", "description": "It fires <b>always</b>.", "runbook_url": RUNBOOK},
}


@dataclass
class Platform:
    """The running parts."""

    cell: Cell

    @property
    def url(self) -> str:
        """Address of the app, on loopback as people reach it."""
        return f"http://127.0.0.1:{self.cell.running['catalog'].get_exposed_port(catalog.PORT)}"

    @property
    def browser_network(self) -> int | None:
        """A process of the app, in whose network nothing changes; None where only the machine's may be used."""
        if os.geteuid():
            return None
        app: Container = self.cell.running["catalog"].get_wrapped_container()
        app.reload()
        return int(app.attrs["State"]["Pid"])

    @property
    def browser_url(self) -> str:
        """Address of the app as the browser has it, on loopback as well: browsers trust no other without TLS."""
        return self.url if self.browser_network is None else f"http://127.0.0.1:{catalog.PORT}"

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The result of an instant query."""
        url = f"{prometheus_address.url(self.cell.context)}/api/v1/query"
        found: list[dict[str, Any]] = httpx.get(url, params={"query": query}).json()["data"]["result"]
        return found

    @contextlib.contextmanager
    def without_prometheus(self, how: str) -> Iterator[None]:
        """Take Prometheus away: `stop` ends it, `pause` freezes it with its connections open."""
        container: Container = self.cell.running["prometheus"].get_wrapped_container()
        back = {"stop": container.start, "pause": container.unpause}[how]
        {"stop": container.stop, "pause": container.pause}[how]()
        try:
            yield
        finally:
            back()

    @contextlib.contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """Kill services as a broken machine would, and start them again."""
        containers: list[Container] = [self.cell.running[name].get_wrapped_container() for name in names]
        for container in containers:
            container.kill()
        try:
            yield
        finally:
            for container in containers:
                container.start()


def _prometheus(platform: Platform) -> Service:
    service = monitoring.prometheus(platform.cell.context)
    rules = yaml.safe_load(service.config["rules.yml"])
    rules["groups"].append({"name": "test", "rules": [_ALERT]})
    return replace(service, config={**service.config, "rules.yml": yaml.safe_dump(rules)})


def _fill(conninfo: str) -> None:
    """Some entries with a geometry each, and both views refreshed."""
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute("SELECT cron.schedule('heartbeat', '1 second', 'SELECT heartbeat()')")
        owner.execute(
            "INSERT INTO catalogo (nome, tipo) SELECT 'Talhão ' || n, 'Pastagem' FROM generate_series(1, 40) n"
        )
        owner.execute(
            "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid)"
            " SELECT id, ST_Multi(ST_MakeEnvelope(-44.1, -17.4, -44.0, -17.3, 4326)), true FROM catalogo"
        )
        owner.execute("SELECT fold_catalogo_changes(NULL, true)")
        owner.execute("SELECT refresh_all_materialized_views()")


@contextlib.contextmanager
def running() -> Iterator[Platform]:
    """Start everything, and remove it at the end."""
    with cell("test-web") as made:
        settings = made.context.settings
        quick = settings.monitoring.model_copy(update={"scrape_interval_seconds": SCRAPE_SECONDS})
        made.context = replace(made.context, settings=settings.model_copy(update={"monitoring": quick}))
        platform = Platform(made)
        made.start_postgres()
        _fill(made.conninfo("owner"))
        made.start_cache()
        made.start_together(
            *exporters.exporters(made.context),
            monitoring.alertmanager(made.context),
            _prometheus(platform),
            catalog.service(made.context),
        )
        yield platform


def engine() -> docker.DockerClient:
    """The Docker engine."""
    return docker.from_env()
