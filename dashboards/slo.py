"""Every KPI of the platform, once: panels, alert rules, the documentation and the KPI check read them here.

Only the standard library is imported, since the catalogue app reads this module too.
"""

from dataclasses import dataclass
from math import isnan
from typing import Final, Literal

# Names of Prometheus' scrape jobs; the rules and the panels select by them.
JOB_CATALOG: Final = "catalog"
JOB_PROXY: Final = "proxy"
JOB_POSTGRES: Final = "postgres"
JOB_SQL: Final = "sql"
JOB_REDIS: Final = "redis"
JOB_SENTINEL: Final = "sentinel"
JOB_PROMETHEUS: Final = "prometheus"
JOB_ALERTMANAGER: Final = "alertmanager"
JOB_NODE: Final = "node"
JOB_PROCESS: Final = "process"
JOBS: Final = (JOB_CATALOG, JOB_POSTGRES, JOB_SQL, JOB_REDIS, JOB_SENTINEL, JOB_PROMETHEUS, JOB_ALERTMANAGER)
PROXY_JOBS: Final = (JOB_PROXY,)
"""Beside them where the app has two instances (setting `catalog.instances`)."""
HOST_JOBS: Final = (JOB_NODE, JOB_PROCESS)
"""Beside them where the machine may be watched (setting `monitoring.host_metrics`)."""
JOB_RULES: Final = "rules"

RECORDED: Final = {"job": JOB_RULES, "instance": "mundo"}
"""Labels of every recorded series, as if a job gave it: panels select whatever they show by job and instance."""

SCRAPE_SECONDS: Final = 15
"""Usual time between two scrapes; a stack's settings may say another."""

PROCESS_SCRAPES: Final = 4
"""Each how many-th scrape counts the processes of the machine, which costs more than any other."""

REPLICAS: Final = 2
"""Redis replicas of a whole group."""

SENTINEL_QUORUM: Final = 2
"""Sentinels without which no new master is chosen."""

QUEUE_MAX_AGE_SECONDS: Final = 60
"""Age of a change from which the fold counts as stuck: it runs every second."""

Unit = Literal["s", "ratio", "items/s"]
"""Seconds, a share from 0 to 1, or features a second."""

State = Literal["met", "near", "missed", "unknown"]
"""Green: the target is met. Amber: it is met, but not by much. Red: it is missed. Grey: there is no value."""

NEAR: Final = 0.2
"""How much of the room on the good side of a target counts as near it: a fifth."""


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """A number the platform is measured by.

    Attributes:
        name: lower-case identifier, unique; part of the recorded series' name.
        titulo: its name for farm staff, in Portuguese.
        unit: unit of the value and of the target.
        target: the bound of Sprint 3: a value must stay below it where `better` is `lower`, and reach it where it is
            `higher`.
        promql: the current value, from metrics that exist; without a value where there is nothing to measure, such as
            the latency of no requests.
        better: which side of the target is good.
        source: `live`: from what happens now. `release`: measured by a benchmark, a drill or the tests of the release
            that runs; the app exposes the value together with the time of its measurement.
        description: what is measured, in one sentence.
        descricao: the same in Portuguese.
    """

    name: str
    titulo: str
    unit: Unit
    target: float
    promql: str
    better: Literal["lower", "higher"]
    source: Literal["live", "release"] = "live"
    description: str
    descricao: str

    @property
    def series(self) -> str:
        """Name of the recorded series of the current value."""
        return f"mundo:kpi:{self.name}"

    @property
    def missed(self) -> str:
        """PromQL that has a value while the target is missed."""
        value = f"max without ({', '.join(RECORDED)}) ({self.series})"
        return f"{value} {'>=' if self.better == 'lower' else '<'} {self.target:g}"

    @property
    def near(self) -> float:
        """The value beyond which the target is met, but not by much."""
        if self.better == "lower":
            return self.target * (1 - NEAR)
        return self.target + NEAR * (1 - self.target if self.unit == "ratio" else self.target)

    def met_by(self, value: float) -> bool:
        """Whether `value`, in the KPI's unit, meets the target."""
        return value < self.target if self.better == "lower" else value >= self.target

    @property
    def shown_target(self) -> str:
        """The target with its unit, such as `< 500 ms`, `≥ 99 %`, or `100 %` where nothing is above it."""
        if self.unit == "ratio" and self.better == "higher" and self.target == 1:
            return self.exact_target
        return f"{'<' if self.better == 'lower' else '≥'} {self.exact_target}"

    @property
    def exact_target(self) -> str:
        """The target with its unit and every digit: `500 ms`, `99 %`, `211.5 items/s`."""
        if self.unit == "ratio":
            return f"{100 * self.target:g} %"
        if self.unit == "s" and self.target < 1:
            return f"{1000 * self.target:g} ms"
        return f"{self.target:g} {self.unit}"

    def shown(self, value: float) -> str:
        """`value` with its unit, three digits that count: `12.3 ms`, `99.1 %`, `212 items/s`."""
        if self.unit == "ratio":
            return f"{_digits(100 * value)} %"
        if self.unit == "s":
            return f"{_digits(value)} s" if abs(value) >= 1 else f"{_digits(1000 * value)} ms"
        return f"{_digits(value)} {self.unit}"

    def state(self, value: float | None) -> State:
        """How `value`, in the KPI's unit, stands to the target; None and NaN are no value."""
        if value is None or isnan(value):
            return "unknown"
        if not self.met_by(value):
            return "missed"
        beyond = value > self.near if self.better == "lower" else value < self.near
        return "near" if beyond else "met"


