"""A new person types every command of README, contributing guide and guides, as it stands there, in its order.

A command is typed unless ELSEWHERE names the test, or the stage of `make test`, that does so: a new block is run by
being there. What stands for something of the reader's own (a file, a stack's name, a port) is replaced by the test's.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from ops.paths import ROOT
from tests.e2e.operator import another_stack
from tests.pages import RUNBOOKS, SHELL, blocks, commands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.operator import Operator

pytestmark = pytest.mark.timeout(1800)

RUN = "tests/run.sh"
ELSEWHERE = {
    "make test": RUN,
    "make lint": RUN,
    "make types": RUN,
    "make database": RUN,
    "make web": RUN,
    # It needs an image registry and two plugins, and the test has both or says what is missing.
    "make up STACK=dev": "tests/e2e/test_grafana.py::test_the_dashboard_is_there_and_its_source_answers",
    # It serves until it is stopped.
    "make dev": "tests/e2e/test_life.py::test_the_checkout_runs_against_the_stack_and_starts_anew",
}
"""Command → the test that runs it."""
GDAL = ("ogrinfo ", "ogr2ogr ")
"""Typed where GDAL's programs are installed; `tests/integration/test_ogc_gdal.py` asks its driver everywhere."""

README = ROOT / "README.md"
README_PT = ROOT / "README.pt-BR.md"
WITH_A_STACK = [README, *sorted((ROOT / "docs/guides").glob("*.md"))]
IN_A_CLONE = ROOT / "CONTRIBUTING.md"
OF_RUNBOOKS = {"database.md": "test_runbooks.py", "cache.md": "test_runbooks.py", "backups.md": "test_backups.py"}
"""Runbook → the test beside this one that types its commands."""
PLAIN = {"", "mermaid", "json", "yaml", "text", "promql", "sql", "http"}
"""Languages of blocks that nobody types."""

FARM = re.compile(r"\b(?:farm|fazenda)\.geojson\b")
TRIAL = re.compile(r"STACK=(trial|teste)\b")


def words(command: str) -> str:
    """The command without its remark."""
    return re.sub(r"\s+#\s.*$", "", command).strip()


def typed(page: Path) -> list[str]:
    """The commands of a page that no other test types."""
    found = [command for command in map(words, commands(page)) if command not in ELSEWHERE]
    return [command for command in found if not command.startswith(GDAL) or shutil.which(command.split()[0])]


def pages() -> list[Path]:
    """Every page of the project for people, apart from generated ones."""
    listed = subprocess.run(
        ["git", "ls-files", "*.md", "docs/**/*.md"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    return [ROOT / name for name in listed]


def test_every_block_that_is_typed_says_so() -> None:
    for page in pages():
        for language, text in blocks(page):
            assert language in PLAIN | {SHELL}, f"{page}: a block of '{language}'; shell is `{SHELL}`"
            assert language == SHELL or not re.search(r"^\s*(\$ |make |pulumi |curl )", text, re.MULTILINE), (
                f"{page}: a command in a block that no test runs"
            )
            if language == SHELL:
                assert page in {*WITH_A_STACK, README_PT, IN_A_CLONE, *(RUNBOOKS / name for name in OF_RUNBOOKS)}, (
                    f"{page}: nobody types this"
                )


def test_what_is_run_elsewhere_is_run_there() -> None:
    everything = {words(command) for page in (*WITH_A_STACK, IN_A_CLONE) for command in commands(page)}
    assert set(ELSEWHERE) <= everything, "no page has these any more"
    run = (ROOT / RUN).read_text()
    for command, where in ELSEWHERE.items():
        file, _, name = where.partition("::")
        text = (ROOT / file).read_text()
        if name:
            assert f"def {name}(" in text, where
        elif command != "make test":
            stage = command.removeprefix("make ")
            assert re.search(rf"(tests/{stage}\b|make -s {stage}\b)", run), command


def test_what_a_runbook_says_is_typed_by_its_test() -> None:
    for name, test in OF_RUNBOOKS.items():
        assert f'commands(RUNBOOKS / "{name}")' in (ROOT / "tests/e2e" / test).read_text(), name


def test_the_portuguese_readme_has_the_same_commands() -> None:
    def neutral(page: Path) -> list[str]:
        return [FARM.sub("FILE", TRIAL.sub("STACK=NAME", words(command))) for command in commands(page)]

    assert neutral(README_PT) == neutral(README)


@pytest.fixture(scope="module")
def trial(operator: Operator) -> Iterator[Operator]:
    """The stack that the README has made beside the reader's own, under a name that nobody else uses."""
    with another_stack(operator) as other:
        yield other


@pytest.mark.parametrize("page", WITH_A_STACK, ids=lambda page: page.name)
def test_every_command_of_the_page_works(page: Path, operator: Operator, trial: Operator) -> None:
    outputs = operator.outputs()
    farm = operator.home / "farm.geojson"
    if not farm.exists():
        farm.write_text(
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "um", "properties": {"name": "mata"},'
            ' "geometry": {"type": "Point", "coordinates": [-43.9, -17.3]}}]}'
        )
    before = operator.settings_file.read_text()
    shell = ""
    for command in typed(page):
        mine = FARM.sub(str(farm), command).replace(f"arquivo={farm}", "arquivo=farm.geojson")
        mine = mine.replace("http://127.0.0.1:8080", outputs["app_url"]).replace("curl ", "curl -sS --fail-with-body ")
        mine = mine.replace("--stack local", f"--stack {operator.stack}")
        mine = TRIAL.sub(f"STACK={trial.stack}", mine)
        operator.types(shell + mine, TOKEN=outputs["importToken"])
        if mine.startswith("eval "):
            # The lines that follow are typed in the same shell.
            shell = f"{mine}\n"
    # What a guide sets is for the reader's own stack: here nobody brings it up with that.
    operator.settings_file.write_text(before)


def test_a_stack_that_was_removed_comes_again_with_its_settings(trial: Operator) -> None:
    assert trial.left_over() == []
    before = trial.settings_file.read_text()
    trial.succeeds("up")
    assert trial.settings_file.read_text() == before
    assert "no differences" in trial.succeeds("preview")
