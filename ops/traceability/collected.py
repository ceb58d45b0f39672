"""Which tests pytest finds: asked once, and remembered until one of the files changes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_CACHE = ".pytest_cache/d/traceability.json"
_TIMEOUT_SECONDS = 240
_OF_A_RUN = ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST", "COV_")
_LISTED = (0, 5)
"""Exit statuses of pytest where it lists the tests, and where there are none."""
_NODE = re.compile(r"^(tests/[\w/]+\.py::[\w:]+)", re.MULTILINE)
_BROKEN = re.compile(r"^_+ ERROR collecting (\S+) _+$(.*?)(?=^[_=]{3,} )", re.MULTILINE | re.DOTALL)
_REASON = re.compile(r"^E +(\w[\w.]*(?:Error|Exception)\b.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Collected:
    """What pytest found.

    Attributes:
        tests: node ids without parameters, and those of the classes around them.
        broken: file that cannot be collected → why.
    """

    tests: frozenset[str]
    broken: dict[str, str] = field(default_factory=dict)


def collected(root: Path, files: Iterable[str]) -> Collected:
    """Ask pytest for the tests of these files, which must exist, relative to `root`.

    Raises:
        OpsError: pytest itself cannot be run.
    """
    asked = sorted(set(files))
    if not asked:
        return Collected(frozenset())
    key = _key(root, asked)
    cache = root / _CACHE
    try:
        kept = json.loads(cache.read_bytes())
        if kept["key"] == key:
            return Collected(frozenset(kept["tests"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = _ask(root, asked)
    if not found.broken:
        _keep(cache, json.dumps({"key": key, "tests": sorted(found.tests)}))
    return found


def _key(root: Path, files: Iterable[str]) -> str:
    """Digest of everything that decides which tests there are by name."""
    state = hashlib.sha256(sys.version.encode())
    around = [path.relative_to(root).as_posix() for path in sorted((root / "tests").rglob("conftest.py"))]
    for name in (*files, *around, "pyproject.toml"):
        path = root / name
        state.update(f"\0{name}\0".encode() + (path.read_bytes() if path.is_file() else b""))
    return state.hexdigest()


def _ask(root: Path, files: list[str]) -> Collected:
    # A run inside a test must not take over the settings of the run around it.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(_OF_A_RUN)}
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--color=no", "-p", "no:cacheprovider", *files]
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment | {"COLUMNS": "400"},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OpsError(f"pytest did not list the tests within {_TIMEOUT_SECONDS} s") from None
    nodes = set(_NODE.findall(done.stdout))
    broken = {file: _reason(report) for file, report in _BROKEN.findall(done.stdout)}
    if done.returncode not in _LISTED and not broken:
        last = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise OpsError(f"pytest cannot list the tests (exit status {done.returncode}): {last}")
    return Collected(frozenset(around for node in nodes for around in _with_classes(node)), broken)


def _reason(report: str) -> str:
    found = _REASON.search(report)
    return found[1] if found else "pytest --collect-only says why"


def _with_classes(node: str) -> list[str]:
    parts = node.split("::")
    return ["::".join(parts[:count]) for count in range(2, len(parts) + 1)]


def _keep(cache: Path, text: str) -> None:
    """Write whole or not at all: runs at once may meet here."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    part = cache.with_suffix(f".{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(cache)
