"""CHANGELOG.md, made by the real git-cliff from real repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from ops.commits import changelog
from ops.commits.convention import fault, types
from ops.errors import OpsError
from ops.paths import ROOT
from tests.unit.flow.repository import Repository, own_history

if TYPE_CHECKING:
    from pathlib import Path

QUIET = Console(quiet=True)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.make(tmp_path / "repository")
    made.commit("feat(app): the first thing")
    return made


def written(repository: Repository, version: str | None = None) -> str:
    """The page as written and committed."""
    changelog.write(repository.root, QUIET, version)
    repository.commit("docs(changelog): anew")
    return (repository.root / changelog.PAGE).read_text(encoding="utf-8")


def headings(page: str) -> list[str]:
    """The page's headings below its title."""
    return [line for line in page.splitlines() if line.startswith("##")]


def test_commits_are_grouped_below_the_versions_of_the_tags(repository: Repository) -> None:
    repository.git("tag", "v0.1.0")
    fix = repository.commit("fix(sql): a wrong number\n\nWhy it was wrong.")
    repository.commit("perf: faster")
    repository.commit("test: more of it")
    repository.commit("feat: [brackets] & <angles>")
    page = changelog.render(repository.root)
    assert headings(page) == [
        "## Unreleased",
        "### Features",
        "### Fixes",
        "### Performance",
        "## v0.1.0, 2026-01-02",
        "### Features",
    ]
    assert f"- **sql**: a wrong number ([{fix[:7]}](../../commit/{fix}))" in page
    assert "[brackets] & <angles>" in page
    assert "more of it" not in page
    assert "Why it was wrong" not in page


def test_what_breaks_stands_on_top_whatever_its_type(repository: Repository) -> None:
    repository.commit("fix: a number\n\nBREAKING CHANGE: the old route\nis gone")
    repository.commit("refactor(app)!: other names")
    page = changelog.render(repository.root)
    assert headings(page) == ["## Unreleased", "### Breaking changes", "### Features"]
    breaking = page.partition("### Breaking changes")[2].partition("### ")[0]
    assert "- a number" in breaking
    assert "\n  the old route is gone\n" in breaking
    assert "- **app**: other names" in breaking


def test_the_same_history_gives_the_same_page(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.git("tag", "v0.1.0")
    repository.commit("fix: two")
    first = changelog.render(repository.root)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("GIT_CLIFF_TAG", "v9.9.9")
    monkeypatch.setenv("CHANGELOG_COMMITS", "https://elsewhere.example")
    assert changelog.render(repository.root) == first


def test_the_page_stays_true_when_it_is_committed_and_after(repository: Repository) -> None:
    written(repository)
    changelog.check(repository.root, QUIET)
    repository.commit("feat: later")
    changelog.check(repository.root, QUIET)


def test_a_page_that_was_changed_by_hand_or_came_too_late_is_named(repository: Repository) -> None:
    with pytest.raises(OpsError, match=r"CHANGELOG\.md was never committed: make changelog"):
        changelog.check(repository.root, QUIET)
    page = written(repository)
    (repository.root / changelog.PAGE).write_text(page.replace("first", "best"), encoding="utf-8")
    repository.commit("docs(changelog): by hand")
    with pytest.raises(OpsError, match=r"is not what the commits up to .* give: make changelog"):
        changelog.check(repository.root, QUIET)
    changelog.write(repository.root, QUIET, None)
    repository.commit("fix: unheard of by the page that comes with it")
    with pytest.raises(OpsError, match="is not what the commits up to"):
        changelog.check(repository.root, QUIET)


def test_a_version_is_written_tagged_and_released(repository: Repository) -> None:
    page = written(repository, "v0.1.0")
    assert headings(page)[0] == "## v0.1.0, 2026-01-02"
    changelog.check(repository.root, QUIET)
    repository.git("tag", "v0.1.0")
    changelog.check(repository.root, QUIET)
    repository.commit("fix: two")
    written(repository, "v0.2.0")
    with pytest.raises(OpsError, match=r"v0\.2\.0 is not the tag of what is checked out"):
        changelog.release(repository.root, "v0.2.0", None)
    repository.git("tag", "v0.2.0")
    notes = changelog.release(repository.root, "v0.2.0", "https://forge.example/mundo/commit")
    assert headings(notes) == ["## v0.2.0, 2026-01-04", "### Fixes"]
    assert "](https://forge.example/mundo/commit/" in notes
    assert "the first thing" not in notes


def test_a_release_whose_page_tells_another_story_is_refused(repository: Repository) -> None:
    written(repository)
    repository.git("tag", "v0.1.0")
    with pytest.raises(OpsError, match=r"CHANGELOG.md is not what v0.1.0 gives: make changelog VERSION=v0.1.0"):
        changelog.release(repository.root, "v0.1.0", None)


def test_a_version_that_is_none_or_taken_is_refused(repository: Repository) -> None:
    repository.git("tag", "v0.1.0")
    for version, why in (("1.0", "is no version"), ("v0.1.0", "is tagged already")):
        with pytest.raises(OpsError, match=why):
            changelog.write(repository.root, QUIET, version)
    assert not (repository.root / changelog.PAGE).exists()


def test_what_the_check_would_refuse_the_changelog_refuses_too(repository: Repository) -> None:
    repository.commit("Fixed the thing")
    with pytest.raises(OpsError, match=r"git-cliff: .*is not conventional.*Fixed the thing"):
        changelog.render(repository.root)


def test_merges_do_not_stand_on_the_page(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "other")
    repository.commit("feat: of the branch")
    repository.git("checkout", "-q", "main")
    repository.commit("fix: two")
    repository.git("merge", "-q", "--no-ff", "-m", "Merge branch 'other'\n\nWith a body.", "other")
    page = changelog.render(repository.root)
    assert "of the branch" in page
    assert "Merge" not in page


@pytest.mark.parametrize("kind", types(ROOT))
def test_every_type_that_is_let_through_is_known_to_the_page(repository: Repository, kind: str) -> None:
    message = f"{kind}(x)!: what it breaks"
    assert fault(message, types(ROOT)) is None
    repository.commit(message)
    page = changelog.render(repository.root)
    assert "### Breaking changes" in page
    assert "what it breaks" in page


@pytest.mark.skipif(not own_history(), reason="the checkout has not the history that the changelog tells")
def test_the_project_s_own_page_is_what_its_commits_give() -> None:
    changelog.check(ROOT, QUIET)
