"""What makes each alert on the database's own jobs, partitions and views fire and end."""

from tests.unit.alert_case import ALWAYS, LEAVES, Case, bad_between


def own_series(name: str, labels: str = "") -> str:
    """A series of the database's own metrics."""
    return f'pg_mundo_{name}{{job="sql",instance="postgres"{"," if labels else ""}{labels}}}'


OWN = {"job": "sql", "instance": "postgres"}

DATABASE = (
    *(
        Case(
            alert="DefaultPartitionNotEmpty",
            series={
                own_series("default_partition_undrained_rows"): bad_between("0+0", undrained),
                own_series("default_partition_implausible_rows"): bad_between("0+0", implausible),
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
            own_series("partitions_years_ahead"): "8+0x8 7+0x51 8+0x20 9+0x20",
            own_series("partitions_years_wanted"): "9+0x100",
        },
        labels=OWN,
        says="Only 7 whole years ahead",
        pending=40,
        firing=55,
        resolved=70,
    ),
    Case(
        alert="PartitionsRunningOut",
        series={
            own_series("partitions_years_ahead"): "1+0x8 0+0x51 1+0x40",
            own_series("partitions_years_wanted"): "1+0x100",
        },
        labels=OWN,
        says="Only 0 whole years ahead",
        pending=40,
        firing=55,
        resolved=70,
    ),
    Case(
        alert="ViewStale",
        series={
            own_series("view_age_seconds", 'view_name="mv_a"'): bad_between("7100+0", "7300+0"),
            own_series("view_age_seconds", 'view_name="mv_b"'): "100+0x80",
            own_series("view_max_age_seconds", 'view_name="mv_a"'): "7200+0x80",
            own_series("view_max_age_seconds", 'view_name="mv_b"'): "7200+0x80",
        },
        labels={**OWN, "view_name": "mv_a"},
        says="mv_a shows data of 2h 1m 40s ago",
        pending=20,
    ),
    Case(
        alert="ViewRefreshFailing",
        series={own_series("view_failures_since_success", 'view_name="mv_a"'): bad_between("0+0", "2+0")},
        labels={**OWN, "view_name": "mv_a"},
        says="2 refreshes of mv_a have failed",
        pending=20,
    ),
    Case(
        alert="SummaryDifferences",
        series={own_series("summary_differences"): bad_between("0+0", "4+0")},
        labels=OWN,
        says="4 entries whose summary was wrong",
        pending=None,
    ),
    Case(
        alert="ChangeQueueStuck",
        series={own_series("change_queue_oldest_seconds"): bad_between("60+0", "300+0")},
        labels=OWN,
        says="A change has waited for 5m 0s",
        pending=15,
    ),
    Case(
        alert="SchedulerSilent",
        series={
            own_series("scheduler_age_seconds"): bad_between("180+0", "600+0"),
            own_series("scheduler_max_age_seconds"): "180+0x80",
        },
        labels=OWN,
        says="was 10m 0s ago: no job runs",
        pending=11,
    ),
    *(
        Case(
            alert="CronJobFailing",
            series={
                own_series(f"job_{bad}", 'job_name="fold-changes"'): bad_between("0+0", "1+0"),
                own_series(f"job_{good}", 'job_name="fold-changes"'): "0+0x80",
                own_series("job_failing", 'job_name="heartbeat"'): "0+0x80",
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
                own_series(f"capacity_{what}_of_year_end", 'scenario="high"'): "0.9+0x8 1.2+0x151 0.9+0x20",
                own_series(f"capacity_{other}_of_year_end", 'scenario="high"'): "0.5+0x180",
                own_series(f"capacity_{what}_of_year_end", 'scenario="low"'): "2+0x180",
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
        alert="LocksWaiting",
        series={own_series("locks_longest_seconds"): bad_between("29+0", "45+0")},
        labels=OWN,
        says="has waited for a lock for 45s",
    ),
    Case(
        alert="TransactionLong",
        series={own_series("transactions_oldest_seconds"): bad_between("800+0", "1000+0")},
        labels=OWN,
        says="open for 16m 40s",
        pending=11,
    ),
    Case(
        alert="TableBloat",
        series={
            own_series("table_dead_ratio", 'table="catalogo_geometrias_2026"'): "0.1+0x8 0.5+0x500 0.1+0x20",
            own_series("table_bytes", 'table="catalogo_geometrias_2026"'): "100000000+0x540",
            own_series("table_dead_ratio", 'table="cron_heartbeat"'): "0.9+0x540",
            own_series("table_bytes", 'table="cron_heartbeat"'): "100000+0x540",
        },
        labels={**OWN, "table": "catalogo_geometrias_2026"},
        says="50% of the rows of catalogo_geometrias_2026 are dead",
        pending=400,
        firing=505,
        resolved=520,
    ),
    Case(
        alert="ImportsStuck",
        series={own_series("imports_oldest_seconds"): bad_between("1700+0", "2000+0")},
        labels=OWN,
        says="waited for its turn for 33m 20s",
        pending=20,
    ),
    Case(
        alert="ViewRefreshSlow",
        series={
            own_series("view_refresh_seconds", 'view_name="mv_a"'): "1+0x8 7+0x380 1+0x20",
            own_series("view_refresh_seconds", 'view_name="mv_b"'): "4.9+0x420",
        },
        labels={**OWN, "view_name": "mv_a"},
        says="mv_a took 7s",
        pending=300,
        firing=385,
        resolved=400,
    ),
    Case(
        alert="GeometriesUntraceable",
        series={
            own_series("geometries_stored"): "413+0x120",
            own_series("geometries_traceable"): "413+0x8 410+0x80 413+0x40",
        },
        labels=OWN,
        says="3 geometries of postgres lead back to no file",
        pending=50,
        firing=85,
        resolved=100,
    ),
    *(
        Case(
            alert="DatabaseMetricsMissing",
            series={
                'up{job="sql",instance="postgres"}': ALWAYS,
                own_series("question_answered", 'query="view"'): view,
                own_series("question_answered", 'query="scheduler"'): scheduler,
            },
            labels=OWN,
            says=f"Questions to postgres without an answer: {unanswered}",
            pending=20,
        )
        for view, scheduler, unanswered in (
            (bad_between("1+0", "0+0"), ALWAYS, 1),
            (bad_between("1+0", "0+0"), bad_between("1+0", "0+0"), 2),
            (LEAVES, LEAVES, 1),
        )
    ),
)
