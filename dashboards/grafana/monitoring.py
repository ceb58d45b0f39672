"""The monitoring itself and the machine: who watches the watchers."""

from __future__ import annotations

from typing import Final

from dashboards.grafana.frame import Board, Section
from dashboards.grafana.panels import chart, number, rows, state
from dashboards.grafana.queries import increase, like, of, rate, unlike
from dashboards.slo import JOB_ALERTMANAGER, JOB_NODE, JOB_PROMETHEUS, PROCESS_SCRAPES, SCRAPE_SECONDS

_PROMETHEUS: Final = JOB_PROMETHEUS
_ALERTMANAGER: Final = JOB_ALERTMANAGER
_THEMSELVES: Final = like(JOB_PROMETHEUS, JOB_ALERTMANAGER)
_BYTES: Final = "bytes"
_PROCESSES_EVERY: Final = f"{PROCESS_SCRAPES * SCRAPE_SECONDS}s"


def _now() -> Section:
    return Section(
        title="Agora",
        panels=[
            state(
                "Prometheus",
                "Se o Prometheus responde a si mesmo.",
                f"min({of('up', job=_PROMETHEUS)})",
                alerts=["ConfigReloadFailed"],
            ),
            state(
                "Alertmanager",
                "Se o Alertmanager responde.",
                f"min({of('up', job=_ALERTMANAGER)})",
                alerts=["AlertmanagerMissing", "ConfigReloadFailed"],
            ),
            number(
                "Alvos fora do ar",
                "Alvos que o Prometheus não consegue ler.",
                "none",
                f"count({of('up')} == 0) or vector(0)",
                steps=((None, "green"), (1, "red")),
                alerts=["ScrapeFailing"],
            ),
            number(
                "Alertas ativos",
                "Alertas que o Alertmanager tem agora, sem contar o Watchdog, que está sempre ativo.",
                "none",
                f"clamp_min(sum({of('alertmanager_alerts', state=like('active', 'suppressed'))}) - 1, 0)",
                steps=((None, "green"), (1, "orange")),
            ),
            number(
                "Séries",
                "Séries que o Prometheus mantém na memória.",
                "short",
                f"sum({of('prometheus_tsdb_head_series', job=_PROMETHEUS)})",
            ),
            number(
                "Métricas em disco",
                "Espaço em disco das métricas guardadas.",
                _BYTES,
                f"sum({of('prometheus_tsdb_storage_blocks_bytes', job=_PROMETHEUS)})"
                f" + sum({of('prometheus_tsdb_wal_storage_size_bytes', job=_PROMETHEUS)})",
                alerts=["PrometheusStorageFailing"],
            ),
        ],
    )


def _scrapes() -> Section:
    return Section(
        title="Coleta",
        panels=[
            chart(
                "Alvos no ar",
                "1 enquanto o Prometheus consegue ler o alvo.",
                "short",
                (f"max by (job, instance) ({of('up')})", "{{job}}, {{instance}}"),
                alerts=["ScrapeFailing", "ScrapeMissing"],
            ),
            chart(
                "Duração da coleta",
                "Tempo que a leitura de cada alvo leva.",
                "s",
                (f"max by (job, instance) ({of('scrape_duration_seconds')})", "{{job}}, {{instance}}"),
                alerts=["TargetScrapeSlow"],
            ),
            rows(
                "Amostras por alvo",
                "Amostras que cada alvo dá em uma leitura, e séries novas na última.",
                "short",
                ("instance", "alvo"),
                queries={"amostras": of("scrape_samples_scraped"), "séries novas": of("scrape_series_added")},
            ),
            chart(
                "Amostras por segundo",
                "Amostras por segundo que o Prometheus grava.",
                "cps",
                (f"sum({rate('prometheus_tsdb_head_samples_appended_total', job=_PROMETHEUS)})", "amostras"),
            ),
        ],
    )


