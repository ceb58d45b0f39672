"""What makes each alert on the catalogue app fire and end."""

from tests.unit.alert_case import ALWAYS, DIES, Case, bad_between


def _app(name: str, labels: str = "") -> str:
    return f'{name}{{job="catalog",instance="catalog"{"," if labels else ""}{labels}}}'


OF_APP = {"job": "catalog", "instance": "catalog"}

CATALOG = (
    Case(
        alert="CatalogDown",
        # The second one comes back first, and goes again.
        series={
            'up{job="catalog",instance="catalog"}': DIES,
            'up{job="catalog",instance="catalog-2"}': "1+0x8 0+0x1 1+0x12 0+0x18 1+0x40",
        },
        labels={"job": "catalog"},
        says="No instance of catalog can be scraped",
        pending=25,
    ),
    Case(
        alert="CatalogInstanceDown",
        series={'up{job="catalog",instance="catalog"}': DIES, 'up{job="catalog",instance="catalog-2"}': ALWAYS},
        labels={"job": "catalog", "instance": "catalog"},
        says="catalog cannot be scraped",
        pending=20,
    ),
    Case(
        alert="ProxyDown",
        series={'up{job="proxy",instance="proxy"}': DIES},
        labels={"job": "proxy", "instance": "proxy"},
        says="proxy cannot be scraped",
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
        alert="CatalogRestarting",
        # The update, and two more: the third start counts.
        series={_app("process_start_time_seconds"): "100+0x8 200 300 400+0x160"},
        labels=OF_APP,
        says="catalog has started anew 3 times",
        silent=10,
        pending=None,
        resolved=135,
    ),
    Case(
        alert="BoundsPollStale",
        series={_app("mundo_bounds_poll_age_seconds"): bad_between("0.1+0", "90+0")},
        labels=OF_APP,
        says="last knew of all changes 1m 30s ago",
        pending=11,
    ),
    Case(
        alert="RedisBehind",
        series={_app("mundo_bounds_redis_behind"): bad_between("0+0", "7+0")},
        labels=OF_APP,
        says="7 changes that catalog knows of",
        pending=20,
    ),
    Case(
        alert="DatabasePoolExhausted",
        series={
            _app("mundo_db_pool_connections", 'kind="waiting"'): bad_between("0+0", "3+0"),
            _app("mundo_db_pool_connections", 'kind="in_use"'): "8+0x80",
        },
        labels={**OF_APP, "kind": "waiting"},
        says="At least 3 requests of catalog wait",
        pending=15,
    ),
    Case(
        alert="ImportWorkerCrashing",
        series={_app("mundo_import_worker_crashes_total"): "0x8 1+0x100"},
        labels=OF_APP,
        says="The import worker of catalog ended 1",
        pending=None,
        resolved=75,
    ),
)
