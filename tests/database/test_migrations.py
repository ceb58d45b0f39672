"""The migrations on real databases: forth and back, failing half-way, killed, run twice at once."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from components.database import migrate
from tests.database.conftest import MIGRATIONS
from tests.database.server import Server, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three small migrations; tests spoil the second."""
    for number, table in enumerate(("one", "two", "three"), start=1):
        (tmp_path / f"000{number}_{table}.sql").write_text(f"CREATE TABLE {table} (id bigint);\n", encoding="utf-8")
        (tmp_path / f"000{number}_{table}.rollback.sql").write_text(f"DROP TABLE {table};\n", encoding="utf-8")
    return tmp_path


def tables(conninfo: str) -> list[str]:
    found = rows(
        conninfo,
        "SELECT tablename FROM pg_tables WHERE tablename IN ('one', 'two', 'three', 'half') ORDER BY tablename",
    )
    return [str(name) for (name,) in found]


def test_up_down_up_gives_the_same_schema(server: Server, blank: str) -> None:
    conninfo = server.conninfo("owner", blank)
    empty = server.dump(blank)
    names = list(migrate.digests(MIGRATIONS))
    assert migrate.pending(conninfo, MIGRATIONS) == names
    assert migrate.apply(conninfo, MIGRATIONS) == names
    full = server.dump(blank)
    assert full.count("CREATE FUNCTION") > 10
    assert migrate.pending(conninfo, MIGRATIONS) == []
    assert migrate.rollback(conninfo, MIGRATIONS, None) == names[::-1]
    assert server.dump(blank) == empty
    assert migrate.apply(conninfo, MIGRATIONS) == names
    assert server.dump(blank) == full
    assert migrate.applied(conninfo) == migrate.digests(MIGRATIONS)


@pytest.mark.timeout(900)  # two dumps for each migration there is
def test_every_rollback_undoes_just_its_migration(server: Server, blank: str) -> None:
    conninfo = server.conninfo("owner", blank)
    dumps = {}
    for name in migrate.digests(MIGRATIONS):
        dumps[name] = server.dump(blank)
        migrate.apply(conninfo, MIGRATIONS, target=name)
    names = list(dumps)
    for before, name in zip([None, *names[:-1]][::-1], names[::-1], strict=True):
        assert migrate.rollback(conninfo, MIGRATIONS, before) == [name]
        assert server.dump(blank) == dumps[name], name


def test_rows_survive_the_rollback_of_the_partitions(server: Server, blank: str) -> None:
    conninfo = server.conninfo("owner", blank)
    migrate.apply(conninfo, MIGRATIONS)
    with psycopg.connect(conninfo) as connection:
        connection.execute("INSERT INTO catalogo (nome, tipo) VALUES ('a', 'b')")
        connection.execute(
            "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)"
            " SELECT 1, ST_GeomFromText('MULTIPOINT((0 0))', 4326), make_timestamptz(y, 7, 1, 0, 0, 0)"
            " FROM generate_series(2020, 2040) AS y"
        )
    migrate.rollback(conninfo, MIGRATIONS, "0017_maintain_partitions")
    count = "SELECT count(*), count(DISTINCT id) FROM catalogo_geometrias_particionada"
    assert rows(conninfo, count) == [(21, 21)]
    migrate.apply(conninfo, MIGRATIONS)
    assert rows(conninfo, count) == [(21, 21)]
    assert rows(conninfo, "SELECT count(*) FROM catalogo_geometrias_default") == [(11,)]


def test_a_failing_file_changes_nothing_and_says_where(server: Server, blank: str, folder: Path) -> None:
    conninfo = server.conninfo("owner", blank)
    (folder / "0002_two.sql").write_text(
        "CREATE TABLE two (id bigint);\n\nCREATE TABLE half (\n    id bigint,\n    parent nonsense\n);\n",
        encoding="utf-8",
    )
    seen: list[str] = []
    with pytest.raises(migrate.MigrationError) as caught:
        migrate.apply(conninfo, folder, progress=seen.append)
    assert str(caught.value) == (
        '0002_two.sql:5: type "nonsense" does not exist; this file changed nothing, '
        "0001_one to 0001_one stay applied, 2 to go"
    )
    assert seen == ["0001_one", "0002_two"]
    assert tables(conninfo) == ["one"]
    (folder / "0002_two.sql").write_text("CREATE TABLE two (id bigint);\n", encoding="utf-8")
    assert migrate.apply(conninfo, folder) == ["0002_two", "0003_three"]


def test_an_error_without_a_position_names_the_statement(server: Server, blank: str, folder: Path) -> None:
    conninfo = server.conninfo("owner", blank)
    (folder / "0001_one.sql").write_text(
        "CREATE TABLE one (id bigint);\n\n-- Why.\nCREATE TABLE one (id bigint);\n", encoding="utf-8"
    )
    with pytest.raises(migrate.MigrationError, match=r'0001_one.sql:[34]: relation "one" already exists; this file'):
        migrate.apply(conninfo, folder)
    assert tables(conninfo) == []


