"""Alerts on PostgreSQL as a server; what it does for itself is watched in `database`."""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import JOB_POSTGRES

ALERTS: Final = (
    Alert(
        name="PostgresDown",
        component="database",
        severity="critical",
        expr=f'pg_up{{job="{JOB_POSTGRES}"}} == 0',
        hold="30s",
        summary="PostgreSQL does not answer",
        description="The exporter cannot log in to {{ $labels.instance }}. Searches fail; cached bounds go on.",
    ),
    Alert(
        name="PostgresConnectionsHigh",
        component="database",
        severity="warning",
        expr=(
            f'sum by (instance) (pg_stat_activity_count{{job="{JOB_POSTGRES}",backend_type="client backend"}})'
            f' / max by (instance) (pg_settings_max_connections{{job="{JOB_POSTGRES}"}}) > 0.8'
        ),
        hold="5m",
        summary="PostgreSQL is running out of connections",
        description="{{ $value | humanizePercentage }} of max_connections are in use on {{ $labels.instance }}.",
    ),
)
