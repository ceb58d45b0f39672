"""The judgement of a lost data volume, without one."""

from __future__ import annotations

import pytest

from ops.drills.data_lost import Findings, Run, VolumeLost, judge

COMMITTED = [(f"ensaio-{number}", 100.0 + number) for number in range(10)]
NAMES = [name for name, _ in COMMITTED]


def judged(found: set[str]) -> Run:
    run = Run()
    judge(run, COMMITTED, found, lost_at=110.0, allowed=5.0)
    return run


@pytest.mark.parametrize(("kept", "window"), [(10, 0.0), (9, 1.0), (5, 5.0)])
def test_the_newest_commits_may_be_missing(kept: int, window: float) -> None:
    run = judged({*NAMES[:kept], "somebody else's"})
    assert (run.acknowledged, run.lost, run.window, run.broken) == (10, 10 - kept, window, [])
    assert len(run.held) == 2


def test_a_hole_breaks_the_promise() -> None:
    assert judged(set(NAMES) - {NAMES[7]}).broken == ["what came back has no hole: lost are ensaio-7, …"]


def test_too_much_breaks_the_promise() -> None:
    assert judged(set(NAMES[:4])).broken == ["no more is lost than is promised: 6.0 s"]


def test_the_page_tells_the_worst_and_the_middle() -> None:
    runs = [judged(set(NAMES[:kept])) for kept in (9, 8, 5)]
    page = Findings([(VolumeLost, runs)]).markdown()
    assert "lost in 3 runs: 2.0 s of commits in the median, 5.0 s at most" in page
    assert "| 10 | 5 | 5.0 | 0.0 |" in page
