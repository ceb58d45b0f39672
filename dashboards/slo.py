"""Every KPI of the platform, once: panels, alert rules, the documentation and the KPI check read them here.

Only the standard library is imported, since the catalogue app reads this module too.
"""

from dataclasses import dataclass
from typing import Final, Literal

# Names of Prometheus' scrape jobs; the rules and the panels select by them.
JOB_CATALOG: Final = "catalog"
JOB_POSTGRES: Final = "postgres"
JOB_REDIS: Final = "redis"
JOB_SENTINEL: Final = "sentinel"
JOB_PROMETHEUS: Final = "prometheus"
JOB_ALERTMANAGER: Final = "alertmanager"
JOBS: Final = (JOB_CATALOG, JOB_POSTGRES, JOB_REDIS, JOB_SENTINEL, JOB_PROMETHEUS, JOB_ALERTMANAGER)

REPLICAS: Final = 2
"""Redis replicas of a whole group."""

SENTINEL_QUORUM: Final = 2
"""Sentinels without which no new master is chosen."""

QUEUE_MAX_AGE_SECONDS: Final = 60
"""Age of a change from which the fold counts as stuck: it runs every second."""

Unit = Literal["s", "ratio", "items/s"]
"""Seconds, a share from 0 to 1, or features a second."""


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """A number the platform is measured by.

    Attributes:
        name: lower-case identifier, unique; part of the recorded series' name.
        unit: unit of the value and of the target.
        target: the bound of Sprint 3: a value must stay below it where `better` is `lower`, and reach it where it is
            `higher`.
        promql: the current value from metrics that exist; None where no metric shows it, and the description says
            what measures it instead.
        better: which side of the target is good.
        description: what is measured, in one sentence.
    """

    name: str
    unit: Unit
    target: float
    promql: str | None
    better: Literal["lower", "higher"]
    description: str

    @property
    def series(self) -> str:
        """Name of the recorded series of the current value."""
        return f"mundo:kpi:{self.name}"

    @property
    def missed(self) -> str:
        """PromQL that has a value while the target is missed."""
        return f"{self.series} {'>=' if self.better == 'lower' else '<'} {self.target:g}"

    def met_by(self, value: float) -> bool:
        """Whether `value`, in the KPI's unit, meets the target."""
        return value < self.target if self.better == "lower" else value >= self.target


_ROUTES = 'route=~"/v1/.*"'
_SEARCH = 'method="GET",route="/v1/catalogo"'

KPIS: Final[tuple[Kpi, ...]] = (
    Kpi(
        name="ingest_throughput",
        unit="items/s",
        target=211.5,
        promql=None,
        better="higher",
        description="Features validated and stored per second of an import; its row in importacoes says it.",
    ),
    Kpi(
        name="latency_p95",
        unit="s",
        target=0.5,
        promql=(
            f"histogram_quantile(0.95, sum by (le) (rate(mundo_http_request_duration_seconds_bucket{{{_ROUTES}}}[5m])))"
        ),
        better="lower",
        description="Time within which 95 % of the API's requests of the last five minutes were answered.",
    ),
    Kpi(
        name="search_mean",
        unit="s",
        target=0.15,
        promql=(
            f"sum(rate(mundo_http_request_duration_seconds_sum{{{_SEARCH}}}[5m]))"
            f" / (sum(rate(mundo_http_request_duration_seconds_count{{{_SEARCH}}}[5m])) > 0)"
        ),
        better="lower",
        description="Mean time of a search of the catalogue over the last five minutes.",
    ),
    Kpi(
        name="cache_hit_rate",
        unit="ratio",
        target=0.9,
        promql=(
            'sum(rate(mundo_bounds_lookups_total{level=~"l1|redis"}[5m]))'
            " / (sum(rate(mundo_bounds_lookups_total[5m])) > 0)"
        ),
        better="higher",
        description="Share of the bounds of the last five minutes that a cache answered, not PostgreSQL.",
    ),
    Kpi(
        name="view_refresh",
        unit="s",
        target=5.0,
        # A view that was never refreshed has no such time.
        promql="max(pg_mundo_view_refresh_seconds >= 0)",
        better="lower",
        description="Time of the last refresh of the slower materialized view; mv_refresh_log holds each.",
    ),
    Kpi(
        name="partition_overhead",
        unit="ratio",
        target=0.05,
        promql=None,
        better="lower",
        description="What inserting into the partitioned table costs more than into a plain one; a benchmark compares.",
    ),
    Kpi(
        name="failover",
        unit="s",
        target=0.1,
        promql=None,
        better="lower",
        description="What a change of the Redis master adds to any request; a drill measures it.",
    ),
    Kpi(
        name="error_rate",
        unit="ratio",
        target=0.001,
        promql=(
            f'(sum(rate(mundo_http_requests_total{{{_ROUTES},status=~"5.."}}[5m])) or vector(0))'
            f" / (sum(rate(mundo_http_requests_total{{{_ROUTES}}}[5m])) > 0)"
        ),
        better="lower",
        description="Share of the API's requests of the last five minutes that the platform failed to answer.",
    ),
    Kpi(
        name="valid_geometries",
        unit="ratio",
        target=0.99,
        promql="sum(pg_mundo_geometries_valid) / (sum(pg_mundo_geometries_stored) > 0)",
        better="higher",
        description="Share of the stored geometries that are valid; mv_catalogo_geometrias_stats holds it by entry.",
    ),
    Kpi(
        name="code_quality",
        unit="ratio",
        target=0.9,
        promql=None,
        better="higher",
        description="Share of the files without a lint or type finding; the linters count.",
    ),
    Kpi(
        name="test_coverage",
        unit="ratio",
        target=0.8,
        promql=None,
        better="higher",
        description="Share of the code's lines and branches that the tests run; the coverage report says it.",
    ),
    Kpi(
        name="traceability",
        unit="ratio",
        target=1.0,
        promql=None,
        better="higher",
        description="Share of the requirements linked to artifacts, tests and evidence; a check counts.",
    ),
)
"""All KPIs, in the order of the design's table."""

MEASURED: Final = tuple(kpi for kpi in KPIS if kpi.promql is not None)
"""The KPIs that a metric shows now."""


def by_name(name: str) -> Kpi:
    """The KPI called `name`.

    Raises:
        KeyError: there is none.
    """
    for kpi in KPIS:
        if kpi.name == name:
            return kpi
    raise KeyError(name)
