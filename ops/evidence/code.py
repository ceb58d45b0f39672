"""KPIs of the code: what the linters find, and what the tests run."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import coverage

from app.release import Evidence

if TYPE_CHECKING:
    from pathlib import Path

_FINDING: Final = re.compile(r"^([^:\n]+\.py):\d+: error:", re.MULTILINE)


def code_quality(root: Path) -> Evidence:
    """Share of the Python files of the checkout in which neither ruff nor mypy finds anything.

    Raises:
        OSError: a linter cannot be run.
        ValueError: a linter broke off.
    """
    files = _run(root, "git", "ls-files", "*.py").stdout.split()
    ruff = _run(root, sys.executable, "-m", "ruff", "check", "--output-format=json", "--exit-zero", ".")
    if ruff.returncode:
        raise ValueError(f"ruff broke off: {ruff.stderr.strip()}")
    found = {str((root / finding["filename"]).relative_to(root)) for finding in json.loads(ruff.stdout)}
    mypy = _run(root, sys.executable, "-m", "mypy", ".")
    if mypy.returncode not in {0, 1}:
        raise ValueError(f"mypy broke off: {(mypy.stderr or mypy.stdout).strip()}")
    found |= set(_FINDING.findall(mypy.stdout))
    clean = sum(file not in found for file in files)
    return Evidence(
        value=round(clean / len(files), 4), measured_at=_now(), command="make lint types", source="tests/lint.sh"
    )


def test_coverage(root: Path) -> Evidence | None:
    """Share of lines and branches that the last `make test` ran; None where it did not run here.

    Raises:
        coverage.CoverageException: what it wrote cannot be read.
    """
    data = root / ".coverage"
    if not data.is_file():
        return None
    report = coverage.Coverage(data_file=str(data), config_file=str(root / "pyproject.toml"))
    report.load()
    percent = report.report(file=io.StringIO(), ignore_errors=True)
    made = datetime.fromtimestamp(int(data.stat().st_mtime), UTC)
    return Evidence(value=round(percent / 100, 4), measured_at=made, command="make test", source="tests/run.sh")


def _run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
