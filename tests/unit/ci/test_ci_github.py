"""What the workflows write on GitHub, one comment and one issue: against a server that answers alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from ops.ci import comment, drift
from ops.ci.github import connect
from ops.cli import app
from ops.errors import OpsError
from ops.preview.model import Change, Op, Preview
from ops.preview.properties import Property
from tests.unit.ci.github_server import REPOSITORY, TOKEN, github_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.ci.github_server import Repository

_MARK = "<!-- mundo:preview-dev -->"
_CHANGE = Change(
    op=Op.UPDATE, kind="CronJob", name="fold", component="database", properties=(Property("schedule", "1", "2"),)
)


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    with github_server() as made:
        monkeypatch.setenv("GITHUB_API_URL", made.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        yield made


def test_comment_is_made_once_and_then_changed_in_place(repository: Repository) -> None:
    said = [comment.stick(connect(), 7, "preview-dev", text) for text in ("one", "two", "two")]
    assert [one["body"] for one in repository.comments] == [f"{_MARK}\ntwo"]
    assert [line.split(" http")[0] for line in said] == [
        "made the comment",
        "changed the comment",
        "the comment says so already:",
    ]
    assert repository.writes == [
        f"POST /repos/{REPOSITORY}/issues/7/comments",
        f"PATCH /repos/{REPOSITORY}/issues/comments/1",
    ]


def test_comments_of_others_and_of_other_marks_are_left_alone(repository: Repository) -> None:
    others = [f"I saw this:\n{_MARK}", "<!-- mundo:preview-prod -->\nprod", None]
    for body in others:
        repository.add(repository.comments, body, on=7)
    comment.stick(connect(), 7, "preview-dev", "text")
    assert [one["body"] for one in repository.comments] == [*others, f"{_MARK}\ntext"]


def test_comment_is_found_on_a_later_page_and_its_doubles_go(repository: Repository) -> None:
    for number in range(230):
        repository.add(repository.comments, f"talk {number}", on=7)
    kept = repository.add(repository.comments, f"{_MARK}\nold", on=7)
    repository.add(repository.comments, f"{_MARK}\nold", on=7)
    comment.stick(connect(), 7, "preview-dev", "new")
    assert [one for one in repository.comments if one["body"].startswith(_MARK)] == [kept]
    assert kept["body"] == f"{_MARK}\nnew"
    assert [one for one in repository.requests if one.startswith("GET")] == [
        f"GET /repos/{REPOSITORY}/issues/7/comments"
    ] * 3


def test_drift_opens_changes_and_closes_one_issue(repository: Repository) -> None:
    repository.add(repository.issues, "<!-- mundo:drift-dev -->\na pull request", pull_request={})
    repository.add(repository.issues, "<!-- mundo:drift-prod -->\nprod's own")
    other = Change(op=Op.DELETE, kind="Container", name="redis-1", component="cache")
    states = []
    for changes in ((), (_CHANGE,), (_CHANGE,), (_CHANGE, other), (), (), (_CHANGE,)):
        drift.report(connect(), Preview("dev", changes), "https://example.org/run/1")
        states.append([one["state"] for one in repository.issues[2:]])
    assert states == [[], ["open"], ["open"], ["open"], ["closed"], ["closed"], ["closed", "open"]]
    issue = repository.issues[-1]
    assert issue["title"] == "Drift: stack dev is not as its state says"
    assert issue["labels"] == ["drift"]
    lines = issue["body"].splitlines()
    assert lines[:2] == ["<!-- mundo:drift-dev -->", "## Drift of stack `dev`: 1 changed"]
    assert "  - `schedule`: `1` → `2`" in lines
    assert "redis-1" in repository.issues[2]["body"]
    assert len([one for one in repository.writes if one.startswith("PATCH")]) == len(("changed", "closed"))


def test_refusals_are_one_line(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.refuses_writes = True
    with pytest.raises(
        OpsError,
        match=f"^GitHub refused POST /repos/{REPOSITORY}/issues/7/comments: 403 Resource not accessible by integration",
    ):
        comment.stick(connect(), 7, "preview-dev", "text")
    monkeypatch.setenv("GITHUB_TOKEN", "wrong")
    with pytest.raises(OpsError, match=r"^GitHub refused GET .*: 401 Bad credentials$"):
        comment.stick(connect(), 7, "preview-dev", "text")
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    with pytest.raises(OpsError, match=r"^GitHub does not answer \(GET /repos/.*\): .*refused"):
        comment.stick(connect(), 7, "preview-dev", "text")


@pytest.mark.parametrize("name", ["", "a b", "a-->", "Preview", "-a"])
def test_marker_that_could_show_is_refused(repository: Repository, name: str) -> None:
    with pytest.raises(OpsError, match=r"^marker '.*': allowed are "):
        comment.stick(connect(), 7, name, "text")
    assert repository.writes == []


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("GITHUB_TOKEN", "", "GITHUB_TOKEN is not set: a workflow hands it over, and --dry-run needs none"),
        ("GITHUB_REPOSITORY", "nonsense", "GITHUB_REPOSITORY=nonsense: expected owner/name"),
    ],
)
def test_missing_environment_is_one_line(  # noqa: PLR0917 - pytest's own way to name them
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, value: str, line: str
) -> None:
    monkeypatch.setenv(variable, value)
    (tmp_path / "preview.md").write_text("text")
    words = ["ci", "comment", "--file", str(tmp_path / "preview.md"), "--marker", "preview-dev", "--pull", "7"]
    answer = CliRunner().invoke(app, words)
    assert (answer.exit_code, answer.stderr) == (1, f"error: {line}\n")


def test_command_leaves_the_comment(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "preview.md").write_text("## Preview\n")
    words = ["ci", "comment", "--file", str(tmp_path / "preview.md"), "--marker", "preview-dev", "--pull", "7"]
    answer = CliRunner().invoke(app, words)
    assert answer.exit_code == 0, answer.output
    assert [one["body"] for one in repository.comments] == [f"{_MARK}\n## Preview\n"]
    words[3] = str(tmp_path / "none.md")
    answer = CliRunner().invoke(app, words)
    assert (answer.exit_code, answer.stderr) == (1, f"error: {tmp_path / 'none.md'}: there is no such file\n")


def test_dry_run_prints_and_asks_nobody(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    (tmp_path / "preview.md").write_text("## Preview\n")
    words = ["ci", "comment", "--file", str(tmp_path / "preview.md"), "--marker", "preview-dev", "--pull", "7"]
    answer = CliRunner().invoke(app, [*words, "--dry-run"])
    assert answer.exit_code == 0, answer.output
    assert f"POST /repos/{REPOSITORY}/issues/7/comments\nbody: {_MARK}\n## Preview" in answer.stdout
    assert repository.requests == []
