"""What makes each alert on a missed KPI fire and end."""

from tests.unit.alert_case import Case, bad_between
from tests.unit.alert_cases_database import own_series

DURATIONS = "mundo_http_request_duration_seconds_bucket"


def _of_release(kpi: str, good: float, bad: float, says: str) -> Case:
    words = "".join(word.capitalize() for word in kpi.split("_"))
    series = f'mundo_release_kpi{{job="catalog",instance="catalog",kpi="{kpi}"}}'
    if kpi == "traceability":
        series = 'mundo_traceability_ratio{job="catalog",instance="catalog",optimization="all"}'
    return Case(
        alert=f"Kpi{words}Missed",
        series={series: f"{good}+0x8 {bad}+0x80 {good}+0x40"},
        says=says,
        pending=60,
        firing=75,
        resolved=95,
    )


KPIS = (
    Case(
        alert="KpiLatencyP95Missed",
        # 100 requests a step: all within 0.5 s, then all between 0.5 and 1 s, then within 0.5 s again.
        series={
            f'{DURATIONS}{{route="/v1/catalogo",le="0.25"}}': "0+100x8 800+0x40 800+100x120",
            f'{DURATIONS}{{route="/v1/catalogo",le="1.0"}}': "0+100x8 900+100x40 4900+100x120",
            f'{DURATIONS}{{route="/v1/catalogo",le="+Inf"}}': "0+100x8 900+100x40 4900+100x120",
            f'{DURATIONS}{{route="/health/ready",le="0.25"}}': "0+0x170",
            f'{DURATIONS}{{route="/health/ready",le="+Inf"}}': "0+900x170",
        },
        says="latency p95 is ",
        pending=14,
        firing=48,
        resolved=160,
    ),
    Case(
        alert="KpiSearchMeanMissed",
        series={
            'mundo_http_request_duration_seconds_sum{method="GET",route="/v1/catalogo",status="200"}': (
                "0+1x8 8+40x40 1608+1x120"
            ),
            'mundo_http_request_duration_seconds_count{method="GET",route="/v1/catalogo",status="200"}': "0+100x170",
        },
        says="search mean is ",
        pending=14,
        firing=48,
        resolved=160,
    ),
    Case(
        alert="KpiCacheHitRateMissed",
        series={
            'mundo_bounds_lookups_total{level="l1"}': "0+90x8 720+10x100 1720+90x150",
            'mundo_bounds_lookups_total{level="redis"}': "0+9x270",
            'mundo_bounds_lookups_total{level="postgres"}': "0+1x8 8+81x100 8108+1x150",
        },
        says="cache hit rate is 19%",
        pending=65,
        firing=100,
        resolved=160,
    ),
    Case(
        alert="KpiErrorRateMissed",
        series={
            'mundo_http_requests_total{method="GET",route="/v1/catalogo",status="200"}': "0+1000x170",
            'mundo_http_requests_total{method="GET",route="/v1/catalogo",status="503"}': "0x8 10+10x40 410+0x120",
            'mundo_http_requests_total{method="GET",route="/health/ready",status="503"}': "0+500x170",
        },
        says="error rate is ",
        pending=14,
        firing=48,
        resolved=160,
    ),
    Case(
        alert="KpiValidGeometriesMissed",
        series={
            own_series("geometries_valid"): bad_between("995+0", "980+0"),
            own_series("geometries_stored"): "1000+0x80",
        },
        says="valid geometries is 98%",
        pending=20,
    ),
    Case(
        alert="KpiViewRefreshMissed",
        # Two refreshes, an hour apart.
        series={
            own_series("view_refresh_seconds", 'view_name="mv_a"'): "1+0x8 7+0x480 1+0x40",
            own_series("view_refresh_seconds", 'view_name="mv_b"'): "1+0x530",
        },
        says="view refresh is 7s",
        pending=250,
        firing=400,
        resolved=500,
    ),
    Case(
        alert="KpiIngestThroughputMissed",
        series={
            own_series("import_features_per_second"): bad_between("300+0", "100+0"),
            own_series("import_age_seconds"): "60+0x80",
        },
        says="ingest throughput is 100 items/s",
        pending=20,
    ),
    Case(
        alert="KpiIngestThroughputMissed",
        # It stays slow, but after a day nobody is told of it any more.
        series={
            own_series("import_features_per_second"): bad_between("300+0", "100+0").replace("300+0x40", "100+0x40"),
            own_series("import_age_seconds"): "60+0x39 86400+0x40",
        },
        says="ingest throughput is 100 items/s",
        pending=20,
    ),
    Case(
        alert="KpiPartitionSizeMissed",
        series={
            own_series("capacity_bytes_of_year_end", 'scenario="high"'): bad_between("0.9+0", "1.2+0"),
            own_series("capacity_bytes_of_year_end", 'scenario="low"'): "3+0x80",
        },
        says="partition size is 120%",
        pending=20,
    ),
    Case(
        alert="KpiFreshnessMissed",
        series={
            own_series("view_age_seconds", 'view_name="mv_a"'): bad_between("3600+0", "9000+0"),
            own_series("view_age_seconds", 'view_name="mv_b"'): "60+0x80",
            own_series("view_max_age_seconds", 'view_name="mv_a"'): "7200+0x80",
            own_series("view_max_age_seconds", 'view_name="mv_b"'): "7200+0x80",
        },
        says="freshness is 125%",
        pending=20,
    ),
    Case(
        alert="KpiDataTraceabilityMissed",
        series={
            own_series("geometries_traceable"): bad_between("1000+0", "990+0"),
            own_series("geometries_stored"): "1000+0x80",
        },
        says="data traceability is 99%",
        pending=20,
    ),
    _of_release("partition_overhead", 0.04, 0.06, "partition overhead is 6%"),
    _of_release("failover", 0.09, 0.2, "failover is 200ms, wanted is below 100 ms"),
    _of_release("code_quality", 0.95, 0.8, "code quality is 80%"),
    _of_release("test_coverage", 0.85, 0.7, "test coverage is 70%"),
    _of_release("traceability", 1, 0.98, "traceability is 98%, wanted is at least 100 %"),
)
