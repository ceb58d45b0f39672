"""The database: partitions, views and jobs that keep themselves, and what holds it up."""

from __future__ import annotations

from typing import Final

from dashboards.grafana.backups import backups
from dashboards.grafana.frame import Board, Section
from dashboards.grafana.panels import chart, number, rows, state
from dashboards.grafana.queries import of, rate
from dashboards.grafana.shared import freshness, view_refresh
from dashboards.slo import JOB_POSTGRES, JOB_SQL, QUEUE_MAX_AGE_SECONDS

_OURS: Final = {"datname": "mundo"}


def _now() -> Section:
    ahead, wanted = of("pg_mundo_partitions_years_ahead"), of("pg_mundo_partitions_years_wanted")
    beat, silent = of("pg_mundo_scheduler_age_seconds"), of("pg_mundo_scheduler_max_age_seconds")
    return Section(
        title="Agora",
        panels=[
            state("PostgreSQL", "Se o banco de dados aceita conexões.", f"min({of('pg_up')})", alerts=["PostgresDown"]),
            state(
                "Tarefas agendadas",
                "Se o pg_cron executa tarefas: a última batida não é mais velha que o limite.",
                f"min({beat} < bool {silent})",
                good="em dia",
                bad="paradas",
                alerts=["SchedulerSilent"],
            ),
            state(
                "Partições futuras",
                "Se os anos seguintes têm partição; no primeiro dia do ano falta uma até a tarefa diária.",
                f"min({ahead} >= bool clamp_min({wanted} - 1, 1))",
                good="prontas",
                bad="faltam",
                alerts=["PartitionsRunningOut"],
            ),
            number(
                "Linhas sem partição",
                "Geometrias na partição default que esperam partição própria ou têm ano implausível.",
                "none",
                f"sum({of('pg_mundo_default_partition_undrained_rows')})"
                f" + sum({of('pg_mundo_default_partition_implausible_rows')})",
                steps=((None, "green"), (1, "orange")),
                alerts=["DefaultPartitionNotEmpty"],
            ),
            number(
                "Diferenças no resumo",
                "Entradas cujo resumo estava errado na última conferência noturna.",
                "none",
                f"sum({of('pg_mundo_summary_differences')})",
                steps=((None, "green"), (1, "red")),
                alerts=["SummaryDifferences"],
            ),
            number(
                "Perguntas sem resposta",
                "Perguntas do monitoramento que o banco não respondeu; os alertas sobre elas não disparam.",
                "none",
                f"count({of('pg_mundo_question_answered')} == 0) or vector(0)",
                steps=((None, "green"), (1, "orange")),
                alerts=["DatabaseMetricsMissing"],
            ),
        ],
    )


def _upkeep() -> Section:
    return Section(
        title="Partições e visões",
        panels=[
            chart(
                "Linhas por partição",
                "Geometrias em cada partição anual e na default.",
                "short",
                (f"sum by (partition) ({of('pg_mundo_partition_rows')})", "{{partition}}"),
                stacked=True,
            ),
            chart(
                "Uso do plano de capacidade",
                "Linhas e bytes em relação ao previsto para o fim do ano; acima de 100 % o plano foi superado.",
                "percentunit",
                (f"max by (scenario) ({of('pg_mundo_capacity_bytes_of_year_end')})", "bytes, {{scenario}}"),
                (f"max by (scenario) ({of('pg_mundo_capacity_rows_of_year_end')})", "linhas, {{scenario}}"),
                limit=1,
                alerts=["CapacityExceeded"],
            ),
            view_refresh(),
            freshness(),
            chart(
                "Falhas da atualização",
                "Atualizações de cada visão que falharam desde a última que deu certo.",
                "short",
                (f"max by (view_name) ({of('pg_mundo_view_failures_since_success')})", "{{view_name}}"),
                alerts=["ViewRefreshFailing"],
            ),
            chart(
                "Fila de mudanças",
                "Mudanças que esperam entrar no resumo.",
                "short",
                (f"max({of('pg_mundo_change_queue_queued')})", "mudanças"),
                alerts=["ChangeQueueStuck"],
            ),
            chart(
                "Espera da fila de mudanças",
                "Idade da mudança mais antiga que espera entrar no resumo.",
                "s",
                (f"max({of('pg_mundo_change_queue_oldest_seconds')})", "mais antiga"),
                limit=QUEUE_MAX_AGE_SECONDS,
                alerts=["ChangeQueueStuck"],
            ),
            chart(
                "Importações que esperam",
                "Tempo que a tarefa de importação mais antiga espera.",
                "s",
                (f"max({of('pg_mundo_imports_oldest_seconds')})", "mais antiga"),
                alerts=["ImportsStuck"],
            ),
        ],
    )


