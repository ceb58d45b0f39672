"""Alerts on PostgreSQL as a server; what it does for itself is watched in `database`."""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import JOB_POSTGRES, JOB_SQL

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
    Alert(
        name="PageChecksumsFailing",
        component="database",
        severity="critical",
        # It lasts until a restore, with which the count begins anew: nothing else makes the page whole.
        expr=f'pg_mundo_checksums_failures{{job="{JOB_SQL}"}} > 0',
        hold="0s",
        summary="A page on the disk is not what PostgreSQL wrote",
        description=(
            "{{ $value }} reads on {{ $labels.instance }} have met a page with a wrong checksum: its rows are refused, "
            "and the disk is not to be trusted."
        ),
    ),
    Alert(
        name="ExtensionBehind",
        component="database",
        severity="warning",
        expr=f'pg_mundo_extension_behind{{job="{JOB_SQL}"}} > 0',
        hold="5m",
        summary="An extension is not the version that the image has",
        description="{{ $labels.extension }} of {{ $labels.instance }} did not follow the image at the start.",
    ),
)
