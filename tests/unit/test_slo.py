"""The KPI table: complete, well formed, and made of metrics that exist."""

import re
from dataclasses import fields

import httpx
import pytest

from app.imports.metrics import ImportMetrics
from app.main import create_app
from app.metrics import Metrics
from app.settings import Settings
from dashboards import slo
from dashboards.alerts.rules import ALERTS

# DESIGN's table: KPI → target of Sprint 3, in the KPI's unit.
TARGETS = {
    "ingest_throughput": 211.5,
    "latency_p95": 0.5,
    "search_mean": 0.15,
    "cache_hit_rate": 0.9,
    "partition_size": 1.0,
    "view_refresh": 5.0,
    "freshness": 1.0,
    "partition_overhead": 0.05,
    "failover": 0.1,
    "error_rate": 0.001,
    "valid_geometries": 0.99,
    "data_traceability": 1.0,
    "code_quality": 0.9,
    "test_coverage": 0.8,
    "traceability": 1.0,
}


def test_every_kpi_stands_there_once_with_its_target() -> None:
    assert [(kpi.name, kpi.target) for kpi in slo.KPIS] == list(TARGETS.items())


@pytest.mark.parametrize("kpi", slo.KPIS, ids=lambda kpi: kpi.name)
def test_a_kpi_is_well_formed(kpi: slo.Kpi) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kpi.name)
    assert kpi.description.endswith(".")
    assert kpi.descricao.endswith(".")
    assert all(getattr(kpi, field.name) for field in fields(kpi))


@pytest.mark.parametrize(
    ("name", "good", "bad"), [("latency_p95", 0.499, 0.5), ("cache_hit_rate", 0.9, 0.899), ("error_rate", 0.0, 0.001)]
)
def test_the_side_of_the_target_that_is_good(name: str, good: float, bad: float) -> None:
    kpi = slo.by_name(name)
    assert kpi.met_by(good)
    assert not kpi.met_by(bad)


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("latency_p95", 0.4, "met"),
        ("latency_p95", 0.401, "near"),
        ("latency_p95", 0.5, "missed"),
        ("cache_hit_rate", 0.92, "met"),
        ("cache_hit_rate", 0.919, "near"),
        ("cache_hit_rate", 0.899, "missed"),
        ("ingest_throughput", 254, "met"),
        ("ingest_throughput", 253, "near"),
        ("traceability", 1.0, "met"),
        ("traceability", 0.99, "missed"),
        ("error_rate", None, "unknown"),
        ("error_rate", float("nan"), "unknown"),
    ],
)
def test_how_a_value_stands_to_its_target(name: str, value: float | None, state: str) -> None:
    assert slo.by_name(name).state(value) == state


def test_an_unknown_kpi_is_refused() -> None:
    with pytest.raises(KeyError):
        slo.by_name("nonsense")


def exposed_by_the_app() -> dict[str, set[str]]:
    """Series name → label names of what the catalogue app really exposes after a request."""
    metrics = Metrics(version="0", stack="unit")
    metrics.watch_changes(poll_age=lambda: 0, change_age=lambda: 0, unshared=lambda: 0)
    metrics.watch_pool(dict)
    ImportMetrics(metrics.registry)
    metrics.request(method="GET", route="/v1/catalogo", status=200, seconds=0.01)
    found: dict[str, set[str]] = {}
    for line in metrics.render().decode().splitlines():
        match = re.match(r"([a-z_]+)(?:\{(.*)\})? ", line)
        if match:
            found.setdefault(match[1], set()).update(re.findall(r'(\w+)="', match[2] or ""))
    return found


def test_metrics_of_the_app_in_kpis_and_alerts_exist_with_their_labels() -> None:
    exposed = exposed_by_the_app()
    used = 0
    for query in [*(kpi.promql for kpi in slo.KPIS), *(alert.expr for alert in ALERTS)]:
        for metric, selector in re.findall(r"(?<!:)\b(mundo_\w+)(?:\{([^}]*)\})?", str(query)):
            used += 1
            assert metric in exposed, f"{metric} in {query}"
            labels = set(re.findall(r"(\w+)(?:=~|!~|!=|=)", selector)) - {"job", "instance", "stack"}
            assert labels <= exposed[metric], f"{labels} of {metric} in {query}"
    assert used > 5


async def test_routes_in_kpis_are_those_the_app_counts() -> None:
    settings = Settings(
        postgres_host="127.0.0.1", postgres_password="unused", sentinels="127.0.0.1:1", redis_password="unused"
    )
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        refused = await client.get("/v1/catalogo", params={"limit": "many"})
        metrics = (await client.get("/metrics")).text
    assert refused.status_code == 422
    (counted,) = re.findall(r'^mundo_http_requests_total\{(.*status="422".*)\} 1\.0$', metrics, re.MULTILINE)
    assert 'method="GET",route="/v1/catalogo"' in counted
    assert 'method="GET",route="/v1/catalogo"' in str(slo.by_name("search_mean").promql)
