"""What is said of KPIs, alerts and services; and what is said without Prometheus."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from app.main import create_app
from app.models import Check, Readiness
from app.settings import Settings
from app.status import alerts, kpis, parts
from app.status.prometheus import FiringAlert, Line, Sample
from app.status.windows import SPANS
from dashboards.slo import KPIS, by_name
from tests.unit.app.scripts import scripts
from tests.unit.app.web_server import answer, hang, serving

LATENCY = by_name("latency_p95")
READY = Readiness(
    status="ok", checks={name: Check(status="ok", milliseconds=1, detail="answers") for name in ("postgres", "redis")}
)


def settings(prometheus_url: str | None) -> Settings:
    """Settings of an app that nobody answers, but perhaps Prometheus."""
    return Settings.model_validate(
        {
            "postgres_host": "127.0.0.1",
            "postgres_port": 1,
            "sentinels": "127.0.0.1:1",
            "postgres_password": "x",
            "redis_password": "x",
            "prometheus_url": prometheus_url,
        }
    )


def client_of(prometheus_url: str | None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(settings(prometheus_url))), base_url="http://app", timeout=20
    )


@pytest.fixture
async def alone() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app without Prometheus."""
    async with client_of(None) as client:
        yield client


async def test_every_kpi_is_listed_once_and_unknown_without_prometheus(alone: httpx.AsyncClient) -> None:
    page = (await alone.get("/v1/kpis")).json()
    assert page["prometheus"] == "off"
    assert [kpi["name"] for kpi in page["kpis"]] == [kpi.name for kpi in KPIS]
    for kpi, shown in zip(KPIS, page["kpis"], strict=True):
        assert (shown["value"], shown["state"], shown["since"], shown["at"]) == (None, "unknown", None, None)
        assert (shown["titulo"], shown["target"], shown["unit"]) == (kpi.titulo, kpi.target, kpi.unit)


async def test_a_window_has_bounds_and_no_points_without_prometheus(alone: httpx.AsyncClient) -> None:
    for window, span in SPANS.items():
        page = (await alone.get(f"/v1/kpis/series?janela={window}")).json()
        assert set(page["series"]) == {kpi.name for kpi in KPIS}
        assert not any(page["series"].values())
        assert page["end"] - page["start"] == span.seconds
        assert time.time() - span.step - 5 < page["end"] <= time.time()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/kpis?janela=1h", 422),
        ("/v1/kpis/series?janela=1w", 422),
        ("/v1/kpis/nothing/serie", 404),
        ("/v1/kpis/LATENCY/serie", 422),
        ("/v1/situacao/particoes?janela=", 422),
    ],
)
async def test_refusals_are_problems(alone: httpx.AsyncClient, path: str, status: int) -> None:
    answered = await alone.get(path)
    assert answered.status_code == status
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.json()["status"] == status


async def test_a_prometheus_that_hangs_slows_one_answer_only() -> None:
    async with serving(hang) as server, client_of(server.url) as client:
        seconds = []
        for _ in range(4):
            started = time.monotonic()
            page = (await client.get("/v1/kpis")).json()
            seconds.append(time.monotonic() - started)
            assert page["prometheus"] == "away"
            assert {kpi["state"] for kpi in page["kpis"]} == {"unknown"}
        assert seconds[0] < 4
        assert max(seconds[1:]) < 0.5
        one = (await client.get("/v1/kpis/latency_p95/serie")).json()
        assert (one["prometheus"], one["points"]) == ("away", [])
        app = client._transport.app.api  # type: ignore[attr-defined]
        assert isinstance(app, FastAPI)
        await app.state.services.status.close()


async def test_a_prometheus_that_talks_nonsense_is_away_too() -> None:
    async with serving(answer(b"<html>login</html>")) as server, client_of(server.url) as client:
        for path in ("/v1/kpis", "/v1/kpis/series", "/v1/situacao", "/v1/situacao/particoes"):
            answered = await client.get(path)
            assert (answered.status_code, answered.json()["prometheus"]) == (200, "away"), path
        told = {service["name"]: service["state"] for service in (await client.get("/v1/situacao")).json()["services"]}
        assert told == {
            "api": "ok",
            "postgres": "away",
            "redis": "away",
            "sentinel": "unknown",
            "prometheus": "away",
            "scrapes": "unknown",
        }


def test_only_what_is_current_and_recent_is_a_value() -> None:
    names = [kpi.series for kpi in KPIS[:4]]
    now = [
        Sample(metric={"__name__": name}, value=(100, value))
        for name, value in zip(names, (5.0, 6.0, float("nan"), 8.0), strict=True)
    ]
    # The second was not worked out for a while; the fourth ended, which only the instant query knows.
    taken = [Line(metric={"__name__": name}, values=[(80, 1.0), (95, 2.0)]) for name in (names[0], names[2], names[3])]
    found = kpis.readings(now[:3], taken)
    assert found == {KPIS[0].name: kpis.Reading(5.0, 95)}


