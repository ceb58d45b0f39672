"""A replica or Sentinels are lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

import redis

from components.cache_config import MASTER_NAME, SENTINEL_PORT
from ops.drills.faults.base import Fault

if TYPE_CHECKING:
    from ops.drills.run import Run
    from ops.load import Outcome

_KILL_THE_MASTER_AFTER = 1.0
_PROMOTED_WITHIN = 60.0


class ReplicaLost(Fault):
    """`kill -9` of one replica."""

    title: ClassVar[str] = "A replica is killed (-9)"
    promise: ClassVar[str] = (
        "The master stays, and writes go on; no request fails, none becomes slower by 100 ms, no write is lost."
    )
    promotes: ClassVar[bool | None] = False
    loses_writes: ClassVar[bool] = False

    def strike(self) -> None:
        """Kills it."""
        self.stage.container_at(self.replicas[0]).kill("SIGKILL")

    def heal(self) -> None:
        """Starts it again."""
        self.stage.container_at(self.replicas[0]).start()


class SentinelLost(Fault):
    """`kill -9` of one Sentinel."""

    title: ClassVar[str] = "A Sentinel is killed (-9)"
    promise: ClassVar[str] = "Nothing happens: the master stays, no request fails or becomes slower, no write is lost."
    promotes: ClassVar[bool | None] = False
    loses_writes: ClassVar[bool] = False

    def strike(self) -> None:
        """Kills it."""
        self.stage.container_at(self.stage.sentinels[0]).kill("SIGKILL")

    def heal(self) -> None:
        """Starts it again."""
        self.stage.container_at(self.stage.sentinels[0]).start()


class TwoSentinelsLost(Fault):
    """Two Sentinels, and then the master: the one that is left must not act alone."""

    title: ClassVar[str] = "Two Sentinels are killed, then the master"
    promise: ClassVar[str] = (
        "The Sentinel that is left promotes nobody and says so (NOQUORUM): one alone may be the one that is cut off. "
        "Requests are answered without Redis' master, none fails. With the Sentinels back a replica is promoted."
    )
    added_limit_ms: ClassVar[float | None] = None

    def strike(self) -> None:
        """Kills the Sentinels, then the master."""
        for ip in self.stage.sentinels[:2]:
            self.stage.container_at(ip).kill("SIGKILL")
        time.sleep(_KILL_THE_MASTER_AFTER)
        self.stage.container_at(self.master).kill("SIGKILL")

    def heal(self) -> None:
        """Asks the last Sentinel, then starts the others."""
        with redis.Redis(
            host=self.stage.sentinels[2], port=SENTINEL_PORT, password=self.stage.password, decode_responses=True
        ) as last:
            self._named = str(last.sentinel_get_master_addr_by_name(MASTER_NAME)[0])
            try:
                self._said = str(last.execute_command("SENTINEL", "CKQUORUM", MASTER_NAME))
            except redis.ResponseError as error:
                self._said = str(error)
        self._roles = []
        for ip in self.replicas:
            with redis.Redis(host=ip, password=self.stage.password, decode_responses=True) as client:
                self._roles.append(str(client.info("replication")["role"]))
        for ip in self.stage.sentinels[:2]:
            self.stage.container_at(ip).start()

    def mend(self) -> None:
        """Starts the old master, once the Sentinels have named another."""
        end = time.monotonic() + _PROMOTED_WITHIN
        with redis.Redis(
            host=self.stage.sentinels[2], port=SENTINEL_PORT, password=self.stage.password, decode_responses=True
        ) as last:
            while last.sentinel_get_master_addr_by_name(MASTER_NAME)[0] == self.master and time.monotonic() < end:
                time.sleep(0.1)
        self.stage.container_at(self.master).start()

    async def judge(self, run: Run, outcomes: list[Outcome], master: str) -> None:
        """Nobody was promoted while one Sentinel was left, and it said so."""
        del outcomes, master
        run.note(f"with one Sentinel left nobody is promoted; it says: {self._said}")
        run.check("says NOQUORUM", "NOQUORUM" in self._said, self._said)
        run.check("still names the dead master", self._named == self.master, self._named)
        run.check("promotes nobody alone", self._roles == ["slave", "slave"], str(self._roles))
