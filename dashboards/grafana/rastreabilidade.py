"""Whether the platform keeps its promises, and where to look when it does not."""

from __future__ import annotations

from typing import Final

from dashboards.grafana.frame import Board, Section, widths
from dashboards.grafana.kpi import against, missed, tile
from dashboards.grafana.panels import chart, number, rows, state
from dashboards.grafana.queries import like, of, rate
from dashboards.grafana.shared import breaker, freshness, replicas, view_refresh
from dashboards.slo import API_ROUTES, JOB_CATALOG, JOB_REDIS, JOB_SENTINEL, KPIS, SENTINEL_QUORUM

_REQUESTS: Final = "mundo_http_requests_total"
_OPTIMIZATION: Final = "optimization"
_DAYS_AHEAD: Final = 90
_TRAIN: Final = "6h"


def _kpis() -> Section:
    overview = [
        (
            "Metas perdidas",
            "Quantos indicadores estão agora fora da meta; sem valor, não contam.",
            missed(),
        ),
        (
            "Alertas ativos",
            "Alertas que o Alertmanager tem agora, sem contar o Watchdog, que está sempre ativo.",
            f"clamp_min(sum({of('alertmanager_alerts', state=like('active', 'suppressed'))}) - 1, 0)",
        ),
    ]
    columns = iter(widths(len(overview) + 1 + len(KPIS), per_row=6))
    panels = [
        number(title, text, "none", query, steps=((None, "green"), (1, "red")), width=next(columns))
        for title, text, query in overview
    ]
    panels.append(
        number(
            "Versão em execução",
            "Versão da aplicação que responde agora.",
            "none",
            f"max by (version) ({of('mundo_build_info')})",
            legend="{{version}}",
            width=next(columns),
        )
    )
    return Section(title="Indicadores e metas", panels=[*panels, *(tile(kpi, next(columns)) for kpi in KPIS)])


def _traffic() -> Section:
    buckets = f"sum by (le) ({rate('mundo_http_request_duration_seconds_bucket', API_ROUTES)})"

    def share(status: str) -> str:
        # No answer of this kind yet is a share of 0, where there were answers at all.
        answered = f"sum({rate(_REQUESTS, API_ROUTES)})"
        these = f"sum({rate(_REQUESTS, API_ROUTES, status=like(f'{status}..'))})"
        return f"({these} or {answered} * 0) / ({answered} > 0)"

    return Section(
        title="Tráfego",
        panels=[
            chart(
                "Vazão",
                "Consultas por segundo que a API respondeu, por rota.",
                "reqps",
                (f"sum by (route) ({rate(_REQUESTS, API_ROUTES)})", "{{route}}"),
                stacked=True,
            ),
            against(
                "latency_p95",
                "Latência",
                "Tempo em que metade, 95 % e 99 % das consultas à API foram respondidas.",
                *((f"histogram_quantile({q}, {buckets}) >= 0", f"P{100 * q:g}") for q in (0.5, 0.95, 0.99)),
            ),
            against(
                "error_rate",
                "Erros",
                "Parte das consultas à API respondida com 5xx (falha da plataforma) e com 4xx (consulta inválida).",
                *((share(digit), f"{digit}xx") for digit in ("5", "4")),
            ),
            chart(
                "Limites por nível de cache",
                "Limites por segundo, pelo nível que os tinha: memória da aplicação, Redis ou PostgreSQL.",
                "reqps",
                (f"sum by (level) ({rate('mundo_bounds_lookups_total')})", "{{level}}"),
                stacked=True,
            ),
        ],
    )


def _partitions() -> Section:
    size = f"sum({of('pg_mundo_partition_bytes')})"
    trend = f"predict_linear({of('pg_mundo_database_bytes')}[{_TRAIN}], {_DAYS_AHEAD} * 86400)"
    return Section(
        title="Partições e capacidade",
        panels=[
            chart(
                "Tamanho das partições",
                "Espaço em disco de cada partição anual das geometrias, com índices.",
                "bytes",
                (f"sum by (partition) ({of('pg_mundo_partition_bytes')})", "{{partition}}"),
                stacked=True,
                alerts=["CapacityExceeded"],
            ),
            chart(
                "Linhas por ano",
                "Geometrias em cada partição anual; em default ficam as que ainda não têm partição própria.",
                "short",
                (f"sum by (partition) ({of('pg_mundo_partition_rows')})", "{{partition}}"),
                stacked=True,
                alerts=["DefaultPartitionNotEmpty"],
            ),
            chart(
                "Tamanho e plano do ano",
                "Espaço em disco das partições e o que o plano de capacidade prevê para o fim do ano, por cenário.",
                "bytes",
                (size, "agora"),
                (f"max by (scenario) ({of('pg_mundo_capacity_projected_bytes')})", "plano {{scenario}}"),
                alerts=["CapacityExceeded"],
            ),
            chart(
                "Projeção do banco",
                f"Tamanho do banco agora e em {_DAYS_AHEAD} dias, se crescer como nas últimas {_TRAIN}.",
                "bytes",
                (f"sum({of('pg_mundo_database_bytes')})", "agora"),
                (f"clamp_min(sum({trend}), 0)", f"em {_DAYS_AHEAD} dias"),
            ),
        ],
    )


