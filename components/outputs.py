"""Stack outputs: what `make outputs`, the tests and the documentation read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pulumi

from components import settings as stack_settings
from components.context import VERSION
from components.database import connection

if TYPE_CHECKING:
    from components.catalog import Catalog
    from components.context import StackContext
    from components.database.postgres import Postgres
    from components.grafana import Grafana
    from components.monitoring import Monitoring


def export(
    context: StackContext, *, postgres: Postgres, catalog: Catalog, monitoring: Monitoring, grafana: Grafana | None
) -> None:
    """Exports addresses and, as secrets, the passwords a person may need."""
    secrets = context.secrets
    reachable = context.settings.network.reachable_address
    owner = quote(secrets.postgresOwnerPassword.get_secret_value(), safe="")
    pulumi.export("stack", context.stack)
    pulumi.export("version", VERSION)
    pulumi.export("app_url", catalog.url)
    pulumi.export("docs_url", catalog.docs_url)
    pulumi.export("status_url", catalog.status_url)
    pulumi.export("prometheus_url", monitoring.prometheus_url)
    pulumi.export("alertmanager_url", monitoring.alertmanager_url)
    pulumi.export("grafana_url", grafana.url if grafana else None)
    pulumi.export(
        "postgres_url",
        pulumi.Output.secret(
            f"postgresql://{connection.OWNER}:{owner}@{reachable}:{context.settings.ports.postgres}/{connection.DATABASE}"
        ),
    )
    for name in stack_settings.SECRETS:
        pulumi.export(name, pulumi.Output.secret(getattr(secrets, name).get_secret_value()))
    pulumi.export("postgres_address", postgres.address)
    pulumi.export("network", context.prefix)
