"""How the questions of `components/database/metrics.py` reach Prometheus, as text: exporter, scrape and rules.

The exporter asks on its own, keeps what it was told and gives `sql_NAME{col="COLUMN"}`, also when PostgreSQL has long
been away. Prometheus therefore records an answer under the metric's own name only while it is one: the question did not
fail when it was last asked, and PostgreSQL has told the time lately. What is not recorded is absent, as it should be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import yaml

from components.database.question import PREFIX, Question, Rhythm
from dashboards.slo import JOB_SQL

if TYPE_CHECKING:
    from collections.abc import Iterable

_USER: Final = "mundo_exporter"
_CONNECT_SECONDS: Final = 5
_SOMETIMES_SECONDS: Final = 60
_RARELY_SECONDS: Final = 300
_SLACK_SECONDS: Final = 15

ANSWERED: Final = f"{PREFIX}_question_answered"
"""1 for each question (label `query`) whose answer counts, 0 for the others."""

_CLOCK: Final = "clock"
# No row is a failure: what is asked before the migrations are there is asked again at once, not at its next turn.
_CLOCK_SQL: Final = (
    "SELECT extract(epoch FROM clock_timestamp())::double precision AS asked_at"
    " WHERE to_regclass('public.v_geometry_status') IS NOT NULL"
)


def intervals(scrape_interval_seconds: int) -> dict[Rhythm, int]:
    """Seconds between two askings."""
    return {
        "often": scrape_interval_seconds,
        "sometimes": max(scrape_interval_seconds, _SOMETIMES_SECONDS),
        "rarely": max(scrape_interval_seconds, _RARELY_SECONDS),
    }


def render_sql_exporter_yml(
    questions: Iterable[Question], *, address: str, database: str, password: str, scrape_interval_seconds: int
) -> str:
    """The exporter's configuration: a secret, since it holds `password`.

    Args:
        questions: what is asked.
        address: `ip:port` of PostgreSQL.
        database: name of the database.
        password: that of mundo_exporter.
        scrape_interval_seconds: how often Prometheus looks.
    """
    options = urlencode(
        {
            "sslmode": "disable",
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "sql-exporter",
            "default_transaction_read_only": "on",
            # Compiling a query takes longer than the longest of them, and none is worth a second processor.
            "jit": "off",
            "max_parallel_workers_per_gather": "0",
        }
    )
    url = f"postgres://{_USER}:{quote(password, safe='')}@{address}/{database}?{options}"
    return _yaml(
        {
            "jobs": [
                {
                    "name": rhythm,
                    "interval": f"{seconds}s",
                    "connections": [url],
                    "queries": [
                        _query(_CLOCK, "time at which it was asked", _CLOCK_SQL, [], ["asked_at"], empty=False),
                        *(_asked(question) for question in questions if question.rhythm == rhythm),
                    ],
                }
                for rhythm, seconds in intervals(scrape_interval_seconds).items()
            ]
        }
    )


def metric_relabeling() -> tuple[dict[str, Any], ...]:
    """What Prometheus keeps of a scrape: the answers and whether there was one, without the login that got them."""
    return (
        {"source_labels": ["__name__"], "regex": "sql_.+", "action": "keep"},
        {"source_labels": ["__name__"], "regex": "sql_exporter_build_info", "action": "drop"},
        {"regex": "driver|host|database|user", "action": "labeldrop"},
    )


def render_database_rules(questions: Iterable[Question], *, scrape_interval_seconds: int) -> str:
    """The rule file that records the answers as the metrics of the questions."""
    asked = sorted(questions, key=lambda question: question.rhythm)
    seconds = intervals(scrape_interval_seconds)
    rhythms: list[Rhythm] = list(dict.fromkeys(question.rhythm for question in asked))
    answered = " or ".join(_answered(rhythm, seconds) for rhythm in rhythms)
    rules = [{"record": ANSWERED, "expr": f"sum without (sql_job) ({answered})"}]
    rules += [
        {"record": metric, "expr": _recorded(question, column)}
        for question in asked
        for column, metric in question.metrics.items()
    ]
    return _yaml({"groups": [{"name": "database_metrics", "rules": rules}]})


def _answered(rhythm: Rhythm, seconds: dict[Rhythm, int]) -> str:
    failed = f'sql_exporter_last_scrape_failed{{job="{JOB_SQL}",sql_job="{rhythm}",query!="{_CLOCK}"}}'
    # What is asked rarely is not believed either while what is asked often has no answer.
    told = " and on (instance) ".join(
        f'time() - sql_{_CLOCK}{{job="{JOB_SQL}",sql_job="{one}"}} < {3 * seconds[one] + _SLACK_SECONDS}'
        for one in dict.fromkeys((rhythm, "often"))
    )
    return f"{failed} == bool 0 and on (instance) {told} or {failed} * 0"


def _recorded(question: Question, column: str) -> str:
    answer = f'sql_{question.name}{{job="{JOB_SQL}",col="{column}"}}'
    counts = f'{ANSWERED}{{job="{JOB_SQL}",query="{question.name}"}} == 1'
    # NaN, which stands for NULL, is not above anything.
    return f"sum without (col, sql_job) ({answer} > -Inf and on (instance) {counts})"


def _asked(question: Question) -> dict[str, Any]:
    labels, gauges = list(question.labels), list(question.gauges)
    # The exporter wants texts and numbers, and calls NULL an error.
    columns = [f'"{name}"::text AS "{name}"' for name in labels]
    columns += [f'coalesce("{name}"::double precision, \'NaN\') AS "{name}"' for name in gauges]
    sql = f"SELECT {', '.join(columns)} FROM ({question.sql}) AS asked"  # noqa: S608 - declared, not given
    help_text = "; ".join(f"{column}: {text}" for column, text in question.gauges.items())
    return _query(question.name, help_text, sql, labels, gauges, empty=True)


def _query(name: str, help_text: str, sql: str, labels: list[str], values: list[str], *, empty: bool) -> dict[str, Any]:
    return {
        "name": name,
        "help": help_text,
        "labels": labels,
        "values": values,
        "allow_zero_rows": empty,
        "query": sql,
    }


def _yaml(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False, width=120)
