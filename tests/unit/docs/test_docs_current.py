"""The generated pages: current, complete, made the same way each time, and named where they are stale."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ops.cli import app, documentation
from ops.docs import command, registry
from ops.docs.page import FOLDER, MEND, Page
from ops.docs.registry import PAGES
from ops.errors import OpsError
from ops.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

QUIET = Console(quiet=True)
DEAD = [page for page in PAGES if not page.live]
"""Those that need no database; tests/database/test_reference.py compares the others."""
DIGESTS = """
from hashlib import sha256
from ops.docs.registry import PAGES
for page in PAGES:
    if not page.live:
        print(page.path, sha256(page.text().encode()).hexdigest())
"""


@pytest.mark.parametrize("page", DEAD, ids=lambda page: page.path)
def test_the_committed_page_is_current(page: Page) -> None:
    assert (ROOT / page.path).read_text(encoding="utf-8") == page.text(), f"{page.path} is stale: {MEND}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_a_page_says_from_what_it_is_made_and_how(page: Page) -> None:
    text = (ROOT / page.path).read_text(encoding="utf-8")
    said = text if page.path.endswith(".json") else "\n".join(text.splitlines()[:4])
    assert f"`{MEND}` from" in said or f"by `{MEND}`" in said or "`make metrics-page WRITE=1` from" in said
    assert page.source in said


def test_another_process_makes_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    made = dict(line.split() for line in done.stdout.splitlines())
    assert made == {page.path: sha256(page.text().encode()).hexdigest() for page in DEAD}


def test_nothing_else_is_in_the_folder() -> None:
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / FOLDER).iterdir()}
    assert there == {page.path for page in PAGES if page.path.startswith(FOLDER)}


def two_pages() -> tuple[Page, Page]:
    """Two small pages, of which only the first is ever current in these tests."""
    first = Page(path="docs/reference/first.md", source="the test", text=lambda: "first\n")
    return first, replace(first, path="docs/reference/second.md", text=lambda: "second\n")


def test_stale_pages_are_named_with_the_command_that_mends_them(tmp_path: Path) -> None:
    pages = two_pages()
    with pytest.raises(OpsError, match=r"^stale: docs/reference/first\.md, docs/reference/second\.md; make docs mends"):
        command.check(tmp_path, pages, QUIET)
    command.write(tmp_path, pages, QUIET)
    command.check(tmp_path, pages, QUIET)
    (tmp_path / pages[1].path).write_text("by hand\n", encoding="utf-8")
    with pytest.raises(OpsError, match=r"^stale: docs/reference/second\.md; make docs mends it$"):
        command.check(tmp_path, pages, QUIET)


def test_what_is_current_is_not_touched(tmp_path: Path) -> None:
    pages = two_pages()
    command.write(tmp_path, pages, QUIET)
    before = [(tmp_path / page.path).stat().st_mtime_ns for page in pages]
    command.write(tmp_path, pages, QUIET)
    assert [(tmp_path / page.path).stat().st_mtime_ns for page in pages] == before


def test_the_command_ends_with_an_error_while_a_page_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documentation, "ROOT", tmp_path)
    monkeypatch.setattr(registry, "PAGES", two_pages())
    stale = CliRunner().invoke(app, ["docs", "--check"])
    assert stale.exit_code == 1
    assert "stale: docs/reference/first.md" in stale.output
    assert not (tmp_path / "docs").exists()
    assert CliRunner().invoke(app, ["docs"]).exit_code == 0
    assert CliRunner().invoke(app, ["docs", "--check"]).exit_code == 0
