"""Grafana's dashboards, built from typed parts and the KPIs; `python -m dashboards.grafana` writes their JSON anew."""

import json
from pathlib import Path
from typing import Any, Final

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
)

from dashboards.slo import JOB_POSTGRES, JOB_REDIS, JOB_SENTINEL, KPIS, Kpi

GENERATED: Final = Path(__file__).parent / "generated"
"""Where the committed JSON lies, a file for each dashboard."""

_SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
_UNITS: Final = {"s": "s", "ratio": "percentunit", "items/s": "suffix: items/s"}
_STACK: Final = 'stack="$stack"'
_API: Final = f'{_STACK},route=~"/v1/.*"'
_PER_ROW: Final = 24
_PANEL_HEIGHT: Final = 8


def build() -> dict[str, Any]:
    """The dashboard "Rastreabilidade" as Grafana's JSON: KPIs against their targets, then what moves them.

    Needs a Prometheus with the stack's scrape jobs and recorded KPIs as data source.
    """
    board = (
        dashboard.Dashboard("Rastreabilidade")
        .uid("mundo-rastreabilidade")
        .description("Whether the platform keeps its promises, and where to look when it does not.")
        .tags(["mundo", "rastreabilidade"])
        .editable()
        .refresh("30s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(
            dashboard.QueryVariable("stack")
            .label("Stack")
            .datasource(_SOURCE)
            .query("label_values(up, stack)")
            .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        )
        .with_row(dashboard.Row("KPIs"))
    )
    for kpi in KPIS:
        board = board.with_panel(_kpi_panel(kpi))
    for title, panels in _sections():
        board = board.with_row(dashboard.Row(title))
        for panel in panels:
            board = board.with_panel(panel)
    built = board.build()
    for number, part in enumerate(built.panels or [], start=1):
        part.id_val = number
    encoded: dict[str, Any] = json.loads(JSONEncoder(sort_keys=True, indent=2).encode(built))
    return encoded