def test_a_failing_rollback_changes_nothing(server: Server, blank: str, folder: Path) -> None:
    conninfo = server.conninfo("owner", blank)
    migrate.apply(conninfo, folder)
    (folder / "0002_two.rollback.sql").write_text("DROP TABLE two;\nDROP TABLE nowhere;\n", encoding="utf-8")
    with pytest.raises(
        migrate.MigrationError,
        match=r'0002_two.rollback.sql:2: table "nowhere" does not exist; this file changed nothing',
    ):
        migrate.rollback(conninfo, folder, None)
    assert tables(conninfo) == ["one", "two"]
    assert list(migrate.applied(conninfo)) == ["0001_one", "0002_two"]


def test_a_changed_a_missing_and_a_late_file_are_refused(server: Server, blank: str, folder: Path) -> None:
    conninfo = server.conninfo("owner", blank)
    migrate.apply(conninfo, folder, target="0002_two")
    original = (folder / "0001_one.sql").read_text(encoding="utf-8")
    (folder / "0001_one.sql").write_text(original + "-- more\n", encoding="utf-8")
    with pytest.raises(migrate.MigrationError, match=r"^0001_one.sql: has changed since it was applied"):
        migrate.apply(conninfo, folder)
    (folder / "0001_one.sql").unlink()
    with pytest.raises(migrate.MigrationError, match=r"^0001_one.sql: was applied to the database but is not in the"):
        migrate.apply(conninfo, folder)
    (folder / "0001_one.sql").write_text(original, encoding="utf-8")
    shutil.copy(folder / "0003_three.sql", folder / "0000_zero.sql")
    shutil.copy(folder / "0003_three.sql", folder / "0000_zero.rollback.sql")
    with pytest.raises(migrate.MigrationError, match=r"^0000_zero.sql: 0002_two.sql was applied already"):
        migrate.apply(conninfo, folder)
    assert tables(conninfo) == ["one", "two"]


SLEEPING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()
"""

KILLED = """
import sys
from pathlib import Path
from components.database import migrate
migrate.apply(sys.stdin.read(), Path(sys.argv[1]))
"""


def test_a_killed_run_is_simply_repeated(server: Server, blank: str, folder: Path) -> None:
    conninfo = server.conninfo("owner", blank)
    (folder / "0002_two.sql").write_text("CREATE TABLE two (id bigint);\nSELECT pg_sleep(60);\n", encoding="utf-8")
    with subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdin=subprocess.PIPE, text=True) as run:
        assert run.stdin
        run.stdin.write(conninfo)
        run.stdin.close()
        until = time.monotonic() + 30
        while rows(conninfo, SLEEPING) != [(1,)]:
            assert time.monotonic() < until, "the run did not reach its second file"
            time.sleep(0.1)
        os.kill(run.pid, signal.SIGKILL)
    (folder / "0002_two.sql").write_text("CREATE TABLE two (id bigint);\n", encoding="utf-8")
    # A killed client's statement goes on until the server notices; here it is ended at once.
    server.superuser(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
    )
    assert tables(conninfo) == ["one"]
    assert migrate.apply(conninfo, folder) == ["0002_two", "0003_three"]


def test_a_lock_that_a_dead_run_left_is_broken(server: Server, blank: str, folder: Path) -> None:
    conninfo = server.conninfo("owner", blank)
    migrate.apply(conninfo, folder, target="0001_one")
    rows(conninfo, "INSERT INTO migrations.yoyo_lock VALUES (1, now(), 1)")
    assert migrate.apply(conninfo, folder) == ["0002_two", "0003_three"]


def test_a_lost_connection_is_one_line(server: Server, blank: str, folder: Path) -> None:
    conninfo = server.conninfo("owner", blank)
    (folder / "0002_two.sql").write_text(
        "CREATE TABLE two ();\nSELECT pg_terminate_backend(pg_backend_pid());\n", encoding="utf-8"
    )
    with pytest.raises(
        migrate.MigrationError,
        match=r"^0002_two.sql:2: terminating connection due to administrator command; this file changed nothing",
    ):
        migrate.apply(conninfo, folder)
    assert tables(conninfo) == ["one"]


def test_two_runs_at_once_apply_everything_once(server: Server, blank: str, folder: Path) -> None:
    conninfo = server.conninfo("owner", blank)
    results: list[list[str]] = []
    runs = [threading.Thread(target=lambda: results.append(migrate.apply(conninfo, folder))) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert sorted(results) == [[], [], ["0001_one", "0002_two", "0003_three"]]
