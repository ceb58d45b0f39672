"""`python -m ops commits` over real repositories, and over this one's history."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ops.cli import app
from ops.commits.command import check_message, check_range
from ops.errors import OpsError
from ops.paths import ROOT
from tests.unit.flow.repository import Repository, own_history

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.make(tmp_path / "repository")


def checked(repository: Repository, among: str) -> tuple[int, str]:
    """Exit status, and what was printed of either kind."""
    printed = io.StringIO()
    console = Console(file=printed, width=300)
    return check_range(repository.root, console, console, among), printed.getvalue()


def test_only_the_commits_of_the_range_are_judged(repository: Repository) -> None:
    repository.commit("Initial import")
    base = repository.commit("feat: one")
    repository.commit("fix(app): two\n\nWith a body.\n\nAnd more of it.")
    assert checked(repository, f"{base}..HEAD") == (0, "1 commits keep the convention\n")
    status, printed = checked(repository, "HEAD")
    assert status == 1
    assert "'Initial import': it does not begin with a type" in printed
    assert len(printed.splitlines()) == 1


def test_every_fault_is_named_with_its_commit(repository: Repository) -> None:
    base = repository.commit("feat: one")
    faulty = [repository.commit(message) for message in ("wip", "fix: two.", "fix: three\nmore")]
    repository.commit("fix: [bold]four[/bold]")
    status, printed = checked(repository, f"{base}..HEAD")
    assert status == 1
    assert [line.split(maxsplit=1)[0] for line in printed.splitlines()] == [sha[:12] for sha in faulty]


def test_merges_are_not_judged_but_what_they_bring_is(repository: Repository) -> None:
    base = repository.commit("feat: one")
    repository.git("checkout", "-q", "-b", "other")
    repository.commit("whatever")
    repository.git("checkout", "-q", "main")
    repository.commit("fix: two")
    repository.git("merge", "-q", "--no-ff", "-m", "Merge branch 'other'", "other")
    status, printed = checked(repository, f"{base}..HEAD")
    assert status == 1
    assert "'whatever'" in printed
    assert "Merge" not in printed


@pytest.mark.parametrize("among", ["nothing..HEAD", "--all", "main...", "cliff.toml"])
def test_a_range_that_git_does_not_know_is_an_error_and_no_success(repository: Repository, among: str) -> None:
    repository.commit("feat: one")
    if among == "main...":
        assert checked(repository, among)[0] == 0
    else:
        with pytest.raises(OpsError):
            checked(repository, among)


@pytest.mark.parametrize(
    "message",
    [
        "fix: one\n\n# Please enter the commit message\n#\tmodified: x\n",
        "\n# leading comment\nfix: one\n",
        "fix: one\n\n# ------------------------ >8 ------------------------\n# diff\nBreaking change: gone\n",
        "fixup! fix: one\n",
        "Merge branch 'other'\n",
    ],
)
def test_the_hook_lets_through_what_git_will_keep_or_squash(tmp_path: Path, message: str) -> None:
    file = tmp_path / "COMMIT_EDITMSG"
    file.write_text(message, encoding="utf-8")
    check_message(ROOT, file)


@pytest.mark.parametrize("message", ["", "# nothing but a comment\n", "did things\n", "fix: one\n# x\nmore\n"])
def test_the_hook_refuses_with_the_reason(tmp_path: Path, message: str) -> None:
    file = tmp_path / "COMMIT_EDITMSG"
    file.write_text(message, encoding="utf-8")
    with pytest.raises(OpsError, match="the message is refused: "):
        check_message(ROOT, file)
    done = CliRunner().invoke(app, ["commits", "--file", str(file)])
    assert done.exit_code == 1


def test_a_message_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="cannot be read"):
        check_message(ROOT, tmp_path / "absent")


@pytest.mark.skipif(not own_history(), reason="the checkout has not the history that the changelog tells")
def test_the_whole_history_keeps_the_convention() -> None:
    done = CliRunner().invoke(app, ["commits"])
    assert done.exit_code == 0, done.output
