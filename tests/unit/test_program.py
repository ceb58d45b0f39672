"""What the real program declares, for every stack."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from components.database import jobs, postgres
from components.settings import SECRETS as SECRET_KEYS
from components.settings import BackupSettings, DatabaseSettings
from tests.unit.program import Recorder, run
from tests.unit.stacks import SECRETS, STACKS, context

SERVICES = {
    "postgres",
    "backup",
    "redis-1",
    "redis-2",
    "redis-3",
    "sentinel-1",
    "sentinel-2",
    "sentinel-3",
    "catalog",
    "catalog-2",
    "proxy",
    "prometheus",
    "alertmanager",
    "postgres-exporter",
    "sql-exporter",
    "redis-exporter",
    "node-exporter",
    "process-exporter",
}
HOLD_DATA = {"postgres", "redis-1", "redis-2", "redis-3", "prometheus", "alertmanager"}


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def declared(stack: str) -> Recorder:
    return run(stack)


def test_every_service_is_a_container(declared: Recorder, stack: str) -> None:
    containers = declared.of("Container")
    assert set(containers) - {"grafana"} == SERVICES
    assert ("grafana" in containers) is context(stack).settings.grafana.enabled
    assert {c["name"] for c in containers.values()} == {f"mundo-{stack}-{name}" for name in containers}


def test_containers_are_confined(declared: Recorder) -> None:
    for name, container in declared.of("Container").items():
        assert container["capabilities"] == {"drops": ["ALL"]}, name
        assert container["securityOpts"] == ["no-new-privileges:true"], name
        assert container["readOnly"] is True, name
        assert int(container["user"].split(":")[0]) > 0, name
        assert container["restart"] == "unless-stopped", name
        assert container["memory"] == container["memorySwap"] > 0, name
        assert container["wait"] is True, name
        assert container["healthcheck"]["tests"][0] == "CMD", name
        assert ("cpus" in container) is not name.startswith("sentinel"), name
        assert not container.get("privileged"), name
        assert all("docker.sock" not in str(volume) for volume in container["volumes"]), name


def test_the_machine_is_shown_to_its_watchers_alone(declared: Recorder) -> None:
    shown: dict[str, set[str]] = {}
    for name, container in declared.of("Container").items():
        for volume in container["volumes"]:
            if "hostPath" in volume:
                assert volume["readOnly"] is True, name
                shown.setdefault(name, set()).add(volume["hostPath"])
    assert shown == {"node-exporter": {"/", "/proc", "/sys"}, "process-exporter": {"/proc"}}


def test_ports_are_published_on_loopback_only(declared: Recorder) -> None:
    ports = [port for container in declared.of("Container").values() for port in container.get("ports") or []]
    assert ports
    assert {port["ip"] for port in ports} == {"127.0.0.1"}


def test_addresses_are_fixed_and_differ(declared: Recorder, stack: str) -> None:
    subnet = context(stack).settings.network.subnet
    addresses = [c["networksAdvanced"][0]["ipv4Address"] for c in declared.of("Container").values()]
    assert len(set(addresses)) == len(addresses)
    assert all(any(address == str(host) for host in subnet.hosts()) for address in addresses)
    (network,) = [one.inputs for one in declared.resources if one.type == "docker:index/network:Network"]
    (config,) = network["ipamConfigs"]
    assert config["subnet"] == str(subnet)
    assert not any(ip_address(address) in ip_network(config["ipRange"]) for address in addresses)


def test_what_holds_data_has_a_named_volume(declared: Recorder, stack: str) -> None:
    containers = declared.of("Container")
    volumes = {volume["name"] for volume in declared.of("Volume").values()}
    for name in HOLD_DATA | ({"grafana"} & set(containers)):
        named = {volume["volumeName"] for volume in containers[name]["volumes"]}
        assert f"mundo-{stack}-{name}-data" in named
        assert named <= volumes


def test_no_secret_where_people_can_read_it(declared: Recorder) -> None:
    for name, container in declared.of("Container").items():
        text = json.dumps(container)
        assert not [key for key, value in SECRETS.items() if value in text], name


def test_secrets_are_handed_over_as_private_files(declared: Recorder) -> None:
    handed = declared.of("Files")
    assert {name.removesuffix("-handover") for name in handed} == set(declared.of("Container"))
    found = set()
    for name, one in handed.items():
        for path, file in one["files"].items():
            secret = [key for key, value in SECRETS.items() if value in file["text"]]
            found.update(secret)
            assert file["mode"] == ("0400" if path.startswith("secrets/") else "0444"), (name, path)
            assert bool(secret) is path.startswith("secrets/"), (name, path)
    expected = set(SECRET_KEYS)
    if "grafana" not in declared.of("Container"):
        expected.discard("grafanaAdminPassword")
    assert found == expected


def test_everything_is_labelled(declared: Recorder, stack: str) -> None:
    labelled: list[dict[str, Any]] = [*declared.of("Container").values(), *declared.of("Volume").values()]
    for one in labelled:
        labels = {label["label"]: label["value"] for label in one["labels"]}
        assert labels["mundo.stack"] == stack
        assert {"mundo.project", "mundo.component", "mundo.version", "mundo.instance"} <= set(labels)


def test_images_are_pinned_and_kept(declared: Recorder) -> None:
    for name, image in declared.of("RemoteImage").items():
        repository, _, version = image["name"].rpartition(":")
        assert repository, name
        assert version not in {"", "latest"}, name
        assert image["keepLocally"] is True


def test_the_schema_and_its_jobs(declared: Recorder, stack: str) -> None:
    settings = context(stack).settings.database
    (migrations,) = declared.of("Migrations").values()
    assert "0006_catalogo" in migrations["files"]
    scheduled = declared.of("CronJob")
    assert {name: (job["command"], job["schedule"]) for name, job in scheduled.items()} == {
        "maintain-partitions": ("SELECT maintain_partitions(9)", "15 3 * * *"),
        "drain-default-partition": ("SELECT drain_default_partition(1970, 2100)", "5 seconds"),
        "fold-changes": ("SELECT fold_catalogo_changes(2000)", "1 seconds"),
        "reconcile-summary": ("SELECT reconcile_catalogo_summary()", "30 2 * * *"),
        "heartbeat": ("SELECT heartbeat()", "* * * * *"),
        "analyze-partitions": ("SELECT analyze_partitions()", "15 4 * * *"),
        "prune-history": ("SELECT prune_history(30)", "45 4 * * *"),
        "backup-full": ("SELECT request_backup('full')", "10 1 * * 0"),
        "backup-incr": ("SELECT request_backup('incr')", "10 1 * * 1-6"),
        "restore-drill": ("SELECT request_backup('drill')", "10 5 * * 0"),
    }
    views = declared.of("ScheduledView")
    assert {view["view"] for view in views.values()} == {"mv_catalogo_geometrias_stats", "mv_catalogo_search_indexed"}
    for name, view in views.items():
        assert view["job"] == name == f"refresh-{view['view']}"
        assert view["command"] == f"SELECT refresh_materialized_view('{view['view']}')"
        assert view["schedule"] == settings.schedules.refresh
    assert all(job["active"] for job in [*scheduled.values(), *views.values()])
    (years,) = declared.of("YearlyPartitions").values()
    assert (years["first_year"], years["years_ahead"]) == (settings.first_year, settings.years_ahead)


def test_jobs_follow_their_settings() -> None:
    inner = DatabaseSettings.model_validate(
        {"retention_years": 20, "history_days": 7, "paused": ["fold_changes"], "schedules": {"heartbeat": "30 seconds"}}
    )
    found = {job.name: job for job in jobs.standing(inner)}
    assert found["retain-partitions"].command == "SELECT detach_old_partitions(20, false)"
    assert found["prune-history"].command == "SELECT prune_history(7)"
    assert found["heartbeat"].schedule == "30 seconds"
    assert [name for name, job in found.items() if not job.active] == ["fold-changes"]
    asked = {job.name: job for job in jobs.backups(BackupSettings.model_validate({"schedules": {"full": "0 2 1 * *"}}))}
    assert asked["backup-full"].schedule == "0 2 1 * *"
    assert not jobs.backups(BackupSettings(enabled=False))
    assert len(found) + len(asked) + len(jobs.VIEWS) == jobs.COUNT


def test_backups_are_beside_the_server_and_only_read_its_data(declared: Recorder, stack: str) -> None:
    containers = declared.of("Container")
    mounts = {name: {one["volumeName"]: one for one in containers[name]["volumes"]} for name in ("postgres", "backup")}
    for volume in ("data", "backups"):
        name = f"mundo-{stack}-postgres-{volume}"
        assert mounts["backup"][name]["containerPath"] == mounts["postgres"][name]["containerPath"]
        assert bool(mounts["backup"][name].get("readOnly")) is (volume == "data")
    assert not containers["backup"].get("ports")
    conf = declared.of("Files")["postgres-handover"]["files"]["config/postgresql.conf"]["text"]
    assert "archive_mode = 'on'" in conf
    assert "pgbackrest --stanza=mundo archive-push %p" in conf


def test_a_stack_without_backups_neither_archives_nor_forgets_those_it_has() -> None:
    without = postgres.service(context(backups={"enabled": False}))
    assert "archive" not in without.config["postgresql.conf"]
    assert "pgbackrest.conf" not in {**without.config, **without.secrets}
    assert "backups" in {volume.name for volume in without.volumes if volume.holds_data}


def test_every_role_is_limited_and_the_limits_fit(declared: Recorder, stack: str) -> None:
    settings = context(stack).settings
    roles = declared.of("RoleSettings")
    assert set(roles) == {"mundo_owner", "mundo_app", "mundo_ingest", "mundo_exporter", "mundo_reader"}
    limits = {name: role.get("connection_limit") for name, role in roles.items()}
    assert limits["mundo_owner"] is None
    assert limits["mundo_app"] == 2 * (settings.catalog.db_pool_size + 2 * settings.catalog.instances)
    owner = settings.database.roles.owner.connections
    people = sum(login.connection_limit for login in settings.access.readers)
    assert sum(limit or owner for limit in limits.values()) + people + 3 <= settings.postgres.max_connections
    for name, role in roles.items():
        assert set(role["settings"]) == {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}
        assert (role["settings"]["statement_timeout"] == "0ms") is (name == "mundo_owner")
    for name in ("catalog", "catalog-2"):
        app = declared.of("Container")[name]
        assert f"MUNDO_POSTGRES_POOL_SIZE={settings.catalog.db_pool_size // 2}" in app["envs"]
    conf = declared.of("Files")["postgres-handover"]["files"]["config/postgresql.conf"]["text"]
    assert f"mundo.owner_connections = {owner}\n" in conf
    assert f"cron.max_running_jobs = {jobs.COUNT}\n" in conf


def test_grafana_and_access_follow_their_settings(declared: Recorder, stack: str) -> None:
    settings = context(stack).settings
    assert bool(declared.of("Dashboard")) is settings.grafana.enabled
    assert bool(declared.of("Folder")) is settings.grafana.enabled
    assert bool(declared.of("Grant")) is settings.access.enabled
    if settings.access.enabled:
        grants = {(grant["objectType"], *grant["privileges"]) for grant in declared.of("Grant").values()}
        assert grants == {("database", "CONNECT"), ("schema", "USAGE"), ("table", "SELECT")}
        (later,) = declared.of("DefaultPrivileges").values()
        assert later["privileges"] == ["SELECT"]
        assert later["owner"] == "mundo_owner"
