"""Real repositories for the tests of the flow, with the project's own cliff.toml."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.commits.convention import CONFIG
from ops.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_BEGUN = 1_767_225_600  # 2026-01-01 UTC


@dataclass
class Repository:
    """A repository in a folder of its own; its commits are a day apart."""

    root: Path
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
