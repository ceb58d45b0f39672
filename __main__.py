"""The whole platform: settings in, components in the order data meets them, outputs out."""

from components.cache import Cache
from components.catalog import Catalog
from components.configuration import load
from components.database.access import Access
from components.database.postgres import Postgres
from components.grafana import Grafana
from components.images import Images
from components.monitoring import Monitoring
from components.network import Network
from components.outputs import export
from components.placement.container import ContainerPlacement

context = load()
placement = ContainerPlacement(context, Network(context), Images())

postgres = Postgres(context, placement)
access = Access(context, postgres) if context.settings.access.enabled else None
cache = Cache(context, placement)
catalog = Catalog(context, placement, after=[postgres.ready, *cache.ready])
monitoring = Monitoring(context, placement)
grafana = Grafana(context, placement, monitoring) if context.settings.grafana.enabled else None

export(context, postgres=postgres, catalog=catalog, monitoring=monitoring, grafana=grafana)
