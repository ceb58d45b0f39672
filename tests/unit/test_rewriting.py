"""Every migration that rewrites rows says so; what finds them is PostgreSQL's own parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from components.database import migrate, rewriting
from components.database.resources import MIGRATIONS
from tests.unit.rewriting_found import UNKNOWN, rewritten

if TYPE_CHECKING:
    from pathlib import Path

SINCE = "0131"
"""Files before it were applied everywhere when the declaration came, and applied files are never edited."""
_NOTHING = "-- rewrites nothing: "
"""Begins the line of a migration that runs a function or dynamic SQL which changes no stored row, with why."""


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("UPDATE a SET b = 1", {"a"}),
        ("DELETE FROM a", {"a"}),
        ("TRUNCATE a, c", {"a", "c"}),
        ("MERGE INTO a USING c ON a.i = c.i WHEN MATCHED THEN DELETE", {"a"}),
        ("WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO c SELECT * FROM gone", {"a"}),
        ("INSERT INTO a VALUES (1) ON CONFLICT (i) DO UPDATE SET b = 1", {"a"}),
        ("INSERT INTO a VALUES (1) ON CONFLICT (i) DO NOTHING", set()),
        ("ALTER TABLE a ALTER b TYPE bigint", {"a"}),
        ("ALTER TABLE a DROP COLUMN b", {"a"}),
        ("ALTER TABLE a ALTER b SET EXPRESSION AS (c + 1)", {"a"}),
        ("ALTER TABLE a SET UNLOGGED", {"a"}),
        ("ALTER TABLE a ADD b timestamptz DEFAULT clock_timestamp()", {"a"}),
        ("ALTER TABLE a ADD b integer GENERATED ALWAYS AS (c + 1) STORED", {"a"}),
        ("ALTER TABLE a ADD b bigint GENERATED ALWAYS AS IDENTITY", {"a"}),
        ("ALTER TABLE a ADD b timestamptz DEFAULT now()", set()),
        ("ALTER TABLE a ADD b integer NOT NULL DEFAULT 3", set()),
        ("VACUUM FULL a", {"a"}),
        ("VACUUM a", set()),
        ("CLUSTER a USING i", {"a"}),
        ("CLUSTER", {UNKNOWN}),
        ("DROP TABLE a", {"a"}),
        ("DROP VIEW a", set()),
        ("DROP SCHEMA s CASCADE", {UNKNOWN}),
        ("DO $$ BEGIN UPDATE a SET b = 1; END $$", {"a"}),
        ("DO $$ BEGIN EXECUTE 'UPDATE ' || 'a SET b = 1'; END $$", {UNKNOWN}),
        ("DO $$ BEGIN PERFORM fold_catalogo_changes(); END $$", {UNKNOWN}),
        ("DO $$ DECLARE n integer; BEGIN n := length('a'); END $$", set()),
        ("SELECT fold_catalogo_changes()", {UNKNOWN}),
        ("CALL fold()", {UNKNOWN}),
        ("CREATE TABLE a (b integer); UPDATE a SET b = 1", set()),
        ("CREATE INDEX ON a (f(b))", set()),
        ("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'UPDATE a SET b = 1'", set()),
    ],
)
def test_what_a_statement_rewrites(sql: str, tables: set[str]) -> None:
    assert rewritten(sql) == tables


def unsaid(path: Path) -> set[str]:
    """Tables that a migration rewrites without a word."""
    text = path.read_text(encoding="utf-8")
    found = rewritten(text) - set(rewriting.declared(path))
    return found - {UNKNOWN} if rewriting.declared(path) or _NOTHING in text else found


def test_every_migration_says_which_rows_it_rewrites() -> None:
    names = [name for name in migrate.digests(MIGRATIONS) if name >= SINCE]
    assert names
    assert {name: tables for name in names if (tables := unsaid(MIGRATIONS / f"{name}.sql"))} == {}


def test_tables_that_are_said_to_be_rewritten_are_there() -> None:
    made = "\n".join(path.read_text(encoding="utf-8") for path in MIGRATIONS.glob("*.sql"))
    for name in migrate.digests(MIGRATIONS):
        for table in rewriting.declared(MIGRATIONS / f"{name}.sql"):
            assert f"CREATE TABLE {table} (" in made, f"{name}: there is no table {table}"


@pytest.mark.parametrize(
    ("text", "tables", "missing"),
    [
        ("-- rewrites: a\nUPDATE a SET b = 1;", ("a",), set()),
        ("-- Why.\n-- rewrites: a, c\nUPDATE a SET b = 1;", ("a", "c"), set()),
        ("UPDATE a SET b = 1;", (), {"a"}),
        ("-- rewrites: c\nUPDATE a SET b = 1;", ("c",), {"a"}),
        ("SELECT f();\n-- rewrites: a\n", (), {UNKNOWN}),
        ("-- rewrites nothing: f only reads\nSELECT f();", (), set()),
        ("-- rewrites nothing: so it says\nUPDATE a SET b = 1;", (), {"a"}),
    ],
)
def test_the_declaration_stands_at_the_beginning(
    text: str, tables: tuple[str, ...], missing: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "0001_a.sql"
    path.write_text(text, encoding="utf-8")
    assert rewriting.declared(path) == tables
    assert unsaid(path) == missing