def _rules() -> Section:
    sent, failed = "alertmanager_notifications_total", "alertmanager_notifications_failed_total"
    failures = increase("prometheus_rule_evaluation_failures_total", job=_PROMETHEUS)
    missed = increase("prometheus_rule_group_iterations_missed_total", job=_PROMETHEUS)
    return Section(
        title="Regras e avisos",
        panels=[
            chart(
                "Duração das regras",
                "Tempo da última avaliação de cada grupo de regras.",
                "s",
                (
                    f"max by (rule_group) ({of('prometheus_rule_group_last_duration_seconds', job=_PROMETHEUS)})",
                    "{{rule_group}}",
                ),
            ),
            chart(
                "Falhas das regras",
                "Avaliações de regras que falharam e rodadas perdidas, por grupo.",
                "short",
                (f"sum by (rule_group) ({failures})", "falhas, {{rule_group}}"),
                (f"sum by (rule_group) ({missed})", "perdidas, {{rule_group}}"),
                alerts=["RuleEvaluationFailing", "RuleEvaluationLate"],
            ),
            chart(
                "Avisos enviados",
                "Avisos que o Alertmanager enviou e os que falharam, por meio.",
                "short",
                (f"sum by (integration) ({increase(sent, job=_ALERTMANAGER)}) > 0", "{{integration}}"),
                (f"sum by (integration) ({increase(failed, job=_ALERTMANAGER)}) > 0", "falhas, {{integration}}"),
                (f"sum({increase(sent, job=_ALERTMANAGER)})", "todos"),
                alerts=["NotificationsFailing"],
            ),
            chart(
                "Do Prometheus ao Alertmanager",
                "Alertas por segundo que o Prometheus entregou, e os que perdeu.",
                "cps",
                (f"sum({rate('prometheus_notifications_sent_total', job=_PROMETHEUS)})", "entregues"),
                (f"sum({rate('prometheus_notifications_dropped_total', job=_PROMETHEUS)})", "perdidos"),
                alerts=["AlertDeliveryFailing"],
            ),
            chart(
                "Processador do monitoramento",
                "Núcleos que o Prometheus e o Alertmanager usam.",
                "short",
                (f"sum by (job) ({rate('process_cpu_seconds_total', job=_THEMSELVES)})", "{{job}}"),
            ),
            chart(
                "Memória do monitoramento",
                "Memória residente do Prometheus e do Alertmanager.",
                _BYTES,
                (f"sum by (job) ({of('process_resident_memory_bytes', job=_THEMSELVES)})", "{{job}}"),
            ),
        ],
    )


def _host() -> Section:
    total, free = of("node_memory_MemTotal_bytes"), of("node_memory_MemAvailable_bytes")
    busy, all_of_it = rate("node_cpu_seconds_total", mode=unlike("idle")), rate("node_cpu_seconds_total")
    size, left = of("node_filesystem_size_bytes"), of("node_filesystem_avail_bytes")
    return Section(
        title="Máquina",
        panels=[
            chart(
                "Processador",
                "Parte do tempo dos núcleos da máquina, pelo uso.",
                "percentunit",
                (f"sum by (mode) ({busy}) / scalar(sum({all_of_it}))", "{{mode}}"),
                alerts=["HostCpuSaturated"],
                stacked=True,
            ),
            chart(
                "Memória",
                "Memória da máquina: em uso e total.",
                _BYTES,
                (f"sum({total}) - sum({free})", "em uso"),
                (f"sum({total})", "total"),
                alerts=["HostMemoryLow"],
            ),
            chart(
                "Espaço em disco usado",
                "Parte usada de cada sistema de arquivos da máquina.",
                "percentunit",
                (f"1 - max by (mountpoint) ({left}) / max by (mountpoint) ({size})", "{{mountpoint}}"),
                alerts=["DiskFilling", "DiskAlmostFull"],
            ),
            chart(
                "Disco",
                "Bytes por segundo lidos e gravados em cada disco da máquina.",
                "Bps",
                (f"sum by (device) ({rate('node_disk_read_bytes_total')})", "leitura, {{device}}"),
                (f"sum by (device) ({rate('node_disk_written_bytes_total')})", "gravação, {{device}}"),
            ),
        ],
    )


def _processes() -> Section:
    group = "namedprocess_namegroup"
    return Section(
        title="Processos",
        panels=[
            chart(
                "Processador por programa",
                "Núcleos que cada programa da plataforma usa nesta máquina.",
                "short",
                (f"sum by (groupname) ({rate(f'{group}_cpu_seconds_total')})", "{{groupname}}"),
                stacked=True,
                scraped_every=_PROCESSES_EVERY,
            ),
            chart(
                "Memória por programa",
                "Memória residente de cada programa; páginas partilhadas contam em cada processo.",
                _BYTES,
                (f"sum by (groupname) ({of(f'{group}_memory_bytes', memtype='resident')})", "{{groupname}}"),
            ),
            chart(
                "Processos",
                "Processos de cada programa.",
                "short",
                (f"sum by (groupname) ({of(f'{group}_num_procs')})", "{{groupname}}"),
            ),
            chart(
                "Carga",
                "Processos que rodam ou esperam o processador, média de 1 e de 15 minutos.",
                "short",
                (f"max({of('node_load1', job=JOB_NODE)})", "1 min"),
                (f"max({of('node_load15', job=JOB_NODE)})", "15 min"),
            ),
        ],
    )


BOARD: Final = Board(
    name="monitoramento",
    title="Monitoramento e máquina",
    description="Se o próprio monitoramento funciona, e como está a máquina em que tudo roda.",
    sections=[_now(), _scrapes(), _rules(), _host(), _processes()],
)
