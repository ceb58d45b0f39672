"""What makes each alert fire and end: series at one sample a 15 s, and three moments to look.

A promtool series `a+0x8 b+0x20` holds a for samples 0 to 8, then b; `stale` ends it, as a scrape that lacks it does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboards.slo import JOBS

STEP_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class Case:
    """One alert's story.

    Attributes:
        alert: its name.
        series: series → samples in promtool's notation.
        silent, firing, resolved: moments, in samples, at which it does not fire yet, fires, and fires no more.
        labels: labels of the firing alert besides severity and component.
        says: what its description contains.
        pending: a moment, in samples, when it does not hold for long enough yet; None where it fires at once.
    """

    alert: str
    series: Mapping[str, str]
    says: str
    silent: int = 8
    pending: int | None = 9
    firing: int = 39
    resolved: int = 60
    labels: Mapping[str, str] = field(default_factory=dict)


def _bad_between(good: str, bad: str) -> str:
    """Good for samples 0 to 8, bad for 9 to 40, good again."""
    return f"{good}x8 {bad}x31 {good}x40"


def _redis(name: str, samples: str) -> dict[str, str]:
    return {f'redis_up{{job="redis",instance="{name}"}}': samples}


def _role(name: str, role: str, samples: str) -> dict[str, str]:
    return {f'redis_instance_info{{job="redis",instance="{name}",role="{role}"}}': samples}


def _sentinels(*samples: str) -> dict[str, str]:
    return {f'redis_up{{job="sentinel",instance="sentinel-{n}"}}': each for n, each in enumerate(samples, 1)}


def _own(name: str, labels: str = "") -> str:
    """A series of the database's own metrics."""
    return f'pg_mundo_{name}{{job="postgres",instance="postgres"{"," if labels else ""}{labels}}}'


OWN = {"job": "postgres", "instance": "postgres"}
ALWAYS = "1+0x80"
DIES = _bad_between("1+0", "0+0")
LEAVES = "1+0x8 stale _x31 1+0x40"
DURATIONS = "mundo_http_request_duration_seconds_bucket"
COMES = "_x9 1+0x31 stale"

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
                _bad_between("10+0", "35+0")
            ),
            'pg_stat_activity_count{job="postgres",instance="postgres",backend_type="checkpointer"}': "30+0x80",
            'pg_settings_max_connections{job="postgres",instance="postgres",server="10.9.0.10:5432"}': "40+0x80",
        },
        labels={"instance": "postgres"},
        says="87.5% of max_connections",
    ),
    *(
        Case(
            alert="DefaultPartitionNotEmpty",
            series={
                _own("default_partition_undrained_rows"): _bad_between("0+0", undrained),
                _own("default_partition_implausible_rows"): _bad_between("0+0", implausible),
            },
            labels=OWN,
            says="3 rows lie in the DEFAULT partition",
            pending=20,
        )
        for undrained, implausible in (("3+0", "0+0"), ("0+0", "3+0"))
    ),
    Case(
        alert="PartitionsRunningOut",
        # One year less than wanted, as on New Year's morning, is no reason.
        series={
            _own("partitions_years_ahead"): "8+0x8 7+0x51 8+0x20 9+0x20",
            _own("partitions_years_wanted"): "9+0x100",
        },
        labels=OWN,
        says="Only 7 whole years ahead",
        pending=40,
        firing=55,
        resolved=70,
    ),
    Case(
        alert="PartitionsRunningOut",
        series={_own("partitions_years_ahead"): "1+0x8 0+0x51 1+0x40", _own("partitions_years_wanted"): "1+0x100"},
        labels=OWN,
        says="Only 0 whole years ahead",
        pending=40,
        firing=55,
        resolved=70,
    ),
    Case(
        alert="ViewStale",
        series={
            _own("view_age_seconds", 'view_name="mv_a"'): _bad_between("7100+0", "7300+0"),
            _own("view_age_seconds", 'view_name="mv_b"'): "100+0x80",
            _own("view_max_age_seconds", 'view_name="mv_a"'): "7200+0x80",
            _own("view_max_age_seconds", 'view_name="mv_b"'): "7200+0x80",
        },
        labels={**OWN, "view_name": "mv_a"},
        says="mv_a shows data of 2h 1m 40s ago",
        pending=20,
    ),
    Case(
        alert="ViewRefreshFailing",
        series={_own("view_failures_since_success", 'view_name="mv_a"'): _bad_between("0+0", "2+0")},
        labels={**OWN, "view_name": "mv_a"},
        says="2 refreshes of mv_a have failed",
        pending=20,
    ),
    Case(
        alert="SummaryDifferences",
        series={_own("summary_differences"): _bad_between("0+0", "4+0")},
        labels=OWN,
        says="4 entries whose summary was wrong",
        pending=None,
    ),
    Case(
        alert="ChangeQueueStuck",
        series={_own("change_queue_oldest_seconds"): _bad_between("60+0", "300+0")},
        labels=OWN,
        says="A change has waited for 5m 0s",
        pending=15,
    ),
    Case(
        alert="SchedulerSilent",
        series={
            _own("scheduler_age_seconds"): _bad_between("180+0", "600+0"),
            _own("scheduler_max_age_seconds"): "180+0x80",
        },
        labels=OWN,
        says="was 10m 0s ago: no job runs",
        pending=11,
    ),
    *(
        Case(
            alert="CronJobFailing",
            series={
                _own(f"job_{bad}", 'job_name="fold-changes"'): _bad_between("0+0", "1+0"),
                _own(f"job_{good}", 'job_name="fold-changes"'): "0+0x80",
                _own("job_failing", 'job_name="heartbeat"'): "0+0x80",
            },
            labels={**OWN, "job_name": "fold-changes"},
            says="The last run of fold-changes failed, or a run is overdue",
            pending=20,
        )
        for bad, good in (("failing", "missed"), ("missed", "failing"))
    ),
    *(
        Case(
            alert="CapacityExceeded",
            series={
                _own(f"capacity_{what}_of_year_end", 'scenario="high"'): "0.9+0x8 1.2+0x151 0.9+0x20",
                _own(f"capacity_{other}_of_year_end", 'scenario="high"'): "0.5+0x180",
                _own(f"capacity_{what}_of_year_end", 'scenario="low"'): "2+0x180",
            },
            labels={"instance": "postgres"},
            says="120% of the plan",
            pending=120,
            firing=150,
            resolved=170,
        )
        for what, other in (("rows", "bytes"), ("bytes", "rows"))
    ),
    Case(
        alert="DatabaseMetricsMissing",
        series={'pg_up{job="postgres",instance="postgres"}': ALWAYS, _own("scheduler_age_seconds"): LEAVES},
        labels=OWN,
        says="postgres is up, but its own metrics are missing",
        pending=20,
    ),
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
            'redis_connected_slaves{job="redis",instance="redis-1"}': _bad_between("2+0", "1+0"),
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
            _own("view_refresh_seconds", 'view_name="mv_a"'): _bad_between("1+0", "7+0"),
            _own("view_refresh_seconds", 'view_name="mv_b"'): "1+0x80",
        },
        says="view refresh is 7s",
        pending=20,
    ),
    Case(
        alert="KpiValidGeometriesMissed",
        series={_own("geometries_valid"): _bad_between("995+0", "980+0"), _own("geometries_stored"): "1000+0x80"},
        says="valid geometries is 98%",
        pending=20,
    ),
)
