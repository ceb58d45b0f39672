"""What a fault of the disk is, and what one run of it found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from ops.drills.promises import Promises

if TYPE_CHECKING:
    from ops.drills.disk.load import Reader, Writer
    from ops.drills.disk.volumes import Volumes


@dataclass
class Run(Promises):
    """One fault under load.

    Attributes:
        acknowledged: writes the server said were committed, before, during and after the fault.
        lost: those of them that are not there afterwards.
        written: writes acknowledged from when the fault was felt until its repair.
        read: reads answered from when the fault was felt until its repair.
        write_pause: the longest time without an acknowledged write, seconds.
        read_pause: the longest time without an answered read, seconds.
        write_again: seconds from the repair until a write is acknowledged; None: none failed until then.
        write_errors: what writers were told → how often.
        read_errors: what readers were told → how often.
        panics: times the server ended itself.
        restarts: times Docker started it again.
    """

    acknowledged: int = 0
    lost: int = 0
    written: int = 0
    read: int = 0
    write_pause: float = 0
    read_pause: float = 0
    write_again: float | None = None
    write_errors: Counter[str] = field(default_factory=Counter)
    read_errors: Counter[str] = field(default_factory=Counter)
    panics: int = 0
    restarts: int = 0


class Fault(ABC):
    """One fault, on a server where all is well.

    Attributes:
        title: what happens, as a heading.
        promise: what must hold, in a sentence or two.
        told_by: the alerts that tell of it.
    """

    title: ClassVar[str]
    promise: ClassVar[str]
    told_by: ClassVar[tuple[str, ...]]

    def __init__(self, volumes: Volumes, run: Run) -> None:
        """Nothing happens yet."""
        self.volumes = volumes
        self.run = run

    @abstractmethod
    def strike(self, writer: Writer, reader: Reader) -> None:
        """Makes the fault, and returns when it is felt.

        Raises:
            OpsError: nobody feels it.
        """

    def look(self) -> None:  # noqa: B027 - most show all they have in the load
        """Looks at what only this fault shows, at the end of the outage."""

    @abstractmethod
    def heal(self) -> None:
        """Repairs it, as the runbook says."""

    @abstractmethod
    def judge(self) -> None:
        """Checks what only this fault promises, when all is whole again."""
