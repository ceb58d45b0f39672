"""Backups on the real image: what is archived comes back, to the moment, and what is damaged is noticed."""

from __future__ import annotations

import contextlib
import shutil
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import docker
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from components.database import migrate, rewriting
from components.database.resources import MIGRATIONS
from ops.backup import forget, listing, restore
from ops.drills import data_lost
from ops.errors import OpsError
from tests.database.farm import CONSOLE, start, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.database.farm import Farm


def test_the_first_backup_comes_by_itself_encrypted_and_others_when_asked(farm: Farm) -> None:
    until(lambda: farm.ask("SELECT 1 FROM backup_log WHERE kind = 'full' AND outcome = 'success'"))
    ended = farm.backup("incr")
    content = farm.repository.content()
    assert [one.kind for one in content.backups] == ["full", "incr"]
    assert content.backups[-1].label == ended.label
    assert content.reach is not None
    assert content.reach[0] == content.backups[0].ended
    assert '"label"' in listing.as_json(content)
    (row,) = farm.ask(
        "SELECT database_bytes > 0, wal_first <= wal_last FROM backup_log WHERE backup_label = %s", ended.label
    )
    assert row == (True, True)
    found = farm.repository.run("bash", "-c", "grep -rlc -a 'Curral do segredo' /var/lib/pgbackrest || true")
    assert found == ""
    passphrase = farm.cell.context.secrets.backupPassphrase.get_secret_value()
    shown = farm.cell.running["backup"].exec(["sh", "-c", "cat /proc/*/cmdline /proc/*/environ"])[1]
    assert passphrase not in str(shown) + str(farm.cell.running["backup"].get_wrapped_container().attrs)


def test_a_drill_compares_the_newest_backup_with_the_living_database(farm: Farm) -> None:
    ended = farm.backup("drill")
    assert ended.compared is not None
    facts = farm.ask("SELECT count(*) FROM jsonb_object_keys(database_facts())")
    assert facts == [(ended.compared,)]
    assert ended.label == farm.repository.content().backups[-1].label


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["put", "put", "drop", "clear", "table"]), st.integers(0, 9), st.text("abç", max_size=8)),
    min_size=3,
    max_size=12,
)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(operations=OPERATIONS, data=st.data())
def test_a_restore_gives_what_was_committed_by_then(farm: Farm, operations: Any, data: st.DataObject) -> None:
    moments: list[tuple[datetime, list[Any]]] = []
    for number, (what, key, value) in enumerate(operations):
        _do(farm, what, key, value, number)
        # Between two commits, by the server's own clock; the next one is later than this by a whole tick at least.
        (at,) = farm.ask("SELECT clock_timestamp()")[0]
        moments.append((at, _state(farm)))
        farm.ask("SELECT pg_sleep(0.01)")
    at, expected = data.draw(st.sampled_from(moments), label="moment")
    farm.restore(at.astimezone(UTC).isoformat())
    assert _state(farm) == expected
    assert farm.ask("SELECT pg_is_in_recovery(), current_setting('archive_mode')") == [(False, "on")]


def _do(farm: Farm, what: str, key: int, value: str, number: int) -> None:
    if what == "put":
        farm.ask("INSERT INTO ledger VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET value = excluded.value", key, value)
    elif what == "drop":
        farm.ask("DELETE FROM ledger WHERE id = %s", key)
    elif what == "clear":
        farm.ask("TRUNCATE ledger")
    else:
        with psycopg.connect(farm.conninfo) as server:
            made = sql.Identifier(f"made_{number}_{key}")
            server.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} ()").format(made))


def _state(farm: Farm) -> list[Any]:
    tables = farm.ask("SELECT relname FROM pg_class WHERE relname LIKE 'made%%' ORDER BY 1")
    return [farm.ask("TABLE ledger ORDER BY id"), tables]


def test_a_killed_restore_leaves_everything_as_it_was(farm: Farm) -> None:
    farm.ask("INSERT INTO ledger VALUES (77, 'before') ON CONFLICT (id) DO UPDATE SET value = excluded.value")
    before = _state(farm)
    over = threading.Event()

    def kill() -> None:
        engine = docker.from_env()
        while not over.wait(0.02):
            for tool in engine.containers.list(filters={"name": f"{farm.prefix}-restore-"}):
                if "restore-cluster" in tool.attrs["Config"]["Cmd"]:
                    tool.kill("SIGKILL")
                    return

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with pytest.raises(OpsError, match="nothing was changed"):
            farm.restore("latest")
    finally:
        over.set()
        killer.join()
    assert _state(farm) == before
    farm.restore("latest")
    assert _state(farm) == before


def test_a_moment_out_of_reach_changes_nothing_and_names_the_range(farm: Farm) -> None:
    before = _state(farm)
    for to in ("1999-01-01 00:00Z", "2099-01-01 00:00-03:00"):
        with pytest.raises(OpsError, match=r"cannot be reached: any moment from 20.*Z to 20.*Z can"):
            farm.restore(to)
    with pytest.raises(OpsError, match="a time zone is missing"):
        farm.restore("2026-11-24 10:15")
    assert _state(farm) == before


