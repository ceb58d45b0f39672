"""The alert rules, run by promtool: silent before, firing while it lasts, resolved after."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
import yaml

from dashboards.alerts.durations import scaled
from dashboards.alerts.rules import ALERTS, render_rules
from dashboards.slo import KPIS, Kpi
from tests.built_images import run_in
from tests.unit.alert_case import STEP_SECONDS, Case, cut
from tests.unit.alert_cases import CASES
from tests.unit.alert_cases_burn_rates import ONE_FAILURE_IN_A_QUIET_NIGHT

ALL = "all"
COMPONENTS = sorted({alert.component for alert in ALERTS})
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
    return {"name": f"{case.alert} {dict(case.labels)}", **look_at(looks, case.series)}


def only(rules: str, name: str) -> str:
    """The rules of this alert and what is recorded for it: promtool evaluates all that it is given, each step."""
    groups = yaml.safe_load(rules)["groups"]
    (alert,) = (rule for group in groups for rule in group["rules"] if rule.get("alert") == name)
    recorded = [rule for group in groups for rule in group["rules"] if rule.get("record", "-") in alert["expr"]]
    return yaml.safe_dump({"groups": [{"name": "one", "rules": [*recorded, alert]}]}, sort_keys=False)


def promtool(tests: Mapping[str, list[dict[str, Any]]], rules: str | None = None) -> tuple[int, str]:
    """Runs tests of alerts (name → tests), each on its own rules; those named ALL on every rule."""
    files = {}
    for name, of_alert in tests.items():
        document = {"rule_files": [f"{name}.rules"], "evaluation_interval": f"{STEP_SECONDS}s", "tests": of_alert}
        text = rules or render_rules()
        files[f"{name}.rules"] = text if name == ALL else only(text, name)
        files[f"{name}.yml"] = yaml.safe_dump(document, sort_keys=False)
    return run_in("prometheus", ["promtool", "test", "rules", *(f"{name}.yml" for name in tests)], files)


def look_at(looks: list[dict[str, Any]], series: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A test that looks at queries."""
    return {
        "interval": f"{STEP_SECONDS}s",
        "input_series": [{"series": name, "values": values} for name, values in (series or {}).items()],
        "promql_expr_test": looks,
    }


def cases_of(component: str) -> list[Case]:
    """The cases of a component's alerts."""
    return [case for case in CASES if BY_NAME[case.alert].component == component]


def by_alert(tests: Callable[[Case], dict[str, Any]], cases: Iterable[Case]) -> dict[str, list[dict[str, Any]]]:
    """Alert → the tests that its cases make."""
    found: dict[str, list[dict[str, Any]]] = {}
    for case in cases:
        found.setdefault(case.alert, []).append(tests(case))
    return found


def test_every_alert_has_a_case() -> None:
    assert {case.alert for case in CASES} | {"Watchdog"} == set(BY_NAME)


@pytest.mark.parametrize("component", COMPONENTS)
def test_alerts_fire_and_end_when_they_should(component: str) -> None:
    status, output = promtool(by_alert(story, cases_of(component)))
    assert status == 0, output
    assert "SUCCESS" in output


def test_the_stories_notice_a_rule_that_never_fires() -> None:
    broken = render_rules().replace("== 0", "== 7").replace("< 2", "< -7")
    names = ("PostgresDown", "CatalogDown", "RedisReplicasLow", "SentinelQuorumLost")
    status, output = promtool(by_alert(story, [case for case in CASES if case.alert in names]), broken)
    assert status == 1
    for name in names:
        assert f'alertname="{name}"' in output


def test_the_watchdog_always_fires() -> None:
    look = alert_count("Watchdog", 1, 1)
    status, output = promtool({ALL: [look_at([look])]})
    assert status == 0, output


def test_nothing_but_the_watchdog_and_missing_jobs_fires_where_no_series_is() -> None:
    query = 'sum by (alertname) (ALERTS{alertname!="Watchdog",alertname!="ScrapeMissing"}) or vector(0)'
    look = {"expr": query, "eval_time": "30m", "exp_samples": [{"labels": "{}", "value": 0}]}
    status, output = promtool({ALL: [look_at([look])]})
    assert status == 0, output


