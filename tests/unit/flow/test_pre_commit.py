"""The hooks of pre-commit: the same parts as tests/lint.sh, and they refuse."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ops.paths import ROOT
from tests.unit.flow.repository import Repository

CONFIG = ROOT / ".pre-commit-config.yaml"
PROGRAM = Path(sys.executable).with_name("pre-commit")
LINT = ROOT / "tests" / "lint.sh"


def entries() -> list[str]:
    """What each hook runs."""
    (local,) = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["repos"]
    assert local["repo"] == "local"
    return [hook["entry"] for hook in local["hooks"]]


def test_every_part_of_the_lint_has_its_hook() -> None:
    parts = re.findall(r"^lint_(\w+)\(\)", LINT.read_text(encoding="utf-8"), re.MULTILINE)
    assert parts
    assert [entry for entry in entries() if "lint.sh" in entry] == [f"sh tests/lint.sh {part}" for part in parts]


def test_the_lint_runs_every_part_and_refuses_one_that_is_none() -> None:
    text = LINT.read_text(encoding="utf-8")
    parts = re.findall(r"^lint_(\w+)\(\)", text, re.MULTILINE)
    assert f"set -- {' '.join(parts)};" in text
    done = subprocess.run(["sh", LINT, "spelling"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "lint: 'spelling' is no part\n")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with the hooks, whose commands are those of this checkout."""
    made = Repository.make(tmp_path / "repository")
    made.environment["PRE_COMMIT_HOME"] = str(tmp_path / "cache")
    shutil.copy(CONFIG, made.root)
    (made.root / ".venv").symlink_to(ROOT / ".venv")
    for folder in ("ops", "components", "images", "app", "dashboards"):
        (made.root / folder).symlink_to(ROOT / folder)
    return made


def test_a_message_that_breaks_the_convention_is_refused_by_git_itself(repository: Repository) -> None:
    subprocess.run([PROGRAM, "install"], cwd=repository.root, capture_output=True, check=True)
    (repository.root / "farm.txt").write_text("hello\n", encoding="utf-8")
    repository.git("add", "farm.txt", ".pre-commit-config.yaml")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        repository.git("commit", "-m", "Did things")
    told = refused.value.stdout + refused.value.stderr
    assert "the message is refused: it does not begin with a type" in told
    repository.git("commit", "-q", "-m", "feat: did things")
    assert repository.git("log", "--format=%s") == "feat: did things"
