"""The machine under a soak: its burners, and how busy it was by its own account (/proc)."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ops.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_IDLE = (3, 4)  # idle and iowait in the first line of /proc/stat
_STEAL = 7
_FIELDS = 8


@dataclass(frozen=True)
class Times:
    """CPU time of the whole machine since its start, in ticks."""

    total: int
    idle: int
    steal: int

    @classmethod
    def now(cls) -> Times:
        """Reads /proc/stat."""
        first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
        ticks = [int(field) for field in first.split()[1 : _FIELDS + 1]]
        return cls(sum(ticks), sum(ticks[index] for index in _IDLE), ticks[_STEAL])

    def busy_percent(self, since: Times) -> float:
        """Share of the time since then in which the CPUs did anything, percent; stolen time included."""
        return 100 * (1 - (self.idle - since.idle) / max(1, self.total - since.total))

    def stolen_percent(self, since: Times) -> float:
        """Share of the time since then that the host gave to others, percent."""
        return 100 * (self.steal - since.steal) / max(1, self.total - since.total)


@contextlib.contextmanager
def kept_busy(seconds_on: float, seconds_off: float) -> Iterator[None]:
    """A burner on every core, at the normal priority; none where `seconds_on` is 0."""
    command = [sys.executable, "-m", "ops.soak.burn", str(os.getpid()), str(seconds_on), str(seconds_off)]
    count = (os.cpu_count() or 1) if seconds_on else 0
    # In a session of their own: an interruption at the keyboard is for the soak alone, which ends them.
    burners = [subprocess.Popen(command, start_new_session=True, cwd=ROOT) for _ in range(count)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
