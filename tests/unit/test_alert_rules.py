"""The alert rules, run by promtool: silent before, firing while it lasts, resolved after."""

import functools
import re
from typing import Any

import pytest
import yaml

from dashboards.alerts.model import Alert
from dashboards.alerts.rules import ALERTS, render_rules
from images.content import ROOT
from tests.built_images import run_in
from tests.unit.alert_case import STEP_SECONDS, Case
from tests.unit.alert_cases import CASES

BY_NAME = {alert.name: alert for alert in ALERTS}


def moment(samples: int) -> str:
    return f"{samples * STEP_SECONDS}s"


def alert_count(name: str, samples: int, expected: int) -> dict[str, Any]:
    """A look at the number of firing alerts of this name."""
    query = f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)'
    return {"expr": query, "eval_time": moment(samples), "exp_samples": [{"labels": "{}", "value": expected}]}


def firing_labels(case: Case) -> dict[str, Any]:
    alert = BY_NAME[case.alert]
    labels = {
        "alertname": alert.name,
        "alertstate": "firing",
        "component": alert.component,
        "severity": alert.severity,
        **case.labels,
    }
    shown = ", ".join(f'{key}="{value}"' for key, value in labels.items())
    return {
        "expr": f'ALERTS{{alertname="{alert.name}",alertstate="firing"}}',
        "eval_time": moment(case.firing),
        "exp_samples": [{"labels": f"ALERTS{{{shown}}}", "value": 1}],
    }


def story(case: Case) -> dict[str, Any]:
    looks = [
        alert_count(case.alert, case.silent, 0),
        firing_labels(case),
        alert_count(case.alert, case.resolved, 0),
    ]
    if case.pending is not None:
        looks.append(alert_count(case.alert, case.pending, 0))
    return {
        "name": f"{case.alert} {dict(case.labels)}",
        "interval": f"{STEP_SECONDS}s",
        "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
        "promql_expr_test": looks,
    }


def promtool(tests: list[dict[str, Any]], rules: str | None = None) -> tuple[int, str]:
    document = {"rule_files": ["rules.yml"], "evaluation_interval": f"{STEP_SECONDS}s", "tests": tests}
    files = {"rules.yml": rules or render_rules(), "test.yml": yaml.safe_dump(document, sort_keys=False)}
    return run_in("prometheus", ["promtool", "test", "rules", "test.yml"], files)


def test_every_alert_has_a_case() -> None:
    assert {case.alert for case in CASES} | {"Watchdog"} == set(BY_NAME)


def test_alerts_fire_and_end_when_they_should() -> None:
    status, output = promtool([story(case) for case in CASES])
    assert status == 0, output
    assert "SUCCESS" in output


def test_the_stories_notice_a_rule_that_never_fires() -> None:
    broken = render_rules().replace("== 0", "== 7").replace("< 2", "< -7")
    status, output = promtool([story(case) for case in CASES], broken)
    assert status == 1
    for name in ("PostgresDown", "CatalogDown", "RedisReplicasLow", "SentinelQuorumLost"):
        assert f'alertname="{name}"' in output


def test_the_watchdog_always_fires() -> None:
    look = alert_count("Watchdog", 1, 1)
    status, output = promtool([{"interval": f"{STEP_SECONDS}s", "input_series": [], "promql_expr_test": [look]}])
    assert status == 0, output


def test_nothing_but_the_watchdog_and_missing_jobs_fires_where_no_series_is() -> None:
    query = 'sum by (alertname) (ALERTS{alertname!="Watchdog",alertname!="ScrapeMissing"}) or vector(0)'
    look = {"expr": query, "eval_time": "30m", "exp_samples": [{"labels": "{}", "value": 0}]}
    status, output = promtool([{"interval": f"{STEP_SECONDS}s", "input_series": [], "promql_expr_test": [look]}])
    assert status == 0, output


def test_descriptions_show_what_was_seen() -> None:
    """The texts promtool renders at the moment of firing, case by case."""
    tests = []
    for case in CASES:
        wrong = {
            "exp_labels": {"severity": BY_NAME[case.alert].severity, "component": BY_NAME[case.alert].component}
            | dict(case.labels),
            "exp_annotations": {"description": "compare"},
        }
        tests.append(
            {
                "interval": f"{STEP_SECONDS}s",
                "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
                "alert_rule_test": [{"eval_time": moment(case.firing), "alertname": case.alert, "exp_alerts": [wrong]}],
            }
        )
    _, output = promtool(tests)
    rendered = set(re.findall(r'got:.*?Annotations:\{description="(.*?)", runbook_url', output, re.DOTALL))
    for case in CASES:
        assert any(case.says in text for text in rendered), f"{case.alert}: {case.says!r} in none of {rendered}"
    assert not [text for text in rendered if "{{" in text or "<no value>" in text]


@functools.cache
def runbook() -> str:
    return (ROOT / "docs/runbooks/alerts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_tells_what_to_do(alert: Alert) -> None:
    assert re.fullmatch(r"([A-Z][A-Za-z0-9]+)", alert.name)
    section = re.search(rf"^## {alert.name}\n(.*?)(?=^## |\Z)", runbook(), re.DOTALL | re.MULTILINE)
    assert section, f"docs/runbooks/alerts.md has no section '## {alert.name}'"
    for part in ("Meaning", "Impact", "Diagnosis", "Mitigation"):
        assert f"**{part}.**" in section[1], f"{alert.name}: {part} is missing"
