"""What the cache drills count and how they judge, without a fault."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ops.drills.disk import FAULTS as DISK_FAULTS
from ops.drills.failover import judge
from ops.drills.faults import FAULTS
from ops.drills.findings import Findings
from ops.drills.registry import DRILLS
from ops.drills.run import Run
from ops.drills.targets import COLD_EVERY, WARM, Targets
from ops.drills.watch import Names, longest_pause
from ops.load import Outcome, Request

if TYPE_CHECKING:
    from ops.drills.faults.base import Fault

ANY: Any = None
OLD, NEW, NEWER = "10.0.0.1", "10.0.0.2", "10.0.0.3"
LOST = "only writes within min-replicas-max-lag of the fault or a promotion are lost"


def outcome(due: float, ms: float, *, status: int = 200, kind: str = "warm", cache: str = "l1") -> Outcome:
    return Outcome(Request("/", kind), due, latency=ms / 1000, status=status, cache=cache)


def fault(name: str) -> Fault:
    stage: Any = type("Stage", (), {"servers": [OLD, NEW]})
    return FAULTS[name](stage, OLD)


def test_requests_are_counted_by_when_they_were_due() -> None:
    run = Run(window=10, struck=100)
    outcomes = [outcome(99, 20), outcome(100, 30), outcome(101, 90, cache="redis"), outcome(102, 500, kind="cold")]
    run.count(outcomes, ("warm",))
    assert (run.requests, run.failures, run.broken) == (2, 0, [])
    assert (run.control_worst_ms, run.fault_worst_ms, run.added_ms) == (20, 90, 70)
    assert run.levels == {"l1": 1, "redis": 1}


def test_a_failure_breaks_the_promise_in_either_window_but_not_of_a_kind_that_may_fail() -> None:
    run = Run(window=10, struck=100)
    dead = outcome(101, 1, status=0)
    dead.error = "reset"
    run.count([outcome(99, 1, status=503), dead, outcome(101, 1, status=503, kind="cold")], ("warm",))
    assert run.failures == 2
    assert run.broken == ["no request fails: 2 of 2 (1 x warm: status 503, 1 x warm: reset)"]


def test_the_longest_pause_is_looked_for_after_the_fault() -> None:
    assert longest_pause([0.0, 5.0, 5.1, 7.0, 7.2], since=5.05) == (5.1, 7.0)
    assert longest_pause([0.0, 5.0], since=6) is None
    assert longest_pause([], since=0) is None
    # A pause that began before the fault was noticed ends after it.
    assert longest_pause([1.0, 9.0], since=5) == (1.0, 9.0)


def test_agreement_is_of_all_that_live_on_another_master() -> None:
    names = Names(ANY, [(0, "a", OLD), (0, "b", OLD), (0, "c", OLD), (3, "a", NEW), (4, "c", None), (5, "b", NEW)])
    assert names.agreed(since=1, old=OLD) == 5
    assert names.agreed(since=6, old=OLD) is None
    assert Names(ANY, [(0, "a", OLD), (2, "a", NEW), (2, "b", OLD)]).agreed(since=1, old=OLD) == 2


@pytest.mark.parametrize(
    ("changes", "promotions"),
    [
        ([(0, "a", OLD)], []),
        ([(3, "a", NEW), (3.1, "b", None), (3.2, "b", OLD), (3.3, "b", NEW), (3.4, "c", NEW)], [3]),
        ([(3, "a", NEW), (3.2, "b", NEW), (3.7, "a", NEWER), (3.8, "c", NEW), (4, "b", NEWER)], [3, 3.7]),
        ([(3, "a", NEW), (3.1, "b", NEW), (20, "b", OLD), (20.1, "a", OLD)], [3, 20]),
    ],
)
def test_each_promotion_counts_once(changes: list[tuple[float, str, str | None]], promotions: list[float]) -> None:
    assert Names(ANY, changes).promotions(since=1, old=OLD) == promotions


@pytest.mark.parametrize(
    ("name", "master", "figures", "lost", "broken"),
    [
        ("master-killed", NEW, {"fault_worst_ms": 120, "control_worst_ms": 30}, [], []),
        ("master-killed", OLD, {}, [], ["another server is the master"]),
        ("master-killed", NEW, {"fault_worst_ms": 130, "control_worst_ms": 30}, [], ["adds less than 100 ms"]),
        ("master-killed", NEW, {}, [88.1, 101.0, 111.9], []),
        ("master-killed", NEW, {}, [113.0], [LOST]),
        ("master-killed", NEW, {}, [87.0], [LOST]),
        ("two-sentinels-lost", NEW, {"promotions": [20.0, 24.0]}, [124.1, 135.9], []),
        ("two-sentinels-lost", NEW, {"promotions": [20.0, 24.0]}, [115.0, 136.1], [LOST]),
        ("replica-lost", OLD, {}, [], []),
        ("replica-lost", NEW, {}, [101.0], ["the master stays", "no acknowledged write is lost"]),
        ("redis-gone", NEW, {}, [], []),
        ("planned-switch", NEW, {"first_write_ms": 99}, [], []),
        ("planned-switch", NEW, {"first_write_ms": 100}, [], ["writes pause < 100 ms"]),
        ("planned-switch", NEW, {"first_write_ms": 150, "control_pause_ms": 160}, [], []),
        ("planned-switch", NEW, {"first_write_ms": 170, "control_pause_ms": 160}, [], ["writes pause < 100 ms"]),
    ],
)
def test_each_promise_is_judged(
    name: str, master: str, figures: dict[str, Any], lost: list[float], broken: list[str]
) -> None:
    run = Run(window=10, struck=100)
    for figure, value in figures.items():
        setattr(run, figure, value)
    judge(run, fault(name), master, lost)
    assert [each.split(":")[0] for each in run.broken] == broken


def test_what_was_broken_is_on_the_page_and_in_the_error() -> None:
    run = Run(window=10, requests=5000, first_write_ms=1234.4, notes=["a fact"])
    run.check("no request fails", kept=False, found="1 of 5000")
    findings = Findings([(FAULTS["master-killed"], [run])])
    assert findings.failures() == ["The master is killed (-9): no request fails: 1 of 5000"]
    page = findings.markdown()
    assert "## The master is killed (-9)" in page
    assert "| 5,000 | 0 | 0 | 0 | 0 | 0 | 1,234 | — | — | 0 | 0 |" in page
    assert "- a fact" in page
    assert "**not kept:** no request fails: 1 of 5000" in page


def test_every_figure_is_in_the_record_that_is_written_beside_the_page() -> None:
    run = Run(window=10, struck=100)
    run.count([outcome(99, 20), outcome(101, 90, cache="redis")], ("warm",))
    findings = Findings([(FAULTS["master-killed"], [run])])
    (figures,) = json.loads(json.dumps(findings.record()))
    assert figures["fault"] == FAULTS["master-killed"].title
    assert (figures["added_ms"], figures["added_limit_ms"], figures["levels"]) == (70, 100, {"redis": 1})


def test_warm_entries_come_again_and_cold_ones_once() -> None:
    ids = list(range(1, WARM + 2_000))
    asked = [request for request, _ in zip(Targets(ids), range(COLD_EVERY * 1_000), strict=False)]
    cold = [request.target for request in asked if request.kind == "cold"]
    warm = [request.target for request in asked if request.kind == "warm"]
    assert len(cold) == len(set(cold)) == 1_000
    assert len(set(warm)) == WARM
    assert not set(cold) & set(warm)


def test_every_fault_is_a_drill_and_part_of_the_whole() -> None:
    assert set(DRILLS) == {"postgres-crash", "data-lost", "cache", *FAULTS, "disk", *DISK_FAULTS}
    assert all(drill.promise and 1 <= drill.times <= 200 for drill in DRILLS.values())
