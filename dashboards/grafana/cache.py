"""The cache: who is the master, whether a failover can happen, and what the cache saves."""

from __future__ import annotations

from typing import Final

from dashboards.grafana.frame import Board, Section
from dashboards.grafana.panels import chart, number, state
from dashboards.grafana.queries import increase, of, rate
from dashboards.grafana.shared import breaker, replicas
from dashboards.slo import JOB_CATALOG, JOB_REDIS, JOB_SENTINEL, SENTINEL_QUORUM

_MASTERS: Final = of("redis_instance_info", job=JOB_REDIS, role="master")


def _now() -> Section:
    return Section(
        title="Agora",
        panels=[
            number(
                "Redis principal",
                "Servidor que é o principal.",
                "none",
                f"max by (instance) ({_MASTERS})",
                legend="{{instance}}",
                alerts=["RedisMasterMissing", "RedisTwoMasters"],
            ),
            replicas("Réplicas"),
            number(
                "Sentinelas de acordo",
                "O menor número de Sentinelas em boas condições que alguma delas vê.",
                "none",
                f"min({of('redis_sentinel_master_ok_sentinels', job=JOB_SENTINEL)})",
                steps=((None, "red"), (SENTINEL_QUORUM, "orange"), (SENTINEL_QUORUM + 1, "green")),
                alerts=["SentinelQuorumLost"],
            ),
            state(
                "Quórum",
                "Se todas as Sentinelas dizem que há quórum para escolher outro principal.",
                f"min({of('redis_sentinel_master_ckquorum_status', job=JOB_SENTINEL)})",
                good="há",
                bad="não há",
                alerts=["SentinelQuorumLost"],
            ),
            number(
                "Sentinelas em TILT",
                "Sentinelas que desconfiam do próprio relógio e por isso não agem.",
                "none",
                f"sum({of('redis_sentinel_tilt', job=JOB_SENTINEL)})",
                steps=((None, "green"), (1, "orange"), (SENTINEL_QUORUM, "red")),
                alerts=["SentinelTilt"],
            ),
            breaker("Disjuntor"),
        ],
    )


def _group() -> Section:
    sent = f"max({of('redis_master_repl_offset', job=JOB_REDIS)} and on (instance) {_MASTERS})"
    received = f"max by (instance) ({of('redis_slave_repl_offset', job=JOB_REDIS)})"
    return Section(
        title="Alta disponibilidade",
        panels=[
            chart(
                "Papéis",
                "Qual servidor é o principal: 1 para ele, 0 para os outros.",
                "short",
                (
                    f"max by (instance) ({_MASTERS}) or max by (instance) ({of('redis_up', job=JOB_REDIS)}) * 0",
                    "{{instance}}",
                ),
                alerts=["RedisTwoMasters"],
            ),
            chart(
                "Servidores e Sentinelas no ar",
                "1 enquanto o servidor ou a Sentinela responde.",
                "short",
                (f"max by (instance) ({of('redis_up')})", "{{instance}}"),
                alerts=["RedisInstanceDown"],
            ),
            chart(
                "O que as Sentinelas veem",
                "Sentinelas e réplicas em boas condições segundo cada Sentinela.",
                "short",
                (of("redis_sentinel_master_ok_sentinels", job=JOB_SENTINEL), "Sentinelas, {{instance}}"),
                (of("redis_sentinel_master_ok_slaves", job=JOB_SENTINEL), "réplicas, {{instance}}"),
                alerts=["SentinelMastersDiffer"],
            ),
            chart(
                "Época e trocas",
                "Época da configuração (cresce a cada troca do principal) e trocas que a aplicação viu.",
                "short",
                (f"max({of('mundo_redis_config_epoch')})", "época"),
                (f"max({increase('mundo_redis_master_changes_total')})", "trocas"),
            ),
            chart(
                "Atraso da replicação",
                "Bytes do servidor principal que cada réplica ainda não recebeu.",
                "bytes",
                (f"clamp_min({sent} - on () group_right () {received}, 0)", "{{instance}}"),
                alerts=["RedisReplicationLagging"],
            ),
            chart(
                "Silêncio do principal",
                "Tempo desde que cada réplica ouviu o servidor principal pela última vez.",
                "s",
                (f"max by (instance) ({of('redis_master_last_io_seconds_ago', job=JOB_REDIS)})", "{{instance}}"),
                alerts=["RedisReplicationBroken"],
            ),
        ],
    )


