"""The site: built in strict mode, whole without internet, in two languages; a dead link fails."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from ops.docs.site import build
from ops.errors import OpsError
from ops.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_LOADED = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"'\s>]+)")
_STYLED = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this checkout, without the pages of the modules."""
    target = tmp_path_factory.mktemp("site")
    build(ROOT, target, modules=False)
    return target


def test_both_entry_pages_lead_to_each_other(site: Path) -> None:
    english, portuguese = ((site / name).read_text(encoding="utf-8") for name in ("index.html", "index.pt-BR.html"))
    assert 'href="index.pt-BR.html">Português' in english
    assert 'href="index.html">English' in portuguese
    assert "arquitetura" in portuguese


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for path in site.rglob("*.html")]
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert pages
    assert styles
    assert {found for text in pages for found in _LOADED.findall(text)} == set()
    assert {found for text in (*pages, *styles) for found in _STYLED.findall(text)} == set()


def test_a_commit_is_named_where_the_forge_is_not(site: Path) -> None:
    changes = (site / "source" / "CHANGELOG.html").read_text(encoding="utf-8")
    assert re.search(r"<code>[0-9a-f]{7}</code>", changes)
    assert "/commit/" not in changes


def test_the_search_knows_the_pages_and_not_every_line_of_code(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    assert {"index.pt-BR.html", "reference/database.html", "guides/search.html", "source/DEVELOPERS.html"} <= found
    assert not [location for location in found if location.endswith((".py.html", ".sql.html"))]
    assert {"en", "pt"} <= set(index["config"]["lang"])


def test_what_the_pages_lead_to_is_on_the_site(site: Path) -> None:
    matrix = (site / "traceability.html").read_text(encoding="utf-8")
    assert 'href="source/tests/database/test_partitions.py.html' in matrix
    assert (site / "source/tests/database/test_partitions.py.html").is_file()


def small_checkout(folder: Path, text: str) -> Path:
    """A checkout with one page and one file that it may lead to."""
    for name in ("mkdocs.yml", "ops/docs/sources.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "docs").mkdir()
    (folder / "docs/index.md").write_text(f"# Farm\n\n{text}\n", encoding="utf-8")
    (folder / "docs/index.pt-BR.md").write_text("# Fazenda\n", encoding="utf-8")
    (folder / "app").mkdir()
    (folder / "app/cache.py").write_text('TEXT = "[no](link.md)"\n', encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[gone](guides/gone.md)", "guides/gone.md"),
        ("[gone](../app/gone.py)", "../app/gone.py"),
        ("[nowhere](index.pt-BR.md#nowhere)", "#nowhere"),
    ],
)
def test_a_dead_link_fails_and_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(OpsError, match=re.escape(named)):
        build(small_checkout(tmp_path, text), modules=False)


def test_living_links_pass_also_to_code(tmp_path: Path) -> None:
    entry = build(small_checkout(tmp_path, "[code](../app/cache.py) [tudo](index.pt-BR.md#fazenda)"), modules=False)
    assert entry == tmp_path / "var/site/index.html"
    assert (tmp_path / "var/site/source/app/cache.py.html").is_file()
