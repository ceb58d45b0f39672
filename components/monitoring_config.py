"""The configuration files of Prometheus and the Redis exporter, as text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from components.cache_config import REDIS_PORT, SENTINEL_PORT

_MAX_SCRAPE_TIMEOUT_SECONDS = 10
# Prometheus takes a value for gone after five minutes.
_SELDOM_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is scraped.

    Attributes:
        instance: the name people know it by, such as `redis-1`; the label `instance`.
        address: `ip:port` on the stack's network.
    """

    instance: str
    address: str


@dataclass(frozen=True, kw_only=True)
class ScrapeJob:
    """Targets of one kind; the names of jobs are in `dashboards/slo.py`.

    Attributes:
        name: the label `job`.
        targets: what is scraped, at least one.
        metrics_path: path of the metrics at a target that is scraped directly.
        redis_exporter: `ip:port` of the exporter that asks the targets on Prometheus' behalf (`/scrape?target=`);
            None where the targets give metrics themselves.
        every: each how many-th scrape takes place; more than 1 for what costs more than it changes.
        metric_relabeling: what becomes of each sample, as Prometheus' `metric_relabel_configs`.
    """

    name: str
    targets: tuple[Target, ...]
    metrics_path: str = "/metrics"
    redis_exporter: str | None = None
    every: int = 1
    metric_relabeling: tuple[Mapping[str, Any], ...] = ()


def render_prometheus_yml(
    *,
    stack: str,
    jobs: Sequence[ScrapeJob],
    alertmanagers: Sequence[str],
    rule_files: Sequence[str] = ("rules.yml",),
    scrape_interval_seconds: int = 15,
) -> str:
    """Return prometheus.yml.

    Args:
        stack: the stack's name, a label of every series and alert.
        jobs: what is scraped.
        alertmanagers: `ip:port` of each Alertmanager.
        rule_files: rule files, relative to the folder of prometheus.yml.
        scrape_interval_seconds: time between two scrapes and between two evaluations of the rules.

    Raises:
        ValueError: a job has no target, or two jobs have the same name.
    """
    names = [job.name for job in jobs]
    for job in jobs:
        if not job.targets:
            raise ValueError(f"scrape job '{job.name}' has no target: at least one is needed")
        if names.count(job.name) > 1:
            raise ValueError(f"scrape job '{job.name}' is declared twice: names are unique")
    timeout = min(scrape_interval_seconds, _MAX_SCRAPE_TIMEOUT_SECONDS)
    return _yaml(
        {
            "global": {
                "scrape_interval": f"{scrape_interval_seconds}s",
                "scrape_timeout": f"{timeout}s",
                "evaluation_interval": f"{scrape_interval_seconds}s",
                "external_labels": {"stack": stack},
            },
            "rule_files": list(rule_files),
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]},
            "scrape_configs": [_scrape_config(job, stack, scrape_interval_seconds) for job in jobs],
        }
    )


def render_redis_password_map(
    *,
    password: str,
    servers: Sequence[str],
    sentinels: Sequence[str],
    port: int = REDIS_PORT,
    sentinel_port: int = SENTINEL_PORT,
) -> str:
    """Return redis_passwords.json of the Redis exporter: a secret, since it holds `password` for every address.

    Args:
        password: the password of the servers and the Sentinels.
        servers: IPv4 addresses of the servers, all listening on `port`.
        sentinels: IPv4 addresses of the Sentinels, all listening on `sentinel_port`.
        port: TCP port of the servers.
        sentinel_port: TCP port of the Sentinels.
    """
    addresses = [f"{ip}:{port}" for ip in servers] + [f"{ip}:{sentinel_port}" for ip in sentinels]
    return json.dumps({f"redis://{address}": password for address in addresses}, indent=2) + "\n"


def _scrape_config(job: ScrapeJob, stack: str, interval_seconds: int) -> dict[str, Any]:
    config: dict[str, Any] = {
        "job_name": job.name,
        "metrics_path": job.metrics_path if job.redis_exporter is None else "/scrape",
        "static_configs": [
            {
                "targets": [target.address if job.redis_exporter is None else f"redis://{target.address}"],
                "labels": {"instance": target.instance, "stack": stack},
            }
            for target in job.targets
        ],
    }
    if job.redis_exporter is not None:
        config["relabel_configs"] = [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"target_label": "__address__", "replacement": job.redis_exporter},
        ]
    if job.every > 1:
        config["scrape_interval"] = f"{max(interval_seconds, min(job.every * interval_seconds, _SELDOM_SECONDS))}s"
    if job.metric_relabeling:
        config["metric_relabel_configs"] = [dict(step) for step in job.metric_relabeling]
    return config


def _yaml(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False, width=120)
