"""What people are told to type is there: targets, files, tests; and what a page leads to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.commits.convention import types
from ops.paths import ROOT
from ops.readme.commands import targets
from ops.traceability.known import Known
from tests.pages import commands

PAGES = ("README.md", "README.pt-BR.md", "CONTRIBUTING.md", "DEVELOPERS.md", "docs/architecture.md")
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([^)\s]+))?\)")


def text(page: str) -> str:
    """The page."""
    return (ROOT / page).read_text(encoding="utf-8")


def typed(page: str) -> list[str]:
    """Every command line of the page's shell blocks; `tests/e2e/test_newcomer.py` types them."""
    return [line.strip() for line in commands(ROOT / page)]


@pytest.mark.parametrize("page", PAGES)
def test_every_target_that_is_named_is_one_of_make(page: str) -> None:
    spans = [*_SPAN.findall(text(page)), *typed(page)]
    named = {target for span in spans for target in re.findall(r"(?:^|&& |\()make (?:-s )?([a-z0-9-]+)", span)}
    assert named <= targets(ROOT).keys()
    assert named or page == "docs/architecture.md"


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_of_make_that_is_named_is_read_by_it(page: str) -> None:
    makefile = text("Makefile")
    for line in typed(page):
        for variable in re.findall(r"\bmake [a-z0-9-]+.*?\b([A-Z_]+)=", line):
            assert f"$({variable})" in makefile or f"$${variable}" in makefile, line


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_leads_to_is_there(page: str) -> None:
    known = Known(ROOT)
    for file, anchor in _LINK.findall(text(page)):
        target = (ROOT / page).parent / file if file else ROOT / page
        assert target.exists(), file
        if anchor:
            assert anchor in known.anchors(str(target.resolve().relative_to(ROOT))), f"{file}#{anchor}"


@pytest.mark.parametrize("page", PAGES)
def test_paths_in_spans_are_there(page: str) -> None:
    for span in _SPAN.findall(text(page)):
        found = re.fullmatch(r"(?:app|components|dashboards|docs|images|ops|sql|tests)/[\w./-]+", span)
        if found and "NNNN" not in span:
            assert (ROOT / span).exists(), span


def test_programs_that_are_typed_are_there() -> None:
    programs = {line.split()[0] for page in PAGES for line in typed(page)}
    assert programs == {"make", ".venv/bin/pytest", ".venv/bin/pre-commit", "curl", "eval", "git", "pulumi"}
    for program in programs:
        if program.startswith(".venv"):
            assert Path(ROOT / program).exists()


def test_the_types_that_contributing_names_are_those_of_the_changelog() -> None:
    section = text("CONTRIBUTING.md").partition("The types are")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z]+)`", section)) == {*types(ROOT)}
