"""The faults of the cache, shortened, one after the other on one stage: what must hold, and no milliseconds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ops import switch
from ops.drills import failover
from ops.drills.faults import FAULTS
from ops.drills.faults.members import ReplicaLost, SentinelLost
from ops.drills.stage import stage
from ops.drills.targets import Targets
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.drills.faults.base import Fault
    from ops.drills.run import Run
    from ops.drills.stage import Stage

pytestmark = pytest.mark.timeout(300)

WARM = 200
TIMING = failover.Timing(control=0.5, window=3, outage=1.5, rate=100, peer=False)
PROMOTED = failover.Timing(control=0.5, window=7, outage=5, rate=100, peer=False)
"""For a master that comes back: not before a busy machine's Sentinels have promoted another."""
LONGER = failover.Timing(control=0.5, window=6, outage=5, rate=100, peer=False)
"""For what is promised from the third second on."""


@pytest.fixture(scope="module")
def scene() -> Iterator[Stage]:
    with stage(entries=1_000) as own:
        yield own


@pytest.fixture(scope="module")
def targets(scene: Stage) -> Targets:
    return Targets(scene.ids, warm=WARM)


class BothLost(ReplicaLost):
    """A replica and a Sentinel at once, which saves the time of a fault."""

    def strike(self) -> None:
        """Kills both."""
        super().strike()
        SentinelLost(self.stage, self.master).strike()

    def heal(self) -> None:
        """Starts both."""
        super().heal()
        SentinelLost(self.stage, self.master).heal()


def faulted(scene: Stage, targets: Targets, fault: str | type[Fault], timing: failover.Timing = TIMING) -> Run:
    """One fault; what is promised in milliseconds is left to `make drill`."""
    chosen = FAULTS[fault] if isinstance(fault, str) else fault
    run = asyncio.run(failover.once(scene, chosen, targets, timing))
    run.broken = [each for each in run.broken if not each.startswith(("adds less than", "writes pause"))]
    return run


@pytest.mark.parametrize("name", ["master-killed", "master-frozen", "master-cut-off"])
def test_a_lost_master_is_replaced_and_no_request_fails(scene: Stage, targets: Targets, name: str) -> None:
    run = faulted(scene, targets, name, PROMOTED)
    assert run.broken == []
    assert {"no request fails", "another server is the master"} <= set(run.held)
    assert run.requests >= 250
    assert run.agreed_ms is not None
    assert run.first_write_ms is not None
    assert run.first_write_ms > 100  # there was a failover: the fault did strike


def test_a_lost_replica_and_a_lost_sentinel_change_nothing(scene: Stage, targets: Targets) -> None:
    run = faulted(scene, targets, BothLost)
    assert run.broken == []
    assert {"the master stays", "no acknowledged write is lost"} <= set(run.held)
    assert run.agreed_ms is None


def test_one_sentinel_alone_promotes_nobody_and_says_so(scene: Stage, targets: Targets) -> None:
    run = faulted(scene, targets, "two-sentinels-lost", failover.Timing(control=0, window=4, outage=3, rate=100))
    assert run.broken == []
    assert {"says NOQUORUM", "promotes nobody alone", "another server is the master"} <= set(run.held)


def test_a_planned_switch_loses_no_write(scene: Stage, targets: Targets) -> None:
    run = faulted(scene, targets, "planned-switch")
    assert run.broken == []
    assert {"no acknowledged write is lost", "another server is the master"} <= set(run.held)


def test_cached_answers_go_on_without_postgres_and_are_marked_stale(scene: Stage, targets: Targets) -> None:
    run = faulted(scene, targets, "postgres-gone", LONGER)
    assert run.broken == []
    assert {"cached answers go on", "every one is marked stale"} <= set(run.held)


def test_without_any_redis_postgres_answers(scene: Stage, targets: Targets) -> None:
    run = faulted(scene, targets, "redis-gone")
    assert run.broken == []
    assert run.acknowledged > 0


def test_a_switch_without_a_healthy_replica_is_refused(scene: Stage) -> None:
    old = asyncio.run(scene.whole())
    replicas = [ip for ip in scene.servers if ip != old]
    for ip in replicas:
        scene.container_at(ip).pause()
    try:
        with pytest.raises(OpsError, match="nothing was changed"):
            switch.switch_master(scene.sentinels, scene.password)
    finally:
        for ip in replicas:
            scene.container_at(ip).unpause()
    assert asyncio.run(scene.whole()) == old


def test_a_switch_of_a_stack_that_is_not_there_is_refused() -> None:
    with pytest.raises(OpsError, match="no Sentinel answers"):
        switch.switch_master(["127.0.0.1"], "none")
