"""What the database says of itself, asked by the real exporter: all of it, no more than it, and nothing that is old."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest

from components import monitoring
from components import monitoring_exporters as exporters
from components.database import metrics
from components.monitoring_sql import ANSWERED
from components.settings import BackupSettings
from dashboards.slo import JOB_SQL
from ops.cell import Cell, cell
from tests.integration.database_data import TRACEABLE, UNTRACEABLE, fill
from tests.integration.redis_group import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.database.question import Question

SCRAPE_SECONDS = 2
OFTEN_LIMIT_SECONDS = 3 * SCRAPE_SECONDS + 15
SERIES_AT_MOST = 160
"""Of this database, whose every table and job is counted; a table or a year more is two or four."""


BACKED_UP = """
INSERT INTO backup_log (kind, outcome, started_at, finished_at, database_bytes, repository_bytes)
SELECT kind, 'success', now(), now(), 7, 3 FROM unnest(ARRAY['full', 'incr', 'drill']) AS kind
"""


@pytest.fixture(scope="module")
def asked() -> Iterator[Cell]:
    with cell("test-database-metrics") as made:
        settings = made.context.settings
        quick = settings.monitoring.model_copy(update={"scrape_interval_seconds": SCRAPE_SECONDS})
        made.start_postgres()
        fill(made)
        # Asked for as in a stack with backups; what its service would have noted is put down here.
        asking = settings.model_copy(update={"monitoring": quick, "backups": BackupSettings()})
        made.context = replace(made.context, settings=asking)
        with psycopg.connect(made.conninfo("owner")) as connection:
            connection.execute(BACKED_UP)
        made.start_together(exporters.sql_exporter(made.context), monitoring.prometheus(made.context))
        yield made


def ask(asked: Cell, query: str) -> list[dict[str, Any]]:
    """The result of an instant query; an error of PromQL fails the test."""
    host = asked.context.address(monitoring.PROMETHEUS_HOST_NUMBER)
    answer = httpx.get(f"http://{host}:{monitoring.PROMETHEUS_PORT}/api/v1/query", params={"query": query}).json()
    assert answer["status"] == "success", f"{query}: {answer}"
    result: list[dict[str, Any]] = answer["data"]["result"]
    return result


def value(asked: Cell, query: str) -> float:
    """The value of the one series that a query gives."""
    (sample,) = ask(asked, query)
    return float(sample["value"][1])


def questions(asked: Cell) -> tuple[Question, ...]:
    """Everything that this exporter asks."""
    return metrics.questions(asked.context.settings.database, asked.context.settings.backups)


def own(asked: Cell) -> set[str]:
    """Names of the database's metrics that have a value now."""
    return {sample["metric"]["__name__"] for sample in ask(asked, f'{{job="{JOB_SQL}",__name__=~"pg_mundo_.+"}}')}


def all_there(asked: Cell) -> None:
    assert own(asked) == {*(name for question in questions(asked) for name in question.metrics.values()), ANSWERED}
    assert not ask(asked, f"{ANSWERED} == 0")


def test_every_declared_metric_has_a_value(asked: Cell) -> None:
    eventually(lambda: all_there(asked))


def test_values_are_those_of_the_database(asked: Cell) -> None:
    eventually(lambda: all_there(asked))
    stored = TRACEABLE + UNTRACEABLE
    assert value(asked, "pg_mundo_geometries_stored") == stored
    assert value(asked, "pg_mundo_geometries_traceable") == TRACEABLE
    assert value(asked, 'pg_mundo_partition_rows{partition="2026"}') == stored
    assert value(asked, 'pg_mundo_partition_rows{partition="default"}') == 0
    assert value(asked, "sum(pg_mundo_partition_rows)") == stored
    assert value(asked, "pg_mundo_import_features_per_second") == pytest.approx(TRACEABLE / 2)
    assert value(asked, "pg_mundo_imports_waiting") == 1
    assert value(asked, 'pg_mundo_job_failing{job_name="test-failing"}') == 1
    assert value(asked, 'pg_mundo_job_failures{job_name="heartbeat"}') == 0
    assert value(asked, 'pg_mundo_job_failures{job_name="test-failing"}') >= 1
    assert not ask(asked, 'pg_mundo_job_last_success_age_seconds{job_name="test-failing"}'), "there was none"
    assert value(asked, "pg_mundo_database_bytes") > value(asked, "sum(pg_mundo_table_bytes)") > 0


