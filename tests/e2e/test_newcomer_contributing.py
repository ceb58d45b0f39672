"""A new person types every command of the contributing guide in a clone of their own."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from ops.paths import ROOT
from tests.e2e.operator import checkout
from tests.e2e.test_newcomer import IN_A_CLONE, typed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.operator import Operator

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone whose newest commit is the checkout as it is now."""
    folder = tmp_path_factory.mktemp("newcomer") / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    checkout(folder)
    git(folder, "add", "--all")
    if git(folder, "status", "--porcelain"):
        git(folder, "commit", "-q", "-m", "test: the checkout as it is")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """What git says; whoever commits has a name."""
    somebody = ["-c", "user.name=Newcomer", "-c", "user.email=newcomer@example.org"]
    return subprocess.run(["git", *somebody, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_every_command_of_the_contributing_guide_works(clone: Path, operator: Operator) -> None:
    git(clone, "config", "user.name", "Newcomer")
    git(clone, "config", "user.email", "newcomer@example.org")
    (clone / ".gitignore").write_text((clone / ".gitignore").read_text() + ".venv\n")
    git(clone, "commit", "-q", "-am", "test: the tools of another checkout")
    for command in typed(IN_A_CLONE):
        if command.startswith(".venv/bin/pytest "):
            # This run runs them: here it counts that they are there.
            collected = f"{command} --collect-only -q -p no:cacheprovider"
            shown = operator.types(collected, cwd=clone, PYTEST_ADDOPTS="")
            assert re.search(r"^tests/.*::", shown, re.MULTILINE), command
        elif command == "make up":
            operator.types(command)
        elif command == "make kpis":
            # It fails while a KPI is missed, whatever is right with the command: the table counts.
            assert " met " in operator.types(f"{command} || true")
        else:
            operator.types(command, cwd=clone)
        if command == "make traceability WRITE=1":
            # Everything generated was made anew, and is what is committed.
            assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "tag", "--list") == "v0.2.0\n"
    assert git(clone, "log", "-1", "--format=%s") == "docs(changelog): v0.2.0\n"