def _views() -> Section:
    return Section(
        title="Visões materializadas",
        panels=[
            view_refresh(),
            freshness(),
        ],
    )


def _traceability() -> Section:
    geometries = (("stored", "gravadas"), ("valid", "válidas"), ("traceable", "rastreáveis"))
    numbers = {
        "requisitos": "requirements",
        "rastreados": "traced",
        "artefatos": "artifacts",
        "ligações": "links",
        "conformidade": "ratio",
    }
    measured = of("mundo_release_kpi_measured_timestamp_seconds")
    return Section(
        title="Rastreabilidade",
        panels=[
            rows(
                "Requisitos por otimização",
                "Requisitos de cada otimização, quantos levam a artefatos, testes e evidências, e a quantos.",
                "none",
                (_OPTIMIZATION, "otimização"),
                queries={heading: of(f"mundo_traceability_{name}") for heading, name in numbers.items()},
                units={"conformidade": "percentunit"},
            ),
            rows(
                "Medições da versão",
                "Indicadores medidos por ensaios e testes da versão em execução, e há quanto tempo.",
                "none",
                ("kpi", "indicador"),
                queries={"valor": of("mundo_release_kpi"), "medido há": f"time() - {measured}"},
                units={"medido há": "s"},
            ),
            against(
                "traceability",
                "Conformidade",
                "Parte dos requisitos de cada otimização ligada a artefatos, testes e evidências.",
                (f"max by ({_OPTIMIZATION}) ({of('mundo_traceability_ratio')})", "{{optimization}}"),
            ),
            chart(
                "Rastreabilidade dos dados",
                "Geometrias gravadas, as válidas e as que levam de volta ao arquivo, à feição e à importação.",
                "short",
                *((f"sum({of(f'pg_mundo_geometries_{name}')})", words) for name, words in geometries),
                alerts=["GeometriesUntraceable", "KpiDataTraceabilityMissed", "KpiValidGeometriesMissed"],
            ),
        ],
    )


def _health() -> Section:
    master = of("redis_instance_info", job=JOB_REDIS, role="master")
    return Section(
        title="Saúde do sistema",
        panels=[
            state(
                "API",
                "Se a aplicação do catálogo responde.",
                f"max({of('up', job=JOB_CATALOG)})",
                alerts=["CatalogDown"],
            ),
            state("PostgreSQL", "Se o banco de dados aceita conexões.", f"min({of('pg_up')})", alerts=["PostgresDown"]),
            number(
                "Redis principais",
                "Servidores Redis que se dizem o principal; deve haver exatamente um.",
                "none",
                f"count({master}) or vector(0)",
                steps=((None, "red"), (1, "green"), (2, "red")),
                alerts=["RedisMasterMissing", "RedisTwoMasters"],
            ),
            replicas("Réplicas do Redis"),
            number(
                "Sentinelas",
                f"Sentinelas que respondem; com menos de {SENTINEL_QUORUM} ninguém escolhe outro principal.",
                "none",
                f"sum({of('redis_up', job=JOB_SENTINEL)})",
                steps=((None, "red"), (SENTINEL_QUORUM, "orange"), (SENTINEL_QUORUM + 1, "green")),
                alerts=["SentinelQuorumLost"],
            ),
            breaker("Disjuntor do Redis"),
        ],
    )


BOARD: Final = Board(
    name="rastreabilidade",
    title="Rastreabilidade",
    description="Se a plataforma cumpre o que promete, e onde olhar quando não cumpre.",
    sections=[_kpis(), _traffic(), _partitions(), _views(), _traceability(), _health()],
)
