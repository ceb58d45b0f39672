"""Processor time of the programs of containers, as the kernel of this machine counts it.

A container's own counter includes its health checks, which are processes of their own; here only programs count that
were there at the beginning.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

_PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_POLL_SECONDS: Final = 0.5


def of(container: Container) -> list[int]:
    """Numbers of the processes of a container, on this machine."""
    key = str(container.id)
    found = []
    for entry in _PROC.iterdir():
        # A process may end while it is looked at.
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and key in (entry / "cgroup").read_text(encoding="utf-8"):
                found.append(int(entry.name))
    return found


def seconds(process: int) -> float:
    """Processor time that a process has had, with all of its threads; 0 for one that has ended."""
    with contextlib.suppress(OSError):
        # The name, which stands in brackets, may hold anything.
        fields = (_PROC / str(process) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0


@dataclass
class Sessions:
    """The sessions of one login of PostgreSQL, which come and go: looked at twice a second.

    Attributes:
        container: the server.
        login: its name.
    """

    container: Container
    login: str
    _begun: dict[int, float] = field(default_factory=dict)
    _seen: dict[int, float] = field(default_factory=dict)
    _first: bool = True

    def look(self) -> None:
        """Notes what each session has had by now."""
        for process in of(self.container):
            with contextlib.suppress(OSError):
                title = (_PROC / str(process) / "cmdline").read_bytes()
                if not title.startswith(f"postgres: {self.login} ".encode()):
                    continue
                # Nanoseconds, since a session has but a few milliseconds; it has one thread.
                spent = int((_PROC / str(process) / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
                self._begun.setdefault(process, spent if self._first else 0.0)
                self._seen[process] = spent
        self._first = False

    @property
    def seconds(self) -> float:
        """Processor time since the first look; that of a session which began later, from its beginning."""
        return sum(self._seen[process] - self._begun[process] for process in self._seen)

    @property
    def count(self) -> int:
        """Sessions that were seen."""
        return len(self._seen)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Looks again and again for the length of the block."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_POLL_SECONDS):
                self.look()

        self.look()
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            self.look()
