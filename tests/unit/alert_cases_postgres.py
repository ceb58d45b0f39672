"""What makes each alert on PostgreSQL as a server fire and end."""

from tests.unit.alert_case import DIES, Case, bad_between

POSTGRES = (
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
    Case(
        alert="PageChecksumsFailing",
        series={'pg_mundo_checksums_failures{job="sql",instance="postgres"}': bad_between("0+0", "3+0")},
        labels={"job": "sql", "instance": "postgres"},
        says="3 reads on postgres",
        pending=None,
    ),
    Case(
        alert="ExtensionBehind",
        series={
            'pg_mundo_extension_behind{job="sql",instance="postgres",extension="postgis"}': bad_between("0+0", "1+0")
        },
        labels={"job": "sql", "instance": "postgres", "extension": "postgis"},
        says="postgis of postgres did not follow the image",
    ),
)