def test_series_are_few_and_carry_no_login(asked: Cell) -> None:
    eventually(lambda: all_there(asked))
    assert len(ask(asked, f'{{job="{JOB_SQL}",__name__=~"pg_mundo_.+"}}')) <= SERIES_AT_MOST
    series = ask(asked, f'{{job="{JOB_SQL}",__name__!~"ALERTS.*"}}')
    assert len(series) <= 2 * SERIES_AT_MOST + 2 * len(questions(asked))
    labels = {label for sample in series for label in sample["metric"]}
    declared = {label for question in questions(asked) for label in question.labels}
    assert labels - declared == {"__name__", "job", "instance", "stack", "col", "sql_job", "query"}
    assert not [sample for sample in series if re.search(r"segredo|fazenda|mundo_exporter", str(sample["metric"]))]


def test_the_exporter_may_ask_this_and_read_no_entry(asked: Cell) -> None:
    with psycopg.connect(asked.conninfo("exporter"), autocommit=True) as exporter:
        for question in questions(asked):
            row = exporter.execute(question.sql.encode()).fetchone()
            assert row is not None, question.name
        names = exporter.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace IN ('public'::regnamespace)"
            " AND relkind IN ('r', 'p', 'v', 'm') AND has_table_privilege(oid, 'SELECT')"
            " AND relowner = 'mundo_owner'::regrole"
        ).fetchall()
        for (name,) in names:
            told = exporter.execute(f"SELECT * FROM {name}".encode()).fetchall()  # noqa: S608 - a name of the server
            assert "segredo" not in str(told), name
            assert "fazenda.json" not in str(told), name
        for table in ("catalogo", "catalogo_summary", "catalogo_origem", "importacoes", "importacao_tarefas"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                exporter.execute(f"SELECT FROM {table}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            exporter.execute("SELECT heartbeat()")


def test_the_exporter_keeps_its_password_to_itself(asked: Cell) -> None:
    password = asked.context.secrets.postgresExporterPassword.get_secret_value()
    container = asked.running["sql-exporter"].get_wrapped_container()
    shown = f"{container.attrs}{container.top()}{container.logs().decode()}"
    assert "sql-exporter" in shown
    assert password not in shown


def test_what_is_frozen_is_not_fresh(asked: Cell) -> None:
    """No question fails while the server hangs: only the clock tells."""
    eventually(lambda: all_there(asked))
    postgres = asked.running["postgres"].get_wrapped_container()
    postgres.pause()
    try:
        eventually(lambda: nothing_left(asked), seconds=OFTEN_LIMIT_SECONDS + 30)
    finally:
        postgres.unpause()
    eventually(lambda: all_there(asked), seconds=120)


def test_what_the_database_said_ends_with_it_and_comes_back(asked: Cell) -> None:
    eventually(lambda: all_there(asked))
    postgres = asked.running["postgres"].get_wrapped_container()
    postgres.stop(timeout=30)
    eventually(lambda: nothing_left(asked), seconds=OFTEN_LIMIT_SECONDS + 30)
    number = len(questions(asked))

    def missed() -> None:
        (alert,) = ask(asked, 'ALERTS{alertname="DatabaseMetricsMissing"}')
        assert alert["metric"]["instance"] == "postgres"
        assert value(asked, f"count({ANSWERED} == 0)") == number

    eventually(missed)
    postgres.start()
    eventually(lambda: all_there(asked), seconds=120)
    eventually(lambda: ended(asked))


def nothing_left(asked: Cell) -> None:
    assert own(asked) <= {ANSWERED}


def ended(asked: Cell) -> None:
    assert not ask(asked, 'ALERTS{alertname="DatabaseMetricsMissing"}')