@pytest.mark.parametrize(
    ("value", "past", "state", "since"),
    [
        (0.01, [], "met", 2000),
        (0.01, [(1000, 0.01), (1300, 0.02), (1600, 0.01)], "met", 1000),
        (0.01, [(1000, 0.01), (1300, 0.9), (1600, 0.01)], "met", 1600),
        (0.6, [(1000, 0.01), (1300, 0.6), (1600, 0.7)], "missed", 1300),
        (0.45, [(1600, 0.6)], "near", 2000),
        # For longer than two steps nobody measured: what was before is another time.
        (0.01, [(700, 0.01), (1400, 0.01)], "met", 1400),
    ],
)
def test_since_is_the_begin_of_the_unbroken_run(
    value: float, past: list[tuple[int, float]], state: str, since: int
) -> None:
    shown = kpis.present(LATENCY, kpis.Reading(value, 2000), past)
    assert shown.state == state == LATENCY.state(value)
    assert shown.since == datetime.fromtimestamp(since, UTC)
    assert shown.measured_at is None


def _alert(name: str, severity: str, state: str, minute: int, **labels: str) -> FiringAlert:
    return FiringAlert.model_validate(
        {
            "labels": {"alertname": name, "severity": severity, "component": "cache", **labels},
            "annotations": {"summary": "s", "description": "d" * 900, "runbook_url": "docs/x.md#x"},
            "state": state,
            "activeAt": datetime(2026, 3, 1, 12, minute, tzinfo=UTC),
        }
    )


def test_alerts_of_the_stack_come_with_the_urgent_first() -> None:
    found = alerts.of_stack(
        [
            _alert("Later", "warning", "firing", 3),
            _alert("Pending", "critical", "pending", 1),
            _alert("Watchdog", "none", "firing", 0),
            _alert("Foreign", "critical", "firing", 0, stack="other"),
            _alert("Earlier", "warning", "firing", 2, stack="local"),
            _alert("Worst", "critical", "firing", 9),
        ],
        "local",
    )
    assert [alert.name for alert in found.items] == ["Worst", "Earlier", "Later", "Pending"]
    assert found.watched
    assert len(found.items[0].description) == 500
    assert found.items[0].runbook == "docs/x.md#x"


def test_without_the_watchdog_nobody_evaluates_alerts() -> None:
    assert not alerts.of_stack([_alert("Worst", "critical", "firing", 9)], "local").watched


def _up(**values: dict[str, float]) -> list[Sample]:
    return [
        Sample(metric={"__name__": "up", "job": job, "instance": name}, value=(0, value))
        for job, found in values.items()
        for name, value in found.items()
    ]


def _redis(job: str, name: str, up: float, role: str = "") -> list[Sample]:
    metric = {"job": job, "instance": name}
    found = [Sample(metric={**metric, "__name__": "redis_up"}, value=(0, up))]
    if role:
        found.append(Sample(metric={**metric, "__name__": "redis_instance_info", "role": role}, value=(0, 1)))
    return found


def test_services_are_told_as_prometheus_sees_them() -> None:
    whole = [
        *_redis("redis", "redis-1", 1, "master"),
        *_redis("redis", "redis-2", 1, "slave"),
        *_redis("redis", "redis-3", 1, "slave"),
        *(sample for number in (1, 2, 3) for sample in _redis("sentinel", f"sentinel-{number}", 1)),
        *_up(catalog={"catalog": 1}, sql={"postgres": 1}, postgres={"postgres": 1}),
    ]
    watched = parts.seen(whole, "local")
    told = {item.name: (item.state, item.detail) for item in parts.present(READY, "1.2.3", "ok", watched)}
    assert told == {
        "api": ("ok", "responde, versão 1.2.3"),
        "postgres": ("ok", "responde à aplicação"),
        "redis": ("ok", "1 principal, 2 de 2 réplicas"),
        "sentinel": ("ok", "3 de 3 respondem, com quórum"),
        "prometheus": ("ok", "responde"),
        "scrapes": ("ok", "3 de 3 fontes respondem"),
    }


def test_what_is_broken_is_named() -> None:
    broken = [
        *_redis("redis", "redis-1", 0, "master"),
        *_redis("redis", "redis-2", 1, "slave"),
        *_redis("sentinel", "sentinel-1", 1),
        *_redis("sentinel", "sentinel-2", 0),
        *_redis("sentinel", "sentinel-3", 0),
        *_up(sql={"postgres": 0}, postgres={"postgres": 1}),
    ]
    watched = parts.seen(broken, "local")
    told = {item.name: (item.state, item.detail) for item in parts.present(READY, "1", "ok", watched)}
    assert told["redis"] == ("degraded", "0 principais, 1 de 2 réplicas")
    assert told["sentinel"] == ("away", "1 de 3 respondem, sem quórum: não há troca automática do principal")
    assert told["scrapes"] == ("degraded", "1 de 2 fontes respondem; sem resposta: postgres (sql)")


async def test_the_page_is_served_with_a_strict_policy(alone: httpx.AsyncClient) -> None:
    page = await alone.get("/status")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert " style=" not in page.text
    assert "<style" not in page.text
    assert scripts(page.text) == ["/static/again.js", "/static/status/main.js"]
