"""What a fault is: how it strikes, how it is repaired, and what is promised while it lasts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ops.drills.run import Run
    from ops.drills.stage import Stage
    from ops.load import Outcome


class Fault(ABC):
    """One fault, on a stage where all is well. Methods that talk to Docker block and are called in a thread.

    Attributes:
        title: what happens, as a heading.
        promise: what must hold, in a sentence or two.
        promotes: whether another server must be the master afterwards; None: either is right.
        loses_writes: whether acknowledged writes may be lost, bounded by min-replicas-max-lag.
        added_limit_ms: what the fault may add to the slowest request; None: not promised.
        pause_limit_ms: how long writes may pause; None: not promised.
        kinds: kinds of requests that must not fail.
    """

    title: ClassVar[str]
    promise: ClassVar[str]
    promotes: ClassVar[bool | None] = True
    loses_writes: ClassVar[bool] = True
    added_limit_ms: ClassVar[float | None] = 100
    pause_limit_ms: ClassVar[float | None] = None
    kinds: ClassVar[tuple[str, ...]] = ("warm", "cold")

    def __init__(self, stage: Stage, master: str) -> None:
        """`master` is the address of the server that is the master now."""
        self.stage = stage
        self.master = master
        self.replicas = [ip for ip in stage.servers if ip != master]

    @abstractmethod
    def strike(self) -> None:
        """Makes the fault."""

    @abstractmethod
    def heal(self) -> None:
        """Repairs it, halfway through its window, while requests go on."""

    def mend(self) -> None:  # noqa: B027 - most have nothing left to repair
        """Repairs what is left, after the load."""

    async def judge(  # noqa: B027 - most promise nothing of their own
        self, run: Run, outcomes: list[Outcome], master: str
    ) -> None:
        """Looks at what only this fault promises; `master` is the one afterwards."""