@pytest.mark.parametrize("component", COMPONENTS)
def test_descriptions_show_what_was_seen(component: str) -> None:
    """The texts promtool renders at the moment of firing, case by case."""

    def wrong(case: Case) -> dict[str, Any]:
        alert = BY_NAME[case.alert]
        expected = {
            "exp_labels": {"severity": alert.severity, "component": alert.component, **case.labels},
            "exp_annotations": {"description": "compare"},
        }
        look = {"eval_time": moment(case.firing), "alertname": case.alert, "exp_alerts": [expected]}
        return {**look_at([], case.series), "alert_rule_test": [look]}

    _, output = promtool(by_alert(wrong, cases_of(component)))
    rendered = set(re.findall(r'got:.*?Annotations:\{description="(.*?)", runbook_url', output, re.DOTALL))
    for case in cases_of(component):
        assert any(case.says in text for text in rendered), f"{case.alert}: {case.says!r} in none of {rendered}"
    assert not [text for text in rendered if "{{" in text or "<no value>" in text]


@pytest.mark.parametrize("component", COMPONENTS)
def test_an_alert_ends_when_its_series_do(component: str) -> None:
    """Whatever is no longer scraped is ScrapeFailing's and ScrapeMissing's, not a state that lasts for ever."""

    def ending(case: Case) -> dict[str, Any]:
        length = case.firing + 45 * 60 // STEP_SECONDS
        series = {name: cut(values, case.firing + 1, length) for name, values in case.series.items()}
        return look_at([alert_count(case.alert, case.firing, 1), alert_count(case.alert, length - 1, 0)], series)

    status, output = promtool(by_alert(ending, [case for case in cases_of(component) if case.alert != "ScrapeMissing"]))
    assert status == 0, output


def test_one_failure_in_a_quiet_night_burns_no_budget() -> None:
    recorded = "max without (job, instance) (mundo:errors:ratio_rate1h) > bool 0.0144"
    # The share alone would do.
    share = {"expr": recorded, "eval_time": moment(30), "exp_samples": [{"labels": "{}", "value": 1}]}
    silent = [alert_count(name, 30, 0) for name in ("ErrorBudgetBurningFast", "ErrorBudgetBurning")]
    status, output = promtool({ALL: [look_at([share, *silent], ONE_FAILURE_IN_A_QUIET_NIGHT)]})
    assert status == 0, output


def test_a_restart_of_alertmanager_is_no_failing_delivery() -> None:
    errors = 'prometheus_notifications_errors_total{job="prometheus",instance="prometheus",alertmanager="a"}'
    looks = [alert_count("AlertDeliveryFailing", samples, 0) for samples in range(5, 60)]
    status, output = promtool({"AlertDeliveryFailing": [look_at(looks, {errors: "0x4 1 3+0x55"})]})
    assert status == 0, output


def test_a_shorter_wait_is_shorter_for_every_alert() -> None:
    def holds(rules: str) -> dict[str, str]:
        groups = yaml.safe_load(rules)["groups"]
        return {rule["alert"]: rule["for"] for group in groups for rule in group["rules"] if "alert" in rule}

    usual, short = holds(render_rules()), holds(render_rules(wait_percent=10))
    assert usual == {alert.name: alert.hold for alert in ALERTS}
    assert short["PostgresDown"] == "3s"
    assert short["ViewStale"] == "30s"
    assert short["TableBloat"] == "720s"
    assert short["SummaryDifferences"] == "0s"


@pytest.mark.parametrize(
    ("duration", "percent", "expected"), [("1s", 10, "1s"), ("5m", 100, "5m"), ("1h", 50, "1800s")]
)
def test_waits_are_whole_seconds(duration: str, percent: int, expected: str) -> None:
    assert scaled(duration, percent) == expected


@pytest.mark.parametrize("duration", ["", "5", "1h30m", "fast"])
def test_a_wait_that_is_no_duration_is_refused(duration: str) -> None:
    with pytest.raises(ValueError, match="no duration of one unit"):
        scaled(duration, 50)


def test_what_an_alert_follows_from_exists() -> None:
    for alert in ALERTS:
        assert set(alert.follows) <= set(BY_NAME) - {alert.name}, alert.name


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.name)
def test_a_missed_kpi_is_told_in_time(kpi: Kpi) -> None:
    name = "Kpi" + "".join(word.capitalize() for word in kpi.name.split("_")) + "Missed"
    assert BY_NAME[name].severity == ("warning" if kpi.source == "live" else "info")
    assert kpi.series in BY_NAME[name].expr
