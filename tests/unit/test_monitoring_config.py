"""The configuration of Prometheus and the Redis exporter, judged by promtool itself."""

import json
from dataclasses import replace

import pytest
import yaml

from components.monitoring_config import (
    ScrapeJob,
    Target,
    render_prometheus_yml,
    render_redis_password_map,
)
from dashboards.alerts.rules import render_rules
from tests.built_images import run_in

REDIS = ScrapeJob(
    name="redis",
    targets=(
        Target(instance="redis-1", address="10.9.0.11:6379"),
        Target(instance="redis-2", address="10.9.0.12:6379"),
    ),
    redis_exporter="10.9.0.42:9121",
)
CATALOG = ScrapeJob(name="catalog", targets=(Target(instance="catalog", address="10.9.0.30:8000"),))


def prometheus(**changes: object) -> str:
    arguments: dict[str, object] = {"stack": "unit", "jobs": [CATALOG, REDIS], "alertmanagers": ["10.9.0.41:9093"]}
    return render_prometheus_yml(**(arguments | changes))  # type: ignore[arg-type]


def test_promtool_accepts_the_configuration_with_the_rules() -> None:
    files = {"prometheus.yml": prometheus(), "rules.yml": render_rules()}
    status, output = run_in("prometheus", ["promtool", "check", "config", "prometheus.yml"], files)
    assert status == 0, output
    assert "rules found" in output


def test_promtool_refuses_what_is_wrong() -> None:
    files = {"prometheus.yml": prometheus(), "rules.yml": render_rules().replace("absent(up", "absent(up(", 1)}
    status, output = run_in("prometheus", ["promtool", "check", "config", "prometheus.yml"], files)
    assert status != 0, output
    assert "could not parse expression" in output


def test_series_carry_stack_and_the_name_people_know() -> None:
    config = yaml.safe_load(prometheus())
    assert config["global"]["external_labels"] == {"stack": "unit"}
    catalog = config["scrape_configs"][0]["static_configs"]
    assert catalog == [{"targets": ["10.9.0.30:8000"], "labels": {"instance": "catalog", "stack": "unit"}}]


def test_redis_is_scraped_through_its_exporter() -> None:
    job = yaml.safe_load(prometheus())["scrape_configs"][1]
    assert job["metrics_path"] == "/scrape"
    assert [entry["targets"] for entry in job["static_configs"]] == [
        ["redis://10.9.0.11:6379"],
        ["redis://10.9.0.12:6379"],
    ]
    assert job["relabel_configs"] == [
        {"source_labels": ["__address__"], "target_label": "__param_target"},
        {"target_label": "__address__", "replacement": "10.9.0.42:9121"},
    ]


@pytest.mark.parametrize(("interval", "timeout"), [(1, "1s"), (15, "10s")])
def test_a_scrape_never_outlasts_its_interval(interval: int, timeout: str) -> None:
    config = yaml.safe_load(prometheus(scrape_interval_seconds=interval))
    assert config["global"]["scrape_timeout"] == timeout


@pytest.mark.parametrize(
    ("jobs", "message"),
    [
        ([ScrapeJob(name="catalog", targets=())], "'catalog' has no target"),
        ([CATALOG, CATALOG], "'catalog' is declared twice"),
    ],
)
def test_a_job_without_sense_is_refused(jobs: list[ScrapeJob], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        prometheus(jobs=jobs)


@pytest.mark.parametrize(("interval", "seldom"), [(1, "4s"), (15, "60s"), (60, "120s"), (300, "300s")])
def test_what_costs_is_scraped_seldom(interval: int, seldom: str) -> None:
    jobs = yaml.safe_load(prometheus(jobs=[CATALOG, replace(REDIS, every=4)], scrape_interval_seconds=interval))
    assert [job.get("scrape_interval") for job in jobs["scrape_configs"]] == [None, seldom]


def test_every_address_has_the_password() -> None:
    password = 'pa"ss\\word'
    text = render_redis_password_map(password=password, servers=["10.9.0.11"], sentinels=["10.9.0.21", "10.9.0.22"])
    assert json.loads(text) == {
        "redis://10.9.0.11:6379": password,
        "redis://10.9.0.21:26379": password,
        "redis://10.9.0.22:26379": password,
    }