def _digits(value: float) -> str:
    """Three digits that count, none after the point from a hundred on, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


API_ROUTES: Final = 'route=~"/v1/.*",route!~"/v1/(kpis|situacao).*"'
"""Selects the API's requests by their route; not those of the status page, which shows these very numbers."""

_SEARCH = 'method="GET",route="/v1/catalogo"'


def _of_release(name: str) -> str:
    return f'max(mundo_release_kpi{{kpi="{name}"}})'


KPIS: Final[tuple[Kpi, ...]] = (
    Kpi(
        name="ingest_throughput",
        titulo="Vazão da importação",
        unit="items/s",
        target=211.5,
        promql="max(pg_mundo_import_features_per_second >= 0)",
        better="higher",
        description="Features validated and stored per second by the last import of at least a hundred.",
        descricao="Feições validadas e gravadas por segundo na última importação de pelo menos cem.",
    ),
    Kpi(
        name="latency_p95",
        titulo="Latência P95",
        unit="s",
        target=0.5,
        promql=(
            "histogram_quantile(0.95, sum by (le)"
            f" (rate(mundo_http_request_duration_seconds_bucket{{{API_ROUTES}}}[5m]))) >= 0"
        ),
        better="lower",
        description="Time within which 95 % of the API's requests of the last five minutes were answered.",
        descricao="Tempo em que 95 % das consultas dos últimos cinco minutos foram respondidas.",
    ),
    Kpi(
        name="search_mean",
        titulo="Tempo médio de busca",
        unit="s",
        target=0.15,
        promql=(
            f"sum(rate(mundo_http_request_duration_seconds_sum{{{_SEARCH}}}[5m]))"
            f" / (sum(rate(mundo_http_request_duration_seconds_count{{{_SEARCH}}}[5m])) > 0)"
        ),
        better="lower",
        description="Mean time of a search of the catalogue over the last five minutes.",
        descricao="Tempo médio de uma busca no catálogo nos últimos cinco minutos.",
    ),
    Kpi(
        name="cache_hit_rate",
        titulo="Acertos do cache",
        unit="ratio",
        target=0.9,
        promql=(
            'sum(rate(mundo_bounds_lookups_total{level=~"l1|redis"}[5m]))'
            " / (sum(rate(mundo_bounds_lookups_total[5m])) > 0)"
        ),
        better="higher",
        description="Share of the bounds of the last five minutes that a cache answered, not PostgreSQL.",
        descricao="Parte dos limites consultados nos últimos cinco minutos que veio do cache, não do banco.",
    ),
    Kpi(
        name="partition_size",
        titulo="Tamanho das partições",
        unit="ratio",
        target=1.0,
        promql='max(pg_mundo_capacity_bytes_of_year_end{scenario="high"} >= 0)',
        better="lower",
        description="Bytes of the partitions as a share of what the boldest capacity plan allows for the year's end.",
        descricao="Tamanho das partições em relação ao maior previsto para o fim do ano no plano de capacidade.",
    ),
    Kpi(
        name="view_refresh",
        titulo="Atualização das visões",
        unit="s",
        target=5.0,
        # A view that was never refreshed has no such time.
        promql="max(pg_mundo_view_refresh_seconds >= 0)",
        better="lower",
        description="Time of the last refresh of the slower materialized view; mv_refresh_log holds each.",
        descricao="Duração da última atualização da visão materializada mais lenta.",
    ),
    Kpi(
        name="freshness",
        titulo="Atraso dos dados",
        unit="ratio",
        target=1.0,
        promql=(
            "max(pg_mundo_view_age_seconds / on (instance, view_name) group_left () pg_mundo_view_max_age_seconds)"
        ),
        better="lower",
        description="Age of the older materialized view as a share of the age that the settings allow.",
        descricao="Idade da visão materializada mais antiga em relação à idade máxima permitida.",
    ),
    Kpi(
        name="partition_overhead",
        titulo="Custo das partições",
        unit="ratio",
        target=0.05,
        promql=_of_release("partition_overhead"),
        better="lower",
        source="release",
        description="What inserting into the partitioned table costs more than into a plain one; a benchmark compares.",
        descricao="Quanto custa a mais gravar na tabela particionada do que em uma tabela simples.",
    ),
    Kpi(
        name="failover",
        titulo="Troca do Redis principal",
        unit="s",
        target=0.1,
        promql=_of_release("failover"),
        better="lower",
        source="release",
        description="The most that the loss of the Redis master added to any request; a drill measures it.",
        descricao="O máximo que a perda do Redis principal acrescentou a uma consulta, medido em simulação de falha.",
    ),
    Kpi(
        name="error_rate",
        titulo="Taxa de erros",
        unit="ratio",
        target=0.001,
        promql=(
            f'(sum(rate(mundo_http_requests_total{{{API_ROUTES},status=~"5.."}}[5m])) or vector(0))'
            f" / (sum(rate(mundo_http_requests_total{{{API_ROUTES}}}[5m])) > 0)"
        ),
        better="lower",
        description="Share of the API's requests of the last five minutes that the platform failed to answer.",
        descricao="Parte das consultas dos últimos cinco minutos que a plataforma não conseguiu responder.",
    ),
    Kpi(
        name="valid_geometries",
        titulo="Geometrias válidas",
        unit="ratio",
        target=0.99,
        promql="sum(pg_mundo_geometries_valid) / (sum(pg_mundo_geometries_stored) > 0)",
        better="higher",
        description="Share of the stored geometries that are valid; mv_catalogo_geometrias_stats holds it by entry.",
        descricao="Parte das geometrias gravadas que é válida.",
    ),
    Kpi(
        name="data_traceability",
        titulo="Rastreabilidade dos dados",
        unit="ratio",
        target=1.0,
        promql="sum(pg_mundo_geometries_traceable) / (sum(pg_mundo_geometries_stored) > 0)",
        better="higher",
        description="Share of the stored geometries that lead back to a file, a feature of it and an import.",
        descricao="Parte das geometrias gravadas que leva de volta ao arquivo, à feição e à importação de origem.",
    ),
    Kpi(
        name="code_quality",
        titulo="Qualidade do código",
        unit="ratio",
        target=0.9,
        promql=_of_release("code_quality"),
        better="higher",
        source="release",
        description="Share of the release's source files without a lint or type finding.",
        descricao="Parte dos arquivos de código da versão sem achados de estilo ou de tipos.",
    ),
    Kpi(
        name="test_coverage",
        titulo="Cobertura dos testes",
        unit="ratio",
        target=0.8,
        promql=_of_release("test_coverage"),
        better="higher",
        source="release",
        description="Share of the release's lines and branches that its tests run.",
        descricao="Parte das linhas e dos desvios do código da versão que os testes executam.",
    ),
    Kpi(
        name="traceability",
        titulo="Rastreabilidade dos requisitos",
        unit="ratio",
        target=1.0,
        promql='max(mundo_traceability_ratio{optimization="all"})',
        better="higher",
        source="release",
        description="Share of the requirements that are linked to artifacts, tests and evidence; a check counts.",
        descricao="Parte dos requisitos ligada a artefatos, testes e evidências.",
    ),
)
"""All KPIs, in the order of the design's table."""


def by_name(name: str) -> Kpi:
    """The KPI called `name`.

    Raises:
        KeyError: there is none.
    """
    for kpi in KPIS:
        if kpi.name == name:
            return kpi
    raise KeyError(name)
