"""The master is lost: killed, frozen, or cut off the network."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, ClassVar

from ops.drills.faults.base import Fault

if TYPE_CHECKING:
    from ops.drills.run import Run
    from ops.load import Outcome

_LAG_SLACK_SECONDS = 2.0  # its clock of replicas ticks once a second, and it began a second ago at most


class MasterKilled(Fault):
    """`kill -9` of the master's container."""

    title: ClassVar[str] = "The master is killed (-9)"
    promise: ClassVar[str] = (
        "A replica is promoted; no request fails, none becomes slower by 100 ms. The old master comes back "
        "as a replica."
    )

    def strike(self) -> None:
        """Kills it."""
        self.stage.container_at(self.master).kill("SIGKILL")

    def heal(self) -> None:
        """Starts it again."""
        self.stage.container_at(self.master).start()


class MasterFrozen(Fault):
    """The master's processes stop where they are; its connections stay."""

    title: ClassVar[str] = "The master is frozen (SIGSTOP of all its processes)"
    promise: ClassVar[str] = (
        "A replica is promoted; no request fails, none becomes slower by 100 ms, though nothing says that the "
        "connections are dead. The old master, once it goes on, becomes a replica."
    )

    def strike(self) -> None:
        """Freezes it."""
        self.stage.container_at(self.master).pause()

    def heal(self) -> None:
        """Lets it go on."""
        self.stage.container_at(self.master).unpause()


class MasterCutOff(Fault):
    """The master is taken off the network, with a client on its side that goes on writing."""

    title: ClassVar[str] = "The master is cut off the network"
    promise: ClassVar[str] = (
        "A replica is promoted; no request fails, none becomes slower by 100 ms. A client on the side of the old "
        "master is refused (NOREPLICAS) once no replica was heard for min-replicas-max-lag; what it wrote until then "
        "is lost, and nothing else is."
    )
    _log = "/tmp/cut-off.log"  # noqa: S108 - in the container's own tmpfs
    _writer = (
        'n=0; while [ "$n" -lt 1200 ]; do echo TIME; echo "SET drill:cut-off:$1:$n 1 EX 3600"; n=$((n+1)); sleep 0.05;'
        ' done | REDISCLI_AUTH=$(cat /run/mundo/secrets/password) redis-cli -h 127.0.0.1 >"$0"'
    )

    def strike(self) -> None:
        """Starts the client beside it, then cuts both off."""
        self._name = str(time.monotonic_ns())
        container = self.stage.container_at(self.master)
        container.exec_run(["sh", "-c", self._writer, self._log, self._name], detach=True)
        time.sleep(0.5)
        self.stage.cut_off(self.master)
        self._cut = time.time()

    def heal(self) -> None:
        """Connects it again."""
        said: Any = self.stage.container_at(self.master).exec_run(["cat", self._log]).output
        self._said = str(said.decode())
        self.stage.reconnect(self.master)

    async def judge(self, run: Run, outcomes: list[Outcome], master: str) -> None:
        """How long the old master went on accepting, and that just this was lost."""
        del outcomes
        answers = re.findall(r"^(\d{10})\n(\d+)\n(OK|.*NOREPLICAS.*)$", self._said, re.MULTILINE)
        accepted = [
            (number, int(seconds) + int(micros) / 1e6)
            for number, (seconds, micros, said) in enumerate(answers)
            if said == "OK"
        ]
        limit = await self._max_lag(master)
        last = max((moment for _, moment in accepted), default=self._cut) - self._cut
        async with self.stage.server(master) as client:
            values = await client.mget([f"drill:cut-off:{self._name}:{number}" for number, _ in accepted])
        lost = [moment for (_, moment), value in zip(accepted, values, strict=True) if value is None]
        run.note(
            f"on its side the old master accepted writes for {last:.1f} s more (min-replicas-max-lag {limit} s): "
            f"{len(lost)} of {len(accepted)} lost"
        )
        run.acknowledged += len(accepted)
        run.lost += len(lost)
        run.check(f"refuses on its side after {limit} s", last <= limit + _LAG_SLACK_SECONDS, f"after {last:.1f} s")
        refused = sum("NOREPLICAS" in said for _, _, said in answers)
        run.check("refuses with NOREPLICAS", refused > 0 or run.window < limit, f"{len(answers)} answers, none of them")

    async def _max_lag(self, master: str) -> float:
        async with self.stage.server(master, operator=True) as client:
            found: Any = await client.config_get("min-replicas-max-lag")
        return float(found["min-replicas-max-lag"])
