"""What the exporter of the database asks and what Prometheus makes of it; promtool judges and runs the rules."""

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from components import monitoring, monitoring_exporters
from components.database import metrics
from components.monitoring_sql import ANSWERED, render_database_rules, render_sql_exporter_yml
from components.settings import BackupSettings, DatabaseSettings
from dashboards import slo
from tests.built_images import run_in
from tests.unit.stacks import SECRETS, STACKS, context

QUESTIONS = metrics.questions(DatabaseSettings(), BackupSettings())
STEP = 15


def exporter_config(**changes: object) -> dict[str, Any]:
    given: dict[str, object] = {
        "address": "10.9.0.10:5432",
        "database": "mundo",
        "password": "plain",
        "scrape_interval_seconds": STEP,
    }
    loaded: dict[str, Any] = yaml.safe_load(render_sql_exporter_yml(QUESTIONS, **(given | changes)))  # type: ignore[arg-type]
    return loaded


def test_every_question_is_asked_once() -> None:
    asked = [query["name"] for job in exporter_config()["jobs"] for query in job["queries"]]
    assert sorted(asked) == sorted([*(question.name for question in QUESTIONS), "clock", "clock", "clock"])
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)
    recorded = [name for question in QUESTIONS for name in question.metrics.values()]
    assert len(set(recorded)) == len(recorded)


def test_every_column_is_named_in_its_query() -> None:
    for job in exporter_config()["jobs"]:
        for query in job["queries"]:
            for column in (*query["labels"], *query["values"]):
                assert column in query["query"], (query["name"], column)


@pytest.mark.parametrize(("scrape", "intervals"), [(15, [15, 60, 300]), (1, [1, 60, 300]), (300, [300, 300, 300])])
def test_what_costs_is_asked_seldom(scrape: int, intervals: list[int]) -> None:
    jobs = exporter_config(scrape_interval_seconds=scrape)["jobs"]
    assert [job["name"] for job in jobs] == ["often", "sometimes", "rarely"]
    assert [job["interval"] for job in jobs] == [f"{seconds}s" for seconds in intervals]


def test_the_login_survives_any_password_and_only_reads() -> None:
    password = "p@ss:w/o%rd?#&=+ {{HOME}}"
    for job in exporter_config(password=password)["jobs"]:
        (url,) = job["connections"]
        assert "{{" not in url, "the exporter would look for a variable of the environment"
        login = urlsplit(url)
        assert login.username == "mundo_exporter"
        assert unquote(login.password or "") == password
        assert "default_transaction_read_only=on" in login.query


@pytest.mark.parametrize("stack", STACKS)
def test_the_password_is_in_a_secret_file_alone(stack: str) -> None:
    service = monitoring_exporters.sql_exporter(context(stack))
    password = SECRETS["postgresExporterPassword"]
    assert list(service.secrets) == ["sql_exporter.yml"]
    assert password in service.secrets["sql_exporter.yml"]
    assert password not in str((service.command, service.env, service.config))


@pytest.mark.parametrize("stack", STACKS)
def test_promtool_accepts_what_prometheus_is_handed(stack: str) -> None:
    files = monitoring.prometheus(context(stack)).config
    status, output = run_in("prometheus", ["promtool", "check", "config", "prometheus.yml"], files)
    assert status == 0, output
    assert output.count("rules found") == 2, output


def test_the_machine_is_watched_where_the_settings_allow_it() -> None:
    watched = context("local")
    assert {"node-exporter", "process-exporter"} <= {one.name for one in monitoring_exporters.exporters(watched)}
    assert {*slo.JOBS, *slo.PROXY_JOBS, *slo.HOST_JOBS} == {job.name for job in monitoring.scrape_jobs(watched)}
    hidden = context("local", monitoring={"host_metrics": False}, catalog={"instances": 1})
    services = monitoring_exporters.exporters(hidden)
    assert not [one.name for one in services if one.host_paths]
    assert set(slo.JOBS) == {job.name for job in monitoring.scrape_jobs(hidden)}


def raw(name: str, rhythm: str, more: str) -> str:
    labels = f'job="{slo.JOB_SQL}",instance="postgres",stack="unit",sql_job="{rhythm}"'
    return f"sql_{name}{{{labels},{more}}}"


def failed(query: str, rhythm: str) -> str:
    return raw("exporter_last_scrape_failed", rhythm, f'query="{query}"')