def test_a_log_with_a_damaged_or_a_missing_part_is_no_shorter_log(farm: Farm) -> None:
    (segment,) = farm.ask("SELECT pg_walfile_name(pg_current_wal_lsn())")[0]
    farm.ask("INSERT INTO ledger VALUES (100, 'before') ON CONFLICT (id) DO NOTHING")
    restore.archive_until_now(farm.conninfo)
    farm.ask("INSERT INTO ledger VALUES (101, 'after') ON CONFLICT (id) DO NOTHING")
    (at,) = farm.ask("SELECT clock_timestamp()")[0]
    restore.archive_until_now(farm.conninfo)
    before = _state(farm)
    files = f"$(find /var/lib/pgbackrest/archive -name '{segment}-*')"
    server = docker.from_env().containers.get(f"{farm.prefix}-postgres")
    server.stop(timeout=60)
    for fault, said in (
        (f"echo rubbish | tee {files}", "recovery failed: could not restore file"),
        (f"rm {files}", "the archive lacks part of the log before that moment"),
    ):
        farm.repository.run("bash", "-euc", fault)
        with pytest.raises(OpsError, match=f"restore-cluster: {said}"):
            farm.repository.run("restore-cluster", at.astimezone(UTC).isoformat(sep=" "))
    start(server)
    assert _state(farm) == before


def test_former_clusters_are_kept_until_they_are_forgotten(farm: Farm) -> None:
    asked: list[str] = []

    def refuse(what: str) -> bool:
        asked.append(what)
        return False

    forget.forget(farm.repository, CONSOLE, confirm=refuse)
    assert "pgdata.before-" in asked[0]
    forget.forget(farm.repository, CONSOLE, confirm=lambda _: True)
    forget.forget(farm.repository, CONSOLE, confirm=lambda _: pytest.fail("nothing is left to ask for"))
    assert _state(farm)


def test_a_migration_that_rewrites_waits_for_its_backup_and_stops_where_that_fails(farm: Farm, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    name = "9999_rewrites"
    (folder / f"{name}.sql").write_text("-- rewrites: catalogo\nUPDATE catalogo SET tipo = 'FOLHA';\n")
    (folder / f"{name}.rollback.sql").write_text("UPDATE catalogo SET tipo = 'LAYER';\n")
    said: list[str] = []
    guard = rewriting.Safeguard(conninfo=farm.conninfo, settings=farm.cell.context.settings.backups, say=said.append)
    with _unwritable(farm):
        with pytest.raises(
            migrate.MigrationError, match=r"^the backup before the migration failed: .*nothing was chang"
        ):
            migrate.apply(farm.conninfo, folder, before_rewriting=guard)
        assert farm.ask("SELECT tipo FROM catalogo") == [("LAYER",)]
    assert migrate.apply(farm.conninfo, folder, before_rewriting=guard) == [name]
    (made,) = farm.ask("SELECT backup_label FROM backup_log WHERE kind = 'migration' AND outcome = 'success'")
    assert made[0] == farm.repository.content().backups[-1].label
    assert said[-1].startswith(f"backup {made[0]} is made, in ")
    assert farm.ask("SELECT failures_since_success FROM v_backup_status WHERE backup_kind = 'any'") == [(0,)]
    migrate.rollback(farm.conninfo, folder, max(migrate.digests(MIGRATIONS)))


@contextlib.contextmanager
def _unwritable(farm: Farm) -> Iterator[None]:
    """The repository takes no further backup."""
    folder = "/var/lib/pgbackrest/backup/mundo"
    farm.repository.run("chmod", "0500", folder)
    try:
        yield
    finally:
        farm.repository.run("chmod", "0700", folder)


def test_the_drill_counts_what_a_lost_volume_costs(farm: Farm) -> None:
    farm.backup("full")
    run = data_lost.once(farm)
    assert run.broken == []
    assert run.acknowledged > 0
    assert run.restored > 0


def test_a_lost_volume_costs_what_was_not_archived_and_no_new_cluster_takes_its_place(farm: Farm) -> None:
    farm.backup("full")
    farm.ask("CREATE TABLE counted (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT clock_timestamp())")
    begun = farm.ask("SELECT archived_count FROM pg_stat_archiver")[0][0]
    committed = 0
    with psycopg.connect(farm.conninfo, autocommit=True) as server:
        while server.execute("SELECT archived_count > %s FROM pg_stat_archiver", (begun + 1,)).fetchone() != (True,):
            server.execute("INSERT INTO counted DEFAULT VALUES")
            committed += 1
        archived = server.execute("SELECT last_archived_time FROM pg_stat_archiver").fetchone()
        assert archived is not None
    service, container = (farm.cell.running.pop(name).get_wrapped_container() for name in ("backup", "postgres"))
    container.kill("SIGKILL")
    for one in (service, container):
        one.remove(force=True)
    docker.from_env().volumes.get(f"{farm.prefix}-postgres-data").remove()
    with contextlib.suppress(Exception):
        farm.cell.start_postgres()
    refused = docker.from_env().containers.get(f"{farm.prefix}-postgres")
    assert "there are backups of a former cluster: make restore TO=latest" in refused.logs().decode()
    farm.restore("latest")
    assert farm.ask("SELECT count(*) > 0, count(*) = max(id) FROM counted") == [(True, True)]
    (survived,) = farm.ask("SELECT count(*) FROM counted")[0]
    assert survived <= committed


def test_a_damaged_repository_fails_the_drill(farm: Farm) -> None:
    farm.start_service()
    ended = farm.backup("full")
    damage = f"for file in $(find /var/lib/pgbackrest/backup/mundo/{ended.label}/bundle -type f); do : >$file; done"
    farm.repository.run("bash", "-euc", damage)
    with pytest.raises(OpsError, match=r"the restore drill failed: restoring .* failed"):
        farm.backup("drill")
    rows = farm.ask("SELECT failures_since_success FROM v_backup_status WHERE backup_kind = 'drill'")
    assert rows == [(1,)]
