"""The catalogue app: what it is asked, how fast and how well it answers, and what it imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.alerts.burn_rates import ALERTS as BUDGET_ALERTS
from dashboards.alerts.burn_rates import BURNS, ERRORS, SLOW, Budget
from dashboards.grafana import proxy
from dashboards.grafana.frame import Board, Section
from dashboards.grafana.kpi import against
from dashboards.grafana.panels import chart, number, state
from dashboards.grafana.queries import increase, like, of, rate
from dashboards.slo import API_ROUTES, JOB_CATALOG, JOB_PROXY

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import timeseries

_SEARCH: Final = {"method": "GET", "route": "/v1/catalogo"}
_APP: Final = JOB_CATALOG
_REQUESTS: Final = "mundo_http_requests_total"
_DURATION: Final = "mundo_http_request_duration_seconds"
_WINDOWS: Final = [window for burn in BURNS for window in (burn.short, burn.long)]


def _now() -> Section:
    return Section(
        title="Agora",
        panels=[
            state(
                "API",
                "Se a aplicação do catálogo responde.",
                f"max({of('up', job=_APP)})",
                alerts=["CatalogDown"],
            ),
            number(
                "Versão",
                "Versão da aplicação que responde agora.",
                "none",
                f"max by (version) ({of('mundo_build_info')})",
                legend="{{version}}",
            ),
            number(
                "No ar há",
                "Tempo desde o início do processo da aplicação.",
                "s",
                f"min(time() - {of('process_start_time_seconds', job=_APP)})",
                alerts=["CatalogRestarting"],
            ),
            number(
                "Consultas em andamento",
                "Consultas que estão sendo respondidas neste momento.",
                "none",
                f"sum({of('mundo_http_requests_in_progress')})",
            ),
            number(
                "Importações na fila",
                "Importações que esperam ou estão sendo processadas.",
                "none",
                f"sum({of('mundo_import_queue_depth')})",
            ),
            number(
                "Última importação há",
                "Tempo desde o fim da última importação de pelo menos cem feições.",
                "s",
                f"min({of('pg_mundo_import_age_seconds')} >= 0)",
            ),
        ],
    )


def _requests() -> Section:
    by_route = f"sum by (le, route) ({rate(f'{_DURATION}_bucket', API_ROUTES)})"
    search = f"sum by (le) ({rate(f'{_DURATION}_bucket', **_SEARCH)})"
    mean = f"sum({rate(f'{_DURATION}_sum', **_SEARCH)}) / (sum({rate(f'{_DURATION}_count', **_SEARCH)}) > 0)"
    answered = f"sum by (route) ({rate(_REQUESTS, API_ROUTES)})"
    failed = f"sum by (route) ({rate(_REQUESTS, API_ROUTES, status=like('5..'))})"
    return Section(
        title="Consultas",
        panels=[
            chart(
                "Consultas por estado",
                "Consultas por segundo a qualquer rota, pelo estado HTTP da resposta.",
                "reqps",
                (f"sum by (status) ({rate(_REQUESTS)})", "{{status}}"),
                stacked=True,
            ),
            against(
                "latency_p95",
                "Latência P95 por rota",
                "Tempo em que 95 % das consultas a cada rota da API foram respondidas.",
                (f"histogram_quantile(0.95, {by_route}) >= 0", "{{route}}"),
            ),
            against(
                "search_mean",
                "Tempo de busca",
                "Tempo médio e P95 de uma busca no catálogo.",
                (mean, "média"),
                (f"histogram_quantile(0.95, {search}) >= 0", "P95"),
            ),
            against(
                "error_rate",
                "Erros por rota",
                "Parte das consultas a cada rota da API que a plataforma não conseguiu responder.",
                (f"({failed} or {answered} * 0) / ({answered} > 0)", "{{route}}"),
            ),
            _budget("Erros em cada janela", "Parte das consultas que falhou, em janelas curtas e longas.", ERRORS),
            _budget("Lentidão em cada janela", "Parte das consultas mais lentas que a meta, em cada janela.", SLOW),
        ],
    )


def _budget(title: str, description: str, budget: Budget) -> timeseries.Panel:
    """The share of bad answers over the windows of its alerts, against the share that may be bad."""
    return chart(
        title,
        description,
        "percentunit",
        *((of(budget.series(window)), window) for window in _WINDOWS),
        limit=budget.share,
        alerts=[alert.name for alert in BUDGET_ALERTS if budget.series(_WINDOWS[0]).rpartition("_")[0] in alert.expr],
    )


def _bounds() -> Section:
    lookups = "mundo_bounds_lookups_total"
    hits = rate(lookups, level=like("l1", "redis"))
    return Section(
        title="Limites",
        panels=[
            against(
                "cache_hit_rate",
                "Acertos do cache",
                "Parte dos limites que veio da memória ou do Redis, não do banco.",
                (f"sum({hits}) / (sum({rate(lookups)}) > 0)", "acertos"),
            ),
            chart(
                "Limites por nível de cache",
                "Limites por segundo, pelo nível que os tinha, e os respondidos de uma cópia antiga.",
                "reqps",
                (f"sum by (level) ({rate(lookups)})", "{{level}}"),
                (f"sum({rate('mundo_bounds_stale_total')})", "cópia antiga"),
            ),
            chart(
                "Mudanças de limites",
                "Mudanças de limites por segundo que a aplicação recebeu, e gravações no Redis pelo resultado.",
                "cps",
                (f"sum by (kind) ({rate('mundo_bounds_invalidations_total')})", "{{kind}}"),
                (f"sum by (result) ({rate('mundo_bounds_writes_total')})", "gravação: {{result}}"),
            ),
            chart(
                "Atraso das mudanças",
                "Há quanto tempo a aplicação conhece todas as mudanças, e a idade da mais nova.",
                "s",
                (f"max({of('mundo_bounds_poll_age_seconds')}) >= 0", "todas conhecidas há"),
                (f"max({of('mundo_bounds_newest_change_age_seconds')}) >= 0", "mais nova"),
                alerts=["BoundsPollStale"],
            ),
        ],
    )


def _map() -> Section:
    return Section(
        title="Mapa",
        panels=[
            chart(
                "Ladrilhos por origem",
                "Ladrilhos do mapa por segundo: da memória, feitos pelo banco, ou cópia antiga, com o banco fora.",
                "reqps",
                (f"sum by (level) ({rate('mundo_map_tiles_total')})", "{{level}}"),
                stacked=True,
            ),
            chart(
                "Ladrilhos na memória",
                "Memória que os ladrilhos guardados ocupam.",
                "bytes",
                (f"sum by (instance) ({of('mundo_map_tiles_kept_bytes')})", "{{instance}}"),
            ),
        ],
    )


def _imports() -> Section:
    return Section(
        title="Importação",
        panels=[
            chart(
                "Feições importadas",
                "Feições por segundo das importações que terminaram, pelo que foi feito delas.",
                "cps",
                (f"sum by (outcome) ({rate('mundo_import_features_total')})", "{{outcome}}"),
                stacked=True,
            ),
            against(
                "ingest_throughput",
                "Vazão da importação",
                "Feições validadas e gravadas por segundo na última importação de pelo menos cem.",
                (f"max({of('pg_mundo_import_features_per_second')} >= 0)", "última importação"),
            ),
            chart(
                "Importações",
                "Importações que estão na tabela, por estado.",
                "short",
                (f"sum by (state) ({of('mundo_import_jobs')})", "{{state}}"),
            ),
            chart(
                "Importações terminadas",
                "Importações que terminaram, por resultado, e vezes que o processo de importação caiu.",
                "short",
                (f"sum by (state) ({increase('mundo_import_jobs_ended_total')})", "{{state}}"),
                (f"sum({increase('mundo_import_worker_crashes_total')})", "quedas"),
                alerts=["ImportWorkerCrashing"],
            ),
            chart(
                "Arquivos recebidos",
                "Bytes por segundo de arquivos que a aplicação recebeu.",
                "Bps",
                (f"sum({rate('mundo_import_received_bytes_total')})", "recebidos"),
            ),
            chart(
                "Espera",
                "Tempo que a importação mais antiga espera a sua vez.",
                "s",
                (f"max({of('pg_mundo_imports_oldest_seconds')})", "mais antiga"),
                alerts=["ImportsStuck"],
            ),
        ],
    )


def _process() -> Section:
    return Section(
        title="Processo",
        panels=[
            chart(
                "Processador",
                "Núcleos que o processo da aplicação usa.",
                "short",
                (f"sum by (instance) ({rate('process_cpu_seconds_total', job=_APP)})", "{{instance}}"),
            ),
            chart(
                "Memória",
                "Memória residente do processo da aplicação.",
                "bytes",
                (f"sum by (instance) ({of('process_resident_memory_bytes', job=_APP)})", "{{instance}}"),
            ),
            chart(
                "Conexões ao banco",
                "Conexões do conjunto da aplicação ao PostgreSQL: em uso, abertas, consultas que esperam, e o limite.",
                "short",
                (f"sum by (kind) ({of('mundo_db_pool_connections')})", "{{kind}}"),
                alerts=["DatabasePoolExhausted"],
            ),
            chart(
                "Arquivos abertos",
                "Arquivos e conexões que o processo da aplicação tem abertos.",
                "short",
                (f"sum by (instance) ({of('process_open_fds', job=_APP)})", "{{instance}}"),
            ),
        ],
    )


BOARD: Final = Board(
    name="catalogo",
    title="Catálogo e API",
    description="O que se pede ao catálogo, com que rapidez e acerto ele responde, e o que importa.",
    sections=[_now(), _requests(), _bounds(), _map(), _imports(), _process(), proxy.section()],
    jobs=f"{JOB_CATALOG}|{JOB_PROXY}",
)