def _use() -> Section:
    hits, misses = rate("redis_keyspace_hits_total", job=JOB_REDIS), rate("redis_keyspace_misses_total", job=JOB_REDIS)
    return Section(
        title="Uso",
        panels=[
            chart(
                "Memória",
                "Memória que cada servidor usa, e o limite a partir do qual ele descarta chaves.",
                "bytes",
                (f"max by (instance) ({of('redis_memory_used_bytes', job=JOB_REDIS)})", "{{instance}}"),
                (f"max({of('redis_memory_max_bytes', job=JOB_REDIS)})", "limite"),
                alerts=["RedisMemoryHigh"],
            ),
            chart(
                "Chaves descartadas",
                "Chaves por segundo que saíram por falta de memória e por idade.",
                "cps",
                (f"sum by (instance) ({rate('redis_evicted_keys_total', job=JOB_REDIS)})", "por memória, {{instance}}"),
                (f"sum by (instance) ({rate('redis_expired_keys_total', job=JOB_REDIS)})", "por idade, {{instance}}"),
                alerts=["RedisEvicting"],
            ),
            chart(
                "Acertos do Redis",
                "Parte das leituras de chaves que encontrou a chave, por servidor.",
                "percentunit",
                (f"sum by (instance) ({hits}) / (sum by (instance) ({hits} + {misses}) > 0)", "{{instance}}"),
            ),
            chart(
                "Comandos",
                "Comandos por segundo que cada servidor executou.",
                "ops",
                (f"sum by (instance) ({rate('redis_commands_processed_total', job=JOB_REDIS)})", "{{instance}}"),
            ),
            chart(
                "Chaves",
                "Chaves em cada servidor.",
                "short",
                (f"sum by (instance) ({of('redis_db_keys', job=JOB_REDIS)})", "{{instance}}"),
            ),
            chart(
                "Conexões",
                "Clientes conectados a cada servidor.",
                "short",
                (f"sum by (instance) ({of('redis_connected_clients', job=JOB_REDIS)})", "{{instance}}"),
            ),
        ],
    )


def _app() -> Section:
    return Section(
        title="Da aplicação ao Redis",
        panels=[
            chart(
                "Estado do disjuntor",
                "1 para o estado em que está o disjuntor da aplicação para o Redis.",
                "short",
                (f"max by (state) ({of('mundo_breaker_state')})", "{{state}}"),
                alerts=["BreakerOpen"],
            ),
            chart(
                "Mudanças do disjuntor",
                "Vezes que o disjuntor mudou de estado.",
                "short",
                (
                    f"sum by (from_state, to_state) ({increase('mundo_breaker_transitions_total')})",
                    "{{from_state}} → {{to_state}}",
                ),
            ),
            chart(
                "Falhas do Redis",
                "Acessos por segundo ao Redis que não deram resposta, pelo motivo.",
                "cps",
                (f"sum by (reason) ({rate('mundo_redis_failures_total')})", "{{reason}}"),
            ),
            chart(
                "Leituras em lote",
                "Idas ao Redis por segundo, as enviadas a um segundo servidor, e conexões abertas.",
                "ops",
                (f"sum({rate('mundo_redis_batches_total')})", "lotes"),
                (f"sum({rate('mundo_redis_resent_total')})", "reenvios"),
                (f"sum({rate('mundo_redis_connections_total')})", "conexões"),
            ),
            chart(
                "Servidores legíveis",
                "Servidores Redis de que a aplicação consegue ler.",
                "short",
                (f"min({of('mundo_redis_readable_servers')})", "servidores"),
            ),
            chart(
                "Mudanças que faltam ao Redis",
                "Mudanças de limites que a aplicação recebeu e o Redis ainda não tem.",
                "short",
                (f"max({of('mundo_bounds_redis_behind')}) >= 0", "mudanças"),
                alerts=["RedisBehind"],
            ),
        ],
    )


BOARD: Final = Board(
    name="cache",
    title="Cache",
    description="Quem é o Redis principal, se uma troca pode acontecer, e o que o cache poupa ao banco.",
    sections=[_now(), _group(), _use(), _app()],
    jobs=f"{JOB_REDIS}|{JOB_SENTINEL}|{JOB_CATALOG}",
)
