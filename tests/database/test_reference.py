"""The page of the database: what a migrated server has, with every comment."""

from __future__ import annotations

from ops.docs import database
from ops.docs.page import MEND
from ops.docs.registry import PAGES
from ops.paths import ROOT
from tests.database.server import rows


def test_the_committed_page_is_current(owner_conninfo: str) -> None:
    (page,) = (page for page in PAGES if page.live)
    made = database.render(owner_conninfo)
    assert (ROOT / page.path).read_text(encoding="utf-8") == made, f"{page.path} is stale: {MEND}"


def test_asked_twice_it_says_the_same(owner_conninfo: str, reader_conninfo: str) -> None:
    assert database.render(owner_conninfo) == database.render(reader_conninfo)


def test_every_column_and_function_is_on_it(owner_conninfo: str) -> None:
    text = database.render(owner_conninfo)
    columns = rows(
        owner_conninfo,
        "SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
        " AND attrelid IN ('catalogo'::regclass, 'catalogo_geometrias_particionada'::regclass,"
        " 'mv_refresh_log'::regclass)",
    )
    assert columns
    for table, column in columns:
        assert f"| `{column}` |" in text.split(f"\n### {table}\n")[1].split("\n### ")[0], (table, column)
    for name in ("search_catalogo_indexed", "create_missing_year_partitions", "refresh_all_materialized_views"):
        assert f"| `{name}(" in text
    assert "| `fold-changes` | `1 seconds` | `SELECT fold_catalogo_changes(2000)` |" in text
