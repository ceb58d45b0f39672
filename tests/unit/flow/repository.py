"""Real repositories for the tests of the flow, with the project's own cliff.toml."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.commits.changelog import PAGE
from ops.commits.convention import CONFIG
from ops.commits.history import commits, shallow
from ops.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_BEGUN = 1_767_225_600  # 2026-01-01 UTC


def own_history() -> bool:
    """Whether the checkout has the whole history that its changelog tells, not a part of it or another one."""
    page = ROOT / PAGE
    if shallow(ROOT) or not page.is_file():
        return False
    named = re.findall(r"/commit/([0-9a-f]{40})\)", page.read_text(encoding="utf-8"))
    return not {commit.sha for commit in commits(ROOT)}.isdisjoint(named)


@dataclass
class Repository:
    """A repository in a folder of its own; its commits are a day apart."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    """What git's hooks get beside git's own."""
    _days: int = 0

    @classmethod
    def make(cls, root: Path) -> Repository:
        """An empty repository at `root`."""
        root.mkdir()
        repository = cls(root)
        repository.git("init", "-q", "-b", "main")
        shutil.copy(ROOT / CONFIG, root / CONFIG)
        return repository

    def git(self, *arguments: str) -> str:
        """What git prints; the machine's own settings count for nothing."""
        moment = f"{_BEGUN + self._days * 86_400} +0000"
        person = {f"GIT_{who}_{what}": "somebody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": moment,
            "GIT_COMMITTER_DATE": moment,
            **person,
            **self.environment,
        }
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        """Commit all there is with `message`; the commit's name."""
        self._days += 1
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
        return self.git("rev-parse", "HEAD")
