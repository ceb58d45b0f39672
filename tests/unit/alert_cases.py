"""What makes each alert fire and end."""

from dashboards.slo import JOBS
from tests.unit.alert_case import ALWAYS, COMES, DIES, LEAVES, Case, bad_between
from tests.unit.alert_cases_database import DATABASE, own_series


def _redis(name: str, samples: str) -> dict[str, str]:
    return {f'redis_up{{job="redis",instance="{name}"}}': samples}


def _role(name: str, role: str, samples: str) -> dict[str, str]:
    return {f'redis_instance_info{{job="redis",instance="{name}",role="{role}"}}': samples}


def _sentinels(*samples: str) -> dict[str, str]:
    return {f'redis_up{{job="sentinel",instance="sentinel-{n}"}}': each for n, each in enumerate(samples, 1)}


DURATIONS = "mundo_http_request_duration_seconds_bucket"

CASES = (
    Case(
        alert="PostgresDown",
        series={'pg_up{job="postgres",instance="postgres"}': DIES},
        labels={"job": "postgres", "instance": "postgres"},
        says="cannot log in to postgres",
    ),
    Case(
        alert="PostgresConnectionsHigh",
        series={
            'pg_stat_activity_count{job="postgres",instance="postgres",backend_type="client backend",state="idle"}': (
                bad_between("10+0", "35+0")
            ),
            'pg_stat_activity_count{job="postgres",instance="postgres",backend_type="checkpointer"}': "30+0x80",
            'pg_settings_max_connections{job="postgres",instance="postgres",server="10.9.0.10:5432"}': "40+0x80",
        },
        labels={"instance": "postgres"},
        says="87.5% of max_connections",
    ),
    *DATABASE,
    Case(
        alert="RedisMasterMissing",
        series={
            **_redis("redis-1", DIES),
            **_redis("redis-2", ALWAYS),
            **_role("redis-1", "master", LEAVES),
            **_role("redis-2", "slave", ALWAYS),
        },
        says="None of 2 watched servers",
    ),
    Case(
        alert="RedisTwoMasters",
        series={**_role("redis-1", "master", ALWAYS), **_role("redis-2", "master", COMES)},
        says="2 servers are masters",
    ),
    Case(
        alert="RedisReplicasLow",
        series={
            'redis_connected_slaves{job="redis",instance="redis-1"}': bad_between("2+0", "1+0"),
            'redis_connected_slaves{job="redis",instance="redis-2"}': "0+0x80",
            **_role("redis-1", "master", ALWAYS),
            **_role("redis-2", "slave", ALWAYS),
        },
        says="1 of 2 replicas",
    ),
    Case(
        alert="RedisInstanceDown",
        series=_sentinels(ALWAYS, ALWAYS, DIES),
        labels={"job": "sentinel", "instance": "sentinel-3"},
        says="sentinel-3 does not answer",
    ),
    Case(
        alert="SentinelQuorumLost",
        series=_sentinels(ALWAYS, DIES, DIES),
        says="Too few Sentinels",
    ),
    Case(
        alert="SentinelQuorumLost",
        series={
            **_sentinels(ALWAYS, ALWAYS, ALWAYS),
            'redis_sentinel_master_ckquorum_status{job="sentinel",instance="sentinel-1",message="m"}': DIES,
        },
        says="Too few Sentinels",
    ),
    Case(
        alert="CatalogDown",
        series={'up{job="catalog",instance="catalog"}': DIES},
        labels={"job": "catalog", "instance": "catalog"},
        says="catalog cannot be scraped",
    ),
    Case(
        alert="BreakerOpen",
        # Half-open at samples 12 and 13, as a probe makes it.
        series={
            'mundo_breaker_state{job="catalog",instance="catalog",state="open"}': "0+0x8 1+0x2 0+0x1 1+0x26 0+0x40",
        },
        labels={"instance": "catalog"},
        says="breaker of catalog stays open",
    ),
    Case(
        alert="ScrapeFailing",
        series={'up{job="alertmanager",instance="alertmanager"}': DIES},
        labels={"job": "alertmanager", "instance": "alertmanager"},
        says="alertmanager (alertmanager) gives no metrics",
    ),
    *(
        Case(
            alert="ScrapeMissing",
            series={f'up{{job="{job}",instance="x"}}': LEAVES if job == missing else ALWAYS for job in JOBS},
            labels={"job": missing},
            says=f"no target of the job {missing}",
        )
        for missing in JOBS
    ),
    Case(
        alert="RuleEvaluationFailing",
        series={
            'prometheus_rule_evaluation_failures_total{job="prometheus",rule_group="rules.yml;kpis"}': (
                "0x8 1+1x31 32+0x40"
            ),
        },
        labels={"rule_group": "rules.yml;kpis"},
        says="evaluations of the group rules.yml;kpis failed",
        pending=None,
        resolved=75,
    ),
    Case(
        alert="NotificationsFailing",
        series={
            'alertmanager_notifications_failed_total{job="alertmanager",integration="webhook",reason="other"}': (
                "0x8 1+1x31 32+0x40"
            )
        },
        labels={"integration": "webhook"},
        says="messages by webhook failed",
        resolved=75,
    ),
    Case(
        alert="AlertmanagerMissing",
        series={
            'prometheus_notifications_alertmanagers_discovered{job="prometheus",instance="prometheus"}': DIES,
        },
        labels={"job": "prometheus", "instance": "prometheus"},
        says="reach nobody",
    ),
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
            'mundo_bounds_lookups_total{level="l1"}': "0+90x8 720+10x40 1120+90x120",
            'mundo_bounds_lookups_total{level="redis"}': "0+9x170",
            'mundo_bounds_lookups_total{level="postgres"}': "0+1x8 8+81x40 3248+1x120",
        },
        says="cache hit rate is ",
        pending=14,
        firing=48,
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
        alert="KpiViewRefreshMissed",
        series={
            own_series("view_refresh_seconds", 'view_name="mv_a"'): bad_between("1+0", "7+0"),
            own_series("view_refresh_seconds", 'view_name="mv_b"'): "1+0x80",
        },
        says="view refresh is 7s",
        pending=20,
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
)
