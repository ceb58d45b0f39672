"""How the tests share the machine: what shares a fixture of containers stays together, the rest is spread by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

_TOGETHER = ("database", "integration", "e2e")


class ByFolder(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each folder with containers of its own to one worker (pytest-xdist)."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.split("/", maxsplit=2)[1]
        return folder if folder in _TOGETHER else nodeid.split("::", maxsplit=1)[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder:
    """The scheduler of runs with several workers."""
    return ByFolder(config, log)