def _jobs() -> Section:
    return Section(
        title="Tarefas",
        panels=[
            rows(
                "Tarefas agendadas",
                "Cada tarefa: há quanto tempo deu certo, quanto durou, falhas em 24 horas, e se está atrasada.",
                "none",
                ("job_name", "tarefa"),
                queries={
                    "último sucesso há": of("pg_mundo_job_last_success_age_seconds"),
                    "duração": of("pg_mundo_job_duration_seconds"),
                    "falhas em 24 h": of("pg_mundo_job_failures"),
                    "atrasada": of("pg_mundo_job_missed"),
                    "falhando": of("pg_mundo_job_failing"),
                    "ativa": of("pg_mundo_job_active"),
                },
                units={"último sucesso há": "s", "duração": "s"},
                width=24,
                alerts=["CronJobFailing"],
            ),
        ],
    )


def _load() -> Section:
    committed, undone = rate("pg_stat_database_xact_commit", **_OURS), rate("pg_stat_database_xact_rollback", **_OURS)
    hit, read = rate("pg_stat_database_blks_hit", **_OURS), rate("pg_stat_database_blks_read", **_OURS)
    sessions = of("pg_stat_activity_count", job=JOB_POSTGRES, backend_type="client backend")
    return Section(
        title="Carga",
        panels=[
            chart(
                "Conexões",
                "Sessões de programas por estado, e o limite do servidor.",
                "short",
                (f"sum by (state) ({sessions}) > 0", "{{state}}"),
                (f"max({of('pg_settings_max_connections')})", "limite"),
                alerts=["PostgresConnectionsHigh"],
            ),
            chart(
                "Transações",
                "Transações por segundo, confirmadas e desfeitas.",
                "ops",
                (f"sum({committed})", "confirmadas"),
                (f"sum({undone})", "desfeitas"),
            ),
            chart(
                "Esperas por bloqueio",
                "Sessões que esperam um bloqueio de outra.",
                "short",
                (f"max({of('pg_mundo_locks_waiting')})", "sessões"),
                alerts=["LocksWaiting"],
            ),
            chart(
                "Esperas e transações longas",
                "Tempo da espera mais longa por um bloqueio e da transação aberta mais antiga.",
                "s",
                (f"max({of('pg_mundo_locks_longest_seconds')})", "bloqueio"),
                (f"max({of('pg_mundo_transactions_oldest_seconds')})", "transação"),
                alerts=["LocksWaiting", "TransactionLong"],
            ),
            chart(
                "Páginas encontradas na memória",
                "Parte das páginas lidas que já estava na memória do PostgreSQL.",
                "percentunit",
                (f"sum({hit}) / (sum({hit} + {read}) > 0)", "memória"),
            ),
            chart(
                "Impasses e conflitos",
                "Impasses desfeitos e consultas canceladas, por segundo.",
                "cps",
                (f"sum({rate('pg_stat_database_deadlocks', **_OURS)})", "impasses"),
                (f"sum({rate('pg_stat_database_conflicts', **_OURS)})", "cancelamentos"),
            ),
        ],
    )


def _space() -> Section:
    return Section(
        title="Espaço",
        panels=[
            chart(
                "Tamanho das tabelas",
                "Espaço em disco das tabelas do projeto, com índices.",
                "bytes",
                (f"max by (table) ({of('pg_mundo_table_bytes')})", "{{table}}"),
            ),
            chart(
                "Linhas mortas",
                "Parte das linhas de cada tabela que já não vale e espera a limpeza automática.",
                "percentunit",
                (f"max by (table) ({of('pg_mundo_table_dead_ratio')})", "{{table}}"),
                alerts=["TableBloat"],
            ),
            chart(
                "Banco inteiro",
                "Espaço em disco do banco inteiro.",
                "bytes",
                (f"sum({of('pg_mundo_database_bytes')})", "banco"),
            ),
            chart(
                "Erro do plano de capacidade",
                "Quanto o plano do ano errou até agora no tamanho das partições, por cenário.",
                "percentunit",
                (f"max by (scenario) ({of('pg_mundo_capacity_bytes_error')})", "{{scenario}}"),
            ),
        ],
    )


BOARD: Final = Board(
    name="banco",
    title="Banco de dados",
    description="Se partições, visões e tarefas se mantêm sozinhas, e o que pesa no PostgreSQL.",
    sections=[_now(), _upkeep(), _jobs(), _load(), _space(), backups()],
    jobs=f"{JOB_POSTGRES}|{JOB_SQL}",
)
