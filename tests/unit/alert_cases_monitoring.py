"""What makes each alert on Prometheus, Alertmanager and the exporters fire and end."""

from dashboards.alerts.monitoring import TSDB_FAILURES
from dashboards.slo import JOBS
from tests.unit.alert_case import ALWAYS, DIES, LEAVES, Case, bad_between

MONITORING = (
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
        alert="TargetScrapeSlow",
        series={
            'scrape_duration_seconds{job="redis",instance="redis-1"}': bad_between("0.1+0", "7+0"),
            'scrape_duration_seconds{job="sql",instance="postgres"}': "0.5+0x80",
        },
        labels={"job": "redis", "instance": "redis-1"},
        says="A scrape of redis-1 (redis) takes 7s",
        pending=20,
    ),
    Case(
        alert="RuleEvaluationLate",
        series={
            f'prometheus_rule_group_{what}_total{{job="prometheus",rule_group="rules.yml;cache"}}': samples
            for what, samples in (("iterations_missed", "0x8 1+1x60 61+0x100"), ("iterations", "0+1x170"))
        },
        labels={"rule_group": "rules.yml;cache"},
        says="100% of the evaluations of the group rules.yml;cache",
        pending=45,
        firing=60,
        resolved=115,
    ),
    Case(
        alert="AlertDeliveryFailing",
        series={
            'prometheus_notifications_errors_total{job="prometheus",instance="prometheus",alertmanager="a"}': (
                "0x8 4+4x60 244+0x100"
            ),
        },
        labels={"instance": "prometheus"},
        says="48 attempts of prometheus failed",
        pending=20,
        resolved=90,
    ),
    *(
        Case(
            alert="ConfigReloadFailed",
            series={
                f'{program}_config_last_reload_successful{{job="{program}",instance="{program}"}}': (
                    DIES if program == failing else ALWAYS
                )
                for program in ("prometheus", "alertmanager")
            },
            labels={"job": failing, "instance": failing},
            says=f"{failing} could not read its configuration anew",
            pending=11,
        )
        for failing in ("prometheus", "alertmanager")
    ),
    *(
        Case(
            alert="PrometheusStorageFailing",
            series={
                f'prometheus_tsdb_{name}_total{{job="prometheus",instance="prometheus"}}': (
                    "0x8 2+0x200" if name == failing else "0x210"
                )
                for name in TSDB_FAILURES
            },
            labels={"job": "prometheus", "instance": "prometheus"},
            says="operations of the store of prometheus failed",
            pending=None,
            resolved=135,
        )
        for failing in TSDB_FAILURES
    ),
)
