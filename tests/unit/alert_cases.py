"""What makes each alert fire and end, all components."""

from tests.unit.alert_cases_backups import BACKUPS
from tests.unit.alert_cases_burn_rates import BURN_RATES
from tests.unit.alert_cases_cache import CACHE
from tests.unit.alert_cases_catalog import CATALOG
from tests.unit.alert_cases_database import DATABASE
from tests.unit.alert_cases_host import HOST
from tests.unit.alert_cases_kpis import KPIS
from tests.unit.alert_cases_monitoring import MONITORING
from tests.unit.alert_cases_postgres import POSTGRES

CASES = (*POSTGRES, *DATABASE, *BACKUPS, *CACHE, *CATALOG, *MONITORING, *HOST, *BURN_RATES, *KPIS)
