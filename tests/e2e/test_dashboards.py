"""Every query of every panel and every rule gives data, asked of the Prometheus of a stack that is used."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import docker
import httpx
import psycopg
import pytest

from dashboards import grafana
from dashboards.alerts.burn_rates import recording
from dashboards.alerts.rules import ALERTS
from dashboards.slo import KPIS, SCRAPE_SECONDS
from tests import dashboard_queries, promql
from tests.e2e.prometheus import Prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.operator import Operator

pytestmark = pytest.mark.timeout(1200)

FEATURES = 400
PAGE = 50
MOVE = "UPDATE catalogo_geometrias_particionada SET geom = ST_Translate(geom, 0.0001, 0) WHERE catalogo_id = %s"
# What counts every geometry is asked every five minutes only, and a rate needs two looks.
PATIENCE_SECONDS = 480

EXCEPTIONS = {
    r'^(?!.* or ).*status=~"5\.\."': "the platform failed to answer nothing",
    r"^sum by \(integration\) .*notifications.* > 0$": "this stack has no receiver: nothing is sent, so nothing fails",
}
"""What gives no data in a healthy stack, as a pattern of the query, and why. One that gives data is none."""


@dataclass
class Visitor:
    """Somebody who uses the app."""

    url: str
    entries: list[int] = field(default_factory=list)
    visits: int = 0

    def comes(self) -> None:
        """Searches, looks at entries and their bounds, others each time, asks for what is not there and nonsense."""
        offset = PAGE * (self.visits % (FEATURES // PAGE))
        self.visits += 1
        with httpx.Client(base_url=self.url, timeout=30) as client:
            page = client.get("/v1/catalogo", params={"only_geometric": True, "limit": PAGE, "offset": offset})
            page.raise_for_status()
            self.entries = [entry["id"] for entry in page.json()["items"]]
            assert self.entries
            for word in ("talhao", "curral", "vegetacao nativa", "nada disso"):
                client.get("/v1/catalogo", params={"query": word}).raise_for_status()
            for entry in self.entries:
                client.get(f"/v1/catalogo/{entry}/bounds").raise_for_status()
            client.get(f"/v1/catalogo/{self.entries[0]}").raise_for_status()
            assert client.get("/v1/catalogo/999999999").status_code == 404
            assert client.get("/v1/catalogo", params={"limit": "many"}).status_code == 422

    def sends(self, token: str) -> None:
        """Sends a file of one feature and waits until it is loaded."""
        ring = [[-44.1, -17.3], [-44.0, -17.3], [-44.0, -17.2], [-44.1, -17.3]]
        feature = {
            "type": "Feature",
            "id": "T1",
            "properties": {"name": "Talhão enviado"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        with httpx.Client(base_url=self.url, timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
            sent = client.post(
                "/v1/importacoes",
                params={"arquivo": "talhao.geojson"},
                content=json.dumps({"type": "FeatureCollection", "features": [feature]}),
                headers={"Content-Type": "application/geo+json"},
            )
            assert sent.status_code == 202, sent.text
            until = time.monotonic() + 60
            while (state := client.get(sent.headers["Location"]).json()["estado"]) in {"pending", "running"}:
                assert time.monotonic() < until, state
                time.sleep(0.5)
            assert state == "done", state


@dataclass(frozen=True)
class Told:
    """What was asked, and what had an answer at any time while the app was used."""

    asked: frozenset[str]
    answered: frozenset[str]

    @property
    def silent(self) -> frozenset[str]:
        """What never had an answer."""
        return self.asked - self.answered


@pytest.fixture(scope="module")
def visitor(operator: Operator) -> Visitor:
    """A visitor of a stack with everything in it that happens there: a new start, imports, a plan, another master."""
    outputs = operator.outputs()
    someone = Visitor(outputs["app_url"])
    client = docker.from_env()
    client.containers.get(operator.containers()["catalog"]).restart()
    client.close()
    _until(lambda: httpx.get(f"{someone.url}/health/ready").json()["status"] == "ok")
    operator.succeeds("sample", "-n", str(FEATURES))
    someone.sends(outputs["importToken"])
    with psycopg.connect(outputs["postgres_url"], autocommit=True) as owner:
        owner.execute("SELECT refresh_all_materialized_views()")
        # What somebody has looked at changes.
        someone.comes()
        owner.execute(MOVE, (someone.entries[0],))
    operator.succeeds("capacity", "--rows-per-year", str(FEATURES), "--output", str(operator.home / "capacity"))
    operator.succeeds("switch-master")
    return someone


@pytest.fixture(scope="module")
def prometheus(operator: Operator) -> Prometheus:
    return Prometheus(operator.outputs()["prometheus_url"])


@pytest.fixture(scope="module")
def told(operator: Operator, visitor: Visitor, prometheus: Prometheus) -> Told:
    """Asks everything again and again while the visitor goes on, until only exceptions are silent."""
    queries = {one.expanded(operator.stack) for one in dashboard_queries.asked()}
    queries |= {dashboard_queries.expand(selector, stack=operator.stack) for selector in _selectors()}
    answered: set[str] = set()
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        visitor.comes()
        answered |= {query for query in queries - answered if prometheus.now(query)}
        if all(_excepted(query) for query in queries - answered):
            break
        time.sleep(SCRAPE_SECONDS)
    return Told(frozenset(queries), frozenset(answered))


def _selectors() -> Iterator[str]:
    """Whatever the queries of panels and rules select: `or` would hide its absence."""
    rules = [kpi.promql for kpi in KPIS] + [expr for _, expr in recording()] + [alert.expr for alert in ALERTS]
    drawn = [one.expr for one in dashboard_queries.asked()]
    for query in [*drawn, *rules]:
        yield from (str(selector) for selector, _ in promql.selectors(query))


def _excepted(query: str) -> bool:
    return any(re.search(pattern, query) for pattern in EXCEPTIONS)


def _until(holds: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < until
        time.sleep(0.5)


def test_every_query_gives_data(told: Told) -> None:
    assert not sorted(query for query in told.silent if not _excepted(query))


@pytest.mark.parametrize("pattern", EXCEPTIONS)
def test_an_exception_is_one(told: Told, pattern: str) -> None:
    queries = {query for query in told.asked if re.search(pattern, query)}
    assert queries, "nothing is asked that this is an exception of"
    assert not queries & told.answered, "it gives data: it is no exception"


def test_what_happened_is_marked(visitor: Visitor, prometheus: Prometheus, operator: Operator) -> None:
    found = {one.panel: one.expanded(operator.stack) for one in dashboard_queries.marks()}
    assert set(found) == {"Implantações", "Trocas do Redis principal", "Alertas"}
    _until(lambda: prometheus.lately(found["Trocas do Redis principal"]), seconds=90)
    versions = {row["metric"]["version"] for row in prometheus.lately(found["Implantações"])}
    assert len(versions) == 1
    # Nothing else may fire in a healthy stack; the watchdog shows that alerts are found.
    assert prometheus.lately(found["Alertas"].replace('alertname!="Watchdog"', 'alertname="Watchdog"'))


def test_the_variables_offer_what_is_there(visitor: Visitor, prometheus: Prometheus, operator: Operator) -> None:
    for board in grafana.build().values():
        for variable in board["templating"]["list"]:
            if variable["type"] != "query":
                continue
            expr = dashboard_queries.expand(variable["query"], stack=operator.stack)
            found = re.fullmatch(r"label_values\((.+), (\w+)\)", expr)
            assert found
            offered = prometheus.values(found[2], found[1])
            assert offered, variable["query"]
            if variable["name"] == "stack":
                assert offered == [operator.stack]
