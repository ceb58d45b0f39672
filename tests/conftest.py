"""How the tests share the machine: what shares a fixture of containers stays together, the rest is spread by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

_TOGETHER = ("database", "integration", "e2e")
# These have a stack of their own beside that of the other end-to-end tests: both wait more than they work.
_SECOND_STACK = ("test_database.py", "test_runbooks.py")


class ByFolder(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each folder with containers of its own to one worker (pytest-xdist)."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", maxsplit=1)[0]
        _, folder, name = path.split("/", maxsplit=2)
        if folder == "e2e" and name in _SECOND_STACK:
            return "e2e, second stack"
        return folder if folder in _TOGETHER else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder:
    """The scheduler of runs with several workers."""
    return ByFolder(config, log)
