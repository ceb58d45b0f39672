"""What a drill counts, and what it reports."""

from ops.drills.report import Tally, failures, markdown


def test_what_holds_and_what_does_not_are_counted_apart() -> None:
    tally = Tally("drain", faults=2, recovery=[1.0, 3.0])
    tally.check("no row lost", 5, 5)
    assert failures([tally]) == []
    tally.check("no row lost", 4, 5)
    assert failures([tally]) == ["drain: no row lost: 4 instead of 5 (1 times)"]
    assert "| drain | no row lost | 1 | 1 |" in markdown([tally])
    assert "| drain | 2 | 0 | 0 | 3.0 (3.0) |" in markdown([tally])
