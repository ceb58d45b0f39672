"""How the tests share the machine: what shares a fixture of containers stays together, the rest is spread by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

_TOGETHER = ("database", "integration", "e2e", "web")
# Parts of a folder that share no fixture of containers with its rest: they run beside it, since both mostly wait.
_APART = {
    "e2e": ("test_alerts.py", "test_database.py", "test_runbooks.py"),
    "integration": ("test_drill_", "test_handover.py", "test_monitoring_images.py", "test_redis_image.py"),
}


class ByFolder(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each folder with containers of its own to one worker (pytest-xdist)."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", maxsplit=1)[0]
        _, folder, name = path.split("/", maxsplit=2)
        if folder not in _TOGETHER:
            return path
        return f"{folder}, apart" if name.startswith(_APART.get(folder, ())) else folder


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder:
    """The scheduler of runs with several workers."""
    return ByFolder(config, log)
