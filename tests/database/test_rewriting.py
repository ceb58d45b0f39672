"""Migrations that rewrite data: what stands between them and the rows."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict

from components.database import backup_request, migrate, rewriting
from components.settings import BackupSettings
from tests.database.conftest import MIGRATIONS
from tests.database.server import Server, rows

if TYPE_CHECKING:
    from pathlib import Path

FIRST, REWRITES = "9998_first", "9999_rewrites"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The project's migrations, and two to come: the second rewrites the catalogue."""
    into = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, into)
    for name, text, back in (
        (FIRST, "CREATE TABLE first (id bigint);\n", "DROP TABLE first;\n"),
        (REWRITES, "-- rewrites: catalogo\nUPDATE catalogo SET descricao = nome;\n", "SELECT 1;\n"),
    ):
        (into / f"{name}.sql").write_text(text, encoding="utf-8")
        (into / f"{name}.rollback.sql").write_text(back, encoding="utf-8")
    return into


@pytest.fixture
def filled(server: Server, blank: str) -> str:
    """A database with the project's schema and one entry."""
    conninfo = server.conninfo("owner", blank)
    migrate.apply(conninfo, MIGRATIONS)
    rows(conninfo, "INSERT INTO catalogo (nome, tipo) VALUES ('Talhão', 'LAYER')")
    return conninfo


def state(conninfo: str) -> list[tuple[object, ...]]:
    return rows(conninfo, "SELECT descricao, to_regclass('first')::text FROM catalogo")


def guard(conninfo: str, said: list[str], **settings: object) -> rewriting.Safeguard:
    return rewriting.Safeguard(conninfo=conninfo, settings=BackupSettings.model_validate(settings), say=said.append)


def test_without_backups_it_is_refused_until_the_operator_names_it(filled: str, folder: Path) -> None:
    said: list[str] = []
    for allowed in (None, FIRST):
        with pytest.raises(migrate.MigrationError) as refusal:
            migrate.apply(filled, folder, before_rewriting=guard(filled, said, enabled=False, rewrite_without=allowed))
        assert str(refusal.value) == (
            "9999_rewrites rewrites catalogo, and this stack keeps no backups (backups.enabled): nothing was changed;"
            " when you have a copy of your own, make config SET=backups.rewrite_without=9999_rewrites says so"
        )
        assert state(filled) == [(None, None)]
        assert said == []
    named = guard(filled, said, enabled=False, rewrite_without=REWRITES)
    assert migrate.apply(filled, folder, before_rewriting=named) == [FIRST, REWRITES]
    assert state(filled) == [("Talhão", "first")]
    assert said == ["9999_rewrites rewrites catalogo, without a backup: backups.rewrite_without allows it"]


def test_a_backup_that_does_not_come_stops_it_with_nothing_changed(
    filled: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_request, "TAKEN_SECONDS", 1.0)
    said: list[str] = []
    with pytest.raises(migrate.MigrationError) as refusal:
        migrate.apply(filled, folder, before_rewriting=guard(filled, said))
    assert str(refusal.value) == (
        "the backup service takes no request; make status shows it, and the request stays;"
        " 9999_rewrites rewrites catalogo, so nothing was changed"
    )
    assert state(filled) == [(None, None)]
    assert said[0] == "9999_rewrites rewrites catalogo: a backup comes first"
    assert rows(filled, "SELECT kind, outcome FROM backup_log") == [("migration", "requested")]


def test_a_backup_that_takes_too_long_is_not_waited_for(filled: str) -> None:
    rows(filled, "SELECT request_backup('full')")
    rows(filled, "SELECT begin_backup()")
    with pytest.raises(backup_request.RequestError, match="the backup before the migration has not ended"):
        backup_request.wait_for(filled, "migration", print, longest_seconds=0.6)


def test_a_database_that_knows_no_such_kind_is_asked_for_an_ordinary_one(
    server: Server, blank: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_request, "TAKEN_SECONDS", 1.0)
    conninfo = server.conninfo("owner", blank)
    migrate.apply(conninfo, folder, target="0130_fold_catalogo_changes")
    rows(conninfo, "INSERT INTO catalogo (nome, tipo) VALUES ('Talhão', 'LAYER')")
    with pytest.raises(migrate.MigrationError, match="the backup service takes no request"):
        migrate.apply(conninfo, folder, before_rewriting=guard(conninfo, []))
    assert rows(conninfo, "SELECT kind FROM backup_log") == [("incr",)]


def test_tables_without_rows_need_no_backup(server: Server, blank: str, folder: Path) -> None:
    conninfo = server.conninfo("owner", blank)
    said: list[str] = []
    assert migrate.apply(conninfo, folder, before_rewriting=guard(conninfo, said))[-1] == REWRITES
    assert said == []


def test_a_failed_migration_leaves_rows_and_schema_as_they_were(server: Server, filled: str, folder: Path) -> None:
    half = (
        "-- rewrites: catalogo\nUPDATE catalogo SET descricao = nome;\nALTER TABLE catalogo DROP COLUMN nome CASCADE;\n"
    )
    (folder / f"{REWRITES}.sql").write_text(f"{half}\nSELECT 1 / 0;\n", encoding="utf-8")
    migrate.apply(filled, folder, target=FIRST)
    name = str(conninfo_to_dict(filled)["dbname"])
    before = server.dump(name), rows(filled, "TABLE catalogo")
    with pytest.raises(migrate.MigrationError) as failed:
        migrate.apply(filled, folder)
    assert str(failed.value) == (
        "9999_rewrites.sql:5: division by zero; this file changed nothing, nothing was applied before it, 1 to go"
    )
    assert (server.dump(name), rows(filled, "TABLE catalogo")) == before
