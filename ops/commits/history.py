"""What git knows: commits, their messages, and files as they were."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.errors import OpsError

if TYPE_CHECKING:
    from pathlib import Path

_FORM = "%H%x00%B%x00"


@dataclass(frozen=True)
class Commit:
    """One commit."""

    sha: str
    message: str

    @property
    def named(self) -> str:
        """Its short name and first line."""
        return f"{self.sha[:12]} {self.message.partition(chr(10))[0]!r}"


def git(root: Path, *arguments: str) -> str:
    """What git prints in the checkout at `root`.

    Raises:
        OpsError: git refuses, with its reason.
    """
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except OSError as error:
        raise OpsError(f"git cannot be run: {error}") from error
    if done.returncode:
        reason = next(iter(done.stderr.strip().splitlines()), f"exit status {done.returncode}")
        raise OpsError(f"git {arguments[0]}: {reason}")
    return done.stdout


def commits(root: Path, among: str = "HEAD") -> list[Commit]:
    """The commits that `among` names (`A..B`, or all up to one), oldest first, without merges.

    Raises:
        OpsError: git does not know what it names.
    """
    if among.startswith("-"):
        raise OpsError(f"{among} is no range of commits, such as main..HEAD")
    printed = git(root, "log", "--reverse", "--no-merges", f"--format={_FORM}", among, "--")
    # A commit is name, message and the line's end that git puts behind each.
    fields = printed.split("\0")[:-1]
    return [Commit(sha.strip(), message) for sha, message in zip(fields[::2], fields[1::2], strict=True)]


def shallow(root: Path) -> bool:
    """Whether the checkout at `root` lacks a part of its history, or has none."""
    try:
        return git(root, "rev-parse", "--is-shallow-repository").strip() != "false"
    except OpsError:
        return True
