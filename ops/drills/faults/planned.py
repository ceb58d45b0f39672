"""The operator's own switch of the master."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ops import switch
from ops.drills.faults.base import Fault

if TYPE_CHECKING:
    from ops.drills.run import Run
    from ops.load import Outcome


class PlannedSwitch(Fault):
    """`make switch-master`."""

    title: ClassVar[str] = "Planned switch of the master (`make switch-master`)"
    promise: ClassVar[str] = (
        "Another server is the master, writes pause for less than 100 ms, no acknowledged write is lost, no request "
        "fails or becomes slower by 100 ms."
    )
    loses_writes: ClassVar[bool] = False
    pause_limit_ms: ClassVar[float | None] = 100

    def strike(self) -> None:
        """Switches."""
        self._switched = switch.switch_master(self.stage.sentinels, self.stage.password)

    def heal(self) -> None:
        """Nothing is broken."""

    async def judge(self, run: Run, outcomes: list[Outcome], master: str) -> None:
        """It is the one that the command said."""
        del outcomes
        run.note(self._switched.text)
        run.check("the master is the one that the command named", self._switched.new == master, master)
