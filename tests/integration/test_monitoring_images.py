"""Prometheus, Alertmanager and the exporters at work on a real database and a real Redis group, without the app."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from components import monitoring
from components import monitoring_exporters as exporters
from dashboards.alerts import backups
from dashboards.alerts.rules import ALERTS
from dashboards.slo import (
    JOB_ALERTMANAGER,
    JOB_CATALOG,
    JOB_NODE,
    JOB_POSTGRES,
    JOB_PROCESS,
    JOB_PROMETHEUS,
    JOB_REDIS,
    JOB_SENTINEL,
    JOB_SQL,
)
from ops.cell import Cell, cell
from tests.dashboard_queries import asked
from tests.integration.database_data import fill
from tests.integration.redis_group import eventually

SCRAPE_SECONDS = 2


@pytest.fixture(scope="module")
def watched() -> Iterator[Cell]:
    with cell("test-monitoring") as made:
        settings = made.context.settings
        quick = settings.monitoring.model_copy(update={"scrape_interval_seconds": SCRAPE_SECONDS})
        made.context = replace(made.context, settings=settings.model_copy(update={"monitoring": quick}))
        made.start_postgres()
        fill(made)
        made.start_cache()
        context = made.context
        # Each is asked for its health every 15 s only.
        made.start_together(
            *exporters.exporters(context), monitoring.alertmanager(context), monitoring.prometheus(context)
        )
        yield made


def ask(watched: Cell, query: str) -> list[dict[str, Any]]:
    """The result of an instant query; an error of PromQL fails the test."""
    host = watched.context.address(monitoring.PROMETHEUS_HOST_NUMBER)
    answer = httpx.get(f"http://{host}:{monitoring.PROMETHEUS_PORT}/api/v1/query", params={"query": query}).json()
    assert answer["status"] == "success", f"{query}: {answer}"
    result: list[dict[str, Any]] = answer["data"]["result"]
    return result


def instances(watched: Cell, query: str) -> dict[str, set[str]]:
    """Job → instances that have the value 1."""
    found: dict[str, set[str]] = {}
    for sample in ask(watched, f"{query} == 1"):
        found.setdefault(sample["metric"]["job"], set()).add(sample["metric"]["instance"])
    return found


def panel_queries() -> list[str]:
    return [one.expanded("test") for one in asked()]


def test_everything_but_the_absent_app_is_scraped(watched: Cell) -> None:
    redis_names = {f"redis-{number}" for number in (1, 2, 3)}
    sentinel_names = {f"sentinel-{number}" for number in (1, 2, 3)}

    def all_up() -> None:
        assert instances(watched, "up") == {
            JOB_POSTGRES: {"postgres"},
            JOB_SQL: {"postgres"},
            JOB_REDIS: redis_names,
            JOB_SENTINEL: sentinel_names,
            JOB_NODE: {"host"},
            JOB_PROCESS: {"host"},
            JOB_PROMETHEUS: {"prometheus"},
            JOB_ALERTMANAGER: {"alertmanager"},
        }
        assert instances(watched, "pg_up") == {JOB_POSTGRES: {"postgres"}}
        assert instances(watched, "redis_up") == {JOB_REDIS: redis_names, JOB_SENTINEL: sentinel_names}

    eventually(all_up)
    assert len(ask(watched, f'redis_instance_info{{job="{JOB_REDIS}",role="master",stack="test"}}')) == 1


def test_every_metric_of_rules_exists(watched: Cell) -> None:
    # Without backups here: what is told of them is asked for on a whole stack, by tests/e2e/test_dashboards.py.
    text = " ".join(alert.expr for alert in ALERTS if alert not in backups.ALERTS)
    names = set(re.findall(r"\b((?:pg|redis|prometheus|alertmanager|node)_[A-Za-z_]+)\b(?!\")", text)) | {"up"}
    assert len(names) > 10

    def all_there() -> None:
        missing = {name for name in names if not ask(watched, name)}
        assert not missing

    eventually(all_there)


def test_the_database_speaks_of_its_upkeep(watched: Cell) -> None:
    def fit() -> None:
        (years,) = ask(watched, "pg_mundo_partitions_years_ahead == pg_mundo_partitions_years_wanted")
        assert float(years["value"][1]) == watched.context.settings.database.years_ahead
        (beat,) = ask(watched, "pg_mundo_scheduler_age_seconds")
        assert float(beat["value"][1]) < 60
        limits = {row["value"][1] for row in ask(watched, "pg_mundo_view_max_age_seconds")}
        assert limits == {str(watched.context.settings.database.refresh_max_age_minutes * 60)}
        assert len(ask(watched, "pg_mundo_view_age_seconds < 600")) == 2

    eventually(fit)


def test_every_panel_can_be_drawn(watched: Cell) -> None:
    # What the app, traffic and the machine give is absent here: tests/e2e/test_dashboards.py looks for the data.
    assert [query for query in panel_queries() if ask(watched, query)]


def test_series_of_an_exporter_are_few(watched: Cell) -> None:
    """Whatever the number of rows, requests, containers and mounts; a Redis server or a disk more is as many more."""
    most = {JOB_POSTGRES: 600, JOB_SQL: 320, JOB_REDIS: 700, JOB_SENTINEL: 300, JOB_NODE: 200, JOB_PROCESS: 80}

    def few() -> None:
        for job, limit in most.items():
            targets = ask(watched, f'scrape_samples_post_metric_relabeling{{job="{job}"}}')
            assert targets, job
            for target in targets:
                assert 0 < float(target["value"][1]) <= limit, target

    eventually(few)  # a scrape that timed out, as on a busy machine, has no samples


def test_the_programs_of_the_platform_are_known_by_name(watched: Cell) -> None:
    def known() -> None:
        found = {sample["metric"]["groupname"] for sample in ask(watched, "namedprocess_namegroup_num_procs > 0")}
        assert {"postgres", "redis-server", "redis-sentinel", "prometheus", "alertmanager", "exporters"} <= found

    eventually(known)


def test_the_disks_of_the_machine_are_real_ones(watched: Cell) -> None:
    disks = ask(watched, "node_filesystem_size_bytes")
    assert disks
    assert not [one for one in disks if one["metric"]["fstype"] in {"tmpfs", "overlay", "proc", "cgroup"}]
    assert not [one for one in disks if "/var/lib/docker/" in one["metric"]["mountpoint"]]


def test_partitions_are_seen_by_year(watched: Cell) -> None:
    for metric in ("pg_mundo_partition_rows", "pg_mundo_partition_bytes"):
        years = {sample["metric"]["partition"] for sample in ask(watched, metric)}
        assert {"default", *(str(year) for year in range(2026, 2036))} <= years


def test_the_missing_app_is_reported_to_alertmanager(watched: Cell) -> None:
    host = watched.context.address(monitoring.ALERTMANAGER_HOST_NUMBER)

    def reported() -> None:
        alerts = httpx.get(f"http://{host}:{monitoring.ALERTMANAGER_PORT}/api/v2/alerts").json()
        labels = {alert["labels"]["alertname"]: alert["labels"] for alert in alerts}
        # The alert on the instance follows after minutes.
        assert set(labels) - {"CatalogInstanceDown"} == {"CatalogDown", "Watchdog"}
        assert labels["CatalogDown"] == {
            "alertname": "CatalogDown",
            "component": "catalog",
            "severity": "critical",
            "job": JOB_CATALOG,
            "stack": "test",
        }

    eventually(reported, seconds=90)


def test_no_password_is_visible_from_outside(watched: Cell) -> None:
    secrets = watched.context.secrets
    passwords = [secrets.postgresExporterPassword.get_secret_value(), secrets.redisPassword.get_secret_value()]
    for name in ("postgres-exporter", "sql-exporter", "redis-exporter", "prometheus", "alertmanager"):
        container = watched.running[name].get_wrapped_container()
        shown = json.dumps(container.attrs) + json.dumps(container.top()) + container.logs().decode()
        assert name.split("-")[-1] in shown
        for password in passwords:
            assert password not in shown