def text() -> str:
    """The dashboard as the text of its committed file."""
    return json.dumps(build(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _query(expr: str, legend: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().datasource(_SOURCE).expr(expr).legend_format(legend).range()


def _thresholds(kpi: Kpi) -> dashboard.ThresholdsConfig:
    below, above = ("green", "red") if kpi.better == "lower" else ("red", "green")
    steps = [Threshold(color=below, value=None), Threshold(color=above, value=kpi.target)]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def _kpi_panel(kpi: Kpi) -> stat.Panel:
    return (
        stat.Panel()
        .title(kpi.name.replace("_", " "))
        .description(f"{kpi.description} Target: {'below' if kpi.better == 'lower' else 'at least'} {kpi.target:g}.")
        .datasource(_SOURCE)
        .unit(_UNITS[kpi.unit])
        .thresholds(_thresholds(kpi))
        .color_mode(BigValueColorMode.BACKGROUND)
        .graph_mode(BigValueGraphMode.AREA)
        .no_value("no traffic")
        .height(5)
        .span(_PER_ROW // len(KPIS))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(_query(kpi.series, kpi.name).ref_id("A"))
    )


def _chart(title: str, description: str, unit: str, *queries: tuple[str, str]) -> timeseries.Panel:
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(_SOURCE)
        .unit(unit)
        .min(0)
        .height(_PANEL_HEIGHT)
        .span(_PER_ROW // 2)
        .fill_opacity(10)
        .legend(common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).show_legend(True))  # noqa: FBT003 - the SDK's
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    )
    for number, (expr, legend) in enumerate(queries):
        panel = panel.with_target(_query(expr, legend).ref_id(chr(ord("A") + number)))
    return panel


def _requests(selector: str) -> str:
    return f"sum(rate(mundo_http_requests_total{{{selector}}}[$__rate_interval]))"


def _status(digit: int) -> str:
    return f'{_API},status=~"{digit}.."'


def _sections() -> list[tuple[str, list[timeseries.Panel]]]:
    return [("Traffic", _traffic()), ("Data", _data()), ("Health", _health())]


def _traffic() -> list[timeseries.Panel]:
    duration = f"mundo_http_request_duration_seconds_bucket{{{_API}}}[$__rate_interval]"
    quantiles = ("0.5", "0.95", "0.99")
    return [
        _chart(
            "Throughput",
            "Requests a second that the API answered, by route.",
            "reqps",
            (f"sum by (route) (rate(mundo_http_requests_total{{{_API}}}[$__rate_interval]))", "{{route}}"),
        ),
        _chart(
            "Latency",
            "Time within which half, 95 % and 99 % of the API's requests were answered.",
            "s",
            *((f"histogram_quantile({q}, sum by (le) (rate({duration})))", f"P{float(q) * 100:g}") for q in quantiles),
        ),
        _chart(
            "Errors",
            "Share of the API's requests answered with 5xx (the platform's fault) and 4xx (the client's).",
            "percentunit",
            *((f"{_requests(_status(digit))} / {_requests(_API)}", f"{digit}xx") for digit in (5, 4)),
        ),
        _chart(
            "Bounds by cache level",
            "Bounds a second by the level that had them: the app's memory, Redis, or PostgreSQL.",
            "reqps",
            (f"sum by (level) (rate(mundo_bounds_lookups_total{{{_STACK}}}[$__rate_interval]))", "{{level}}"),
        ),
    ]


def _data() -> list[timeseries.Panel]:
    tables = f'{_STACK},job="{JOB_POSTGRES}",datname="mundo"'
    return [
        _chart(
            "Partition size",
            "Disk space of each year's partition of the geometries, indexes included.",
            "bytes",
            (f'pg_stat_user_tables_size_bytes{{{tables},relname=~"catalogo_geometrias_.+"}}', "{{relname}}"),
        ),
        _chart(
            "Database size",
            "Disk space of the whole database.",
            "bytes",
            (f"pg_database_size_bytes{{{tables}}}", "{{datname}}"),
        ),
    ]


def _health() -> list[timeseries.Panel]:
    redis, sentinel = f'{_STACK},job="{JOB_REDIS}"', f'{_STACK},job="{JOB_SENTINEL}"'
    return [
        _chart(
            "Services up",
            "1 while the service answers: the app and the monitoring themselves, the others to their exporter.",
            "short",
            (f'up{{{_STACK},job!~"{JOB_POSTGRES}|{JOB_REDIS}|{JOB_SENTINEL}"}}', "{{instance}}"),
            (f"pg_up{{{_STACK}}}", "{{instance}}"),
            (f"redis_up{{{_STACK}}}", "{{instance}}"),
        ),
        _chart(
            "Redis roles",
            "Which server is the master, how many replicas follow it, and how many Sentinels agree with each other.",
            "short",
            (f'sum by (instance) (redis_instance_info{{{redis},role="master"}})', "{{instance}} is master"),
            (f"max(redis_connected_slaves{{{redis}}})", "replicas"),
            (f"min(redis_sentinel_master_ok_sentinels{{{sentinel}}})", "Sentinels"),
        ),
        _chart(
            "Circuit breaker",
            "1 for the state that the app's circuit breaker to Redis is in.",
            "short",
            (f"mundo_breaker_state{{{_STACK}}}", "{{state}}"),
        ),
        _chart(
            "PostgreSQL connections",
            "Sessions of programs by state; the limit is max_connections.",
            "short",
            (
                f'sum by (state) (pg_stat_activity_count{{{_STACK},backend_type="client backend"}}) > 0',
                "{{state}}",
            ),
            (f"max(pg_settings_max_connections{{{_STACK}}})", "limit"),
        ),
    ]


def main() -> None:
    """Writes the committed JSON anew."""
    GENERATED.mkdir(exist_ok=True)
    (GENERATED / "rastreabilidade.json").write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