def clock(rhythm: str) -> str:
    return raw("clock", rhythm, 'col="asked_at"')


TICKS = f"0+{STEP}x40"
STOPS = f"0+{STEP}x10 150+0x30"
"""A clock that nobody asks after 150 s: promtool's time begins at 0."""

VIEW = {
    raw("view", "often", 'view_name="mv_a",col="age_seconds"'): "7+0x40",
    raw("view", "often", 'view_name="mv_a",col="refresh_seconds"'): "NaN+0x40",
    failed("view", "often"): "0+0x40",
    clock("often"): TICKS,
}
CAPACITY = {
    raw("capacity", "rarely", 'scenario="high",col="bytes"'): "9+0x40",
    failed("capacity", "rarely"): "0+0x40",
    clock("rarely"): "0+0x20 300+0x20",
}


@pytest.mark.parametrize(
    ("series", "metric", "seen"),
    [
        pytest.param(VIEW, "view_age_seconds", [(5, 1), (30, 1)], id="answers"),
        pytest.param(VIEW, "view_refresh_seconds", [(5, 0), (30, 0)], id="NULL is no sample"),
        pytest.param(
            {**VIEW, failed("view", "often"): "0+0x9 1+0x14 0+0x20"},
            "view_age_seconds",
            [(9, 1), (11, 0), (24, 0), (26, 1)],
            id="a question that fails",
        ),
        pytest.param({**VIEW, clock("often"): STOPS}, "view_age_seconds", [(12, 1), (15, 0)], id="a server that hangs"),
        pytest.param(
            {key: samples for key, samples in VIEW.items() if key != clock("often")},
            "view_age_seconds",
            [(5, 0)],
            id="no clock",
        ),
        pytest.param({**VIEW, **CAPACITY}, "capacity_bytes", [(5, 1), (30, 1)], id="what is asked rarely"),
        pytest.param(
            {**VIEW, **CAPACITY, clock("often"): STOPS},
            "capacity_bytes",
            [(12, 1), (15, 0)],
            id="what is asked rarely ends with the rest",
        ),
    ],
)
def test_what_is_old_is_no_value(series: dict[str, str], metric: str, seen: list[tuple[int, int]]) -> None:
    looks = [
        {
            "expr": f"count(pg_mundo_{metric}) or vector(0)",
            "eval_time": f"{sample * STEP}s",
            "exp_samples": [{"labels": "{}", "value": count}],
        }
        for sample, count in seen
    ]
    status, output = promtool(series, looks)
    assert status == 0, output


def test_a_value_carries_what_panels_select_by() -> None:
    labels = '{instance="postgres",job="sql",stack="unit"'
    looks = [
        {
            "expr": "pg_mundo_view_age_seconds",
            "eval_time": "75s",
            "exp_samples": [{"labels": f'pg_mundo_view_age_seconds{labels},view_name="mv_a"}}', "value": 7}],
        },
        {
            "expr": ANSWERED,
            "eval_time": "75s",
            "exp_samples": [{"labels": f'{ANSWERED}{labels},query="view"}}', "value": 1}],
        },
    ]
    status, output = promtool(VIEW, looks)
    assert status == 0, output


def test_the_looks_notice_a_rule_that_believes_everything() -> None:
    look = {
        "expr": "count(pg_mundo_view_age_seconds) or vector(0)",
        "eval_time": f"{15 * STEP}s",
        "exp_samples": [{"labels": "{}", "value": 0}],
    }
    rules = render_database_rules(QUESTIONS, scrape_interval_seconds=STEP).replace("< 60", "< 6000")
    status, output = promtool({**VIEW, clock("often"): STOPS}, [look], rules)
    assert status == 1, output


def promtool(series: dict[str, str], looks: list[dict[str, Any]], rules: str | None = None) -> tuple[int, str]:
    test = {
        "interval": f"{STEP}s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": looks,
    }
    document = {"rule_files": ["database.yml"], "evaluation_interval": f"{STEP}s", "tests": [test]}
    files = {
        "database.yml": rules or render_database_rules(QUESTIONS, scrape_interval_seconds=STEP),
        "test.yml": yaml.safe_dump(document, sort_keys=False),
    }
    return run_in("prometheus", ["promtool", "test", "rules", "test.yml"], files)
