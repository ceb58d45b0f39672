"""All of Redis, or PostgreSQL, is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ops.drills.faults.base import Fault

if TYPE_CHECKING:
    from ops.drills.run import Run
    from ops.load import Outcome

NOTICED_SECONDS = 3.0
"""When every cached answer must be marked stale: the poller may miss 2 s, and a second for its own deadline."""


class RedisGone(Fault):
    """All servers and Sentinels are killed."""

    title: ClassVar[str] = "All of Redis is killed (-9)"
    promise: ClassVar[str] = (
        "PostgreSQL answers what the app does not hold itself: no request fails. All of it comes back with every write "
        "that it acknowledged (AOF)."
    )
    promotes: ClassVar[bool | None] = None
    added_limit_ms: ClassVar[float | None] = None
    loses_writes: ClassVar[bool] = False

    def strike(self) -> None:
        """Kills the Sentinels, so that they promote nobody in between, then the servers."""
        for ip in [*self.stage.sentinels, *self.stage.servers]:
            self.stage.container_at(ip).kill("SIGKILL")

    def heal(self) -> None:
        """Starts all of it, the servers first."""
        for ip in [*self.stage.servers, *self.stage.sentinels]:
            self.stage.container_at(ip).start()


class PostgresGone(Fault):
    """PostgreSQL is killed."""

    title: ClassVar[str] = "PostgreSQL is killed (-9)"
    promise: ClassVar[str] = (
        "What is cached is answered as before, no such request fails or becomes slower by 100 ms, and from 3 s after "
        "the fault each answer is marked stale (`X-Cache-Stale`). What was never asked before is refused with 503."
    )
    promotes: ClassVar[bool | None] = False
    loses_writes: ClassVar[bool] = False
    kinds: ClassVar[tuple[str, ...]] = ("warm",)

    def strike(self) -> None:
        """Kills it."""
        self.stage.container("postgres").kill("SIGKILL")

    def heal(self) -> None:
        """Starts it again."""
        self.stage.container("postgres").start()

    async def judge(self, run: Run, outcomes: list[Outcome], master: str) -> None:
        """Stale answers are marked, and those of a whole system are not."""
        del master
        answered = [outcome for outcome in outcomes if outcome.request.kind == "warm" and outcome.status]
        before = [outcome for outcome in answered if outcome.due < run.struck]
        during = [o for o in answered if run.struck + NOTICED_SECONDS < o.due < run.healing]
        unmarked = sum(not outcome.stale for outcome in during)
        wrong = sum(outcome.stale for outcome in before)
        run.note(
            f"{len(during)} cached answers later than {NOTICED_SECONDS:g} s after the fault, "
            f"{len(during) - unmarked} of them marked stale"
        )
        run.check("cached answers go on", len(during) > 0, "none came")
        run.check("every one is marked stale", unmarked == 0, f"{unmarked} of {len(during)} are not")
        run.check("none is marked before the fault", wrong == 0, f"{wrong} of {len(before)} are")
        statuses = {o.status for o in outcomes if o.request.kind == "cold" and o.due > run.struck}
        run.check("what is not cached is refused cleanly", statuses <= {200, 503}, str(sorted(statuses)))
