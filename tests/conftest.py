"""How the tests share the machine: what shares a fixture of containers stays together, the rest is spread."""

from __future__ import annotations

from pathlib import Path

import pytest

_TOGETHER = ("database", "integration", "e2e")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps each folder with containers of its own on one worker (pytest-xdist, `--dist loadgroup`)."""
    folder = Path(__file__).parent
    for item in items:
        part = item.path.relative_to(folder).parts[0]
        if part in _TOGETHER:
            item.add_marker(pytest.mark.xdist_group(part))
