"""`make changelog`: CHANGELOG.md from the commits and the tags, by git-cliff.

The page cannot hold the commit that brings it, so what is checked is the commit that last touched it: the page must be
what git-cliff gives for the history up to there. A release is stricter: the page must be what its tag gives.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ops.commits import convention, history
from ops.errors import OpsError

if TYPE_CHECKING:
    from rich.console import Console

PAGE: Final = "CHANGELOG.md"
MEND: Final = "make changelog"
_VERSION: Final = re.compile(r"v\d+\.\d+\.\d+")
_NEWEST: Final = re.compile(r"^## (v\d+\.\d+\.\d+)\b", re.MULTILINE)


def write(root: Path, out: Console, version: str | None) -> None:
    """Write the page; with `version`, what is not released yet stands under that version, which is tagged next.

    Raises:
        OpsError: git-cliff refuses, or the version is none or is taken.
    """
    if version is not None:
        if not _VERSION.fullmatch(version):
            raise OpsError(f"'{version}' is no version: write v1.2.3")
        if version in _tags(root):
            raise OpsError(f"{version} is tagged already")
    (root / PAGE).write_text(render(root, version=version), encoding="utf-8")
    out.print(f"{PAGE} is written; commit it alone, as docs(changelog)", highlight=False)


def check(root: Path, out: Console) -> None:
    """Check that the committed page is what the history up to its last commit gives.

    Raises:
        OpsError: it is another one, or was never committed.
    """
    touched = history.git(root, "log", "-1", "--format=%H", "--", PAGE).strip()
    if not touched:
        raise OpsError(f"{PAGE} was never committed: {MEND}")
    page = history.git(root, "show", f"{touched}:{PAGE}")
    newest = _NEWEST.search(page)
    # Between the commit of a version's page and its tag, only the page knows the version.
    version = newest[1] if newest and newest[1] not in _tags(root) else None
    if page != render(root, upto=touched, version=version):
        raise OpsError(f"{PAGE} is not what the commits up to {touched[:12]} give: {MEND}")
    out.print(f"{PAGE} is what the commits up to {touched[:12]} give", highlight=False)


def release(root: Path, version: str, links: str | None) -> str:
    """The notes of the release `version`, whose tag is checked out.

    Args:
        root: the checkout.
        version: the tag.
        links: address below which commits are shown; relative to the page where None.

    Raises:
        OpsError: the tag is another one, or the page is not what it gives.
    """
    if version not in history.git(root, "tag", "--points-at", "HEAD").split():
        raise OpsError(f"{version} is not the tag of what is checked out")
    page = root / PAGE
    if not page.is_file() or page.read_text(encoding="utf-8") != render(root):
        raise OpsError(f"{PAGE} is not what {version} gives: {MEND} VERSION={version}, commit it, tag that commit")
    return _cliff(root, "--current", "--strip", "all", links=links)


def render(root: Path, *, upto: str | None = None, version: str | None = None) -> str:
    """The page.

    Args:
        root: the checkout whose history is told.
        upto: the full name of the last commit that counts; the one that is checked out where None.
        version: what stands above the commits that no tag holds.

    Raises:
        OpsError: git-cliff refuses, as it does where a commit breaks the convention.
    """
    return _cliff(root, *(("--tag", version) if version else ()), *((upto,) if upto else ()))


def _tags(root: Path) -> list[str]:
    return history.git(root, "tag", "--list").split()


def _cliff(root: Path, *arguments: str, links: str | None = None) -> str:
    # Only what is asked for here decides, not a variable of the person's own.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_CLIFF", "CHANGELOG"))}
    if links:
        environment["CHANGELOG_COMMITS"] = links
    program = Path(sys.executable).with_name("git-cliff")
    command = [str(program), "--offline", "--no-exec", "--use-branch-tags", "--config", convention.CONFIG, *arguments]
    try:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise OpsError(f"git-cliff cannot be run: {error}; make setup") from error
    if done.returncode:
        reason = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr).strip().splitlines()
        raise OpsError(f"git-cliff: {' '.join(line.strip() for line in reason if 'INFO' not in line)}")
    return done.stdout.rstrip() + "\n"
