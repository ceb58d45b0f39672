"""What a soak counts, how it is judged, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.paths import ROOT
from ops.soak.machine import Times, kept_busy
from ops.soak.report import Outcome, Soak, markdown


def heard(*events: tuple[str, str]) -> Outcome:
    outcome = Outcome(300)
    for event, about in events:
        outcome.hear(event, about)
    return outcome


def test_events_are_told_apart() -> None:
    master, slave = "master mymaster 10.0.0.1 6379", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379"
    outcome = heard(
        ("+sdown", master), ("+sdown", master), ("+sdown", slave), ("-sdown", master), ("+odown", master),
        ("+try-failover", master), ("+tilt", "#tilt mode entered"), ("-tilt", "#tilt mode exited"),
    )  # fmt: skip
    seen = (outcome.suspected, outcome.others, outcome.agreed, outcome.tried, outcome.tilts)
    assert seen == (2, 1, 1, 1, 1)


def test_a_failover_counts_once_though_every_sentinel_tells_of_it() -> None:
    outcome = Outcome(200)
    outcome.hear_switches(Counter({"a": 2, "b": 1, "c": 2}), epochs=0)
    assert outcome.failovers == 2
    outcome.hear_switches(Counter(), epochs=3)  # none heard, as when every connection was lost
    assert outcome.failovers == 3


@pytest.mark.parametrize(
    ("agreed", "failovers", "fastest"),
    [
        ([0, 0, 0], [0, 0, 0], 150),
        ([1, 0, 0], [0, 0, 0], 250),
        ([0, 0, 1], [0, 0, 0], None),
        ([0, 1, 0], [0, 1, 0], 500),
    ],
)
def test_the_fastest_quiet_value_has_only_quiet_ones_above(
    agreed: list[int], failovers: list[int], fastest: int | None
) -> None:
    outcomes = [
        Outcome(value, agreed=each, failovers=false)
        for value, each, false in zip((150, 250, 500), agreed, failovers, strict=True)
    ]
    soak = Soak(60, 3, 7, cores=2, lasted=60, outcomes=outcomes)
    assert soak.fastest_quiet == fastest
    assert (f"{fastest} ms is the smallest" in markdown(soak)) == (fastest is not None)


def test_a_soak_that_was_cut_short_says_so() -> None:
    assert "cut short, of 60" in Soak(3600, 3, 7, cores=2, lasted=1800).conditions()
    assert "cut short" not in Soak(3600, 3, 7, cores=2, lasted=3600).conditions()


def test_the_burners_keep_every_core_busy_and_end_with_their_parent() -> None:
    with kept_busy(1, 0):
        time.sleep(0.5)  # until they have started
        before = Times.now()
        time.sleep(0.5)
        assert Times.now().busy_percent(before) > 50
    code = (
        "import os, subprocess, sys\n"
        "words = [sys.executable, '-m', 'ops.soak.burn', str(os.getpid()), '0', '0.2']\n"
        "print(subprocess.Popen(words, stdout=subprocess.DEVNULL).pid)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    end = time.monotonic() + 30
    while _runs(int(done.stdout)):
        assert time.monotonic() < end, "a burner outlives its parent"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat", encoding="ascii") as state:  # noqa: PTH123 - of /proc
        return state.read().split(")")[1].split()[0] != "Z"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--minutes", "0"], "MINUTES=0"),
        (["--down-after", "50"], "100 to 60000 ms"),
        (["--down-after", "200,200"], "different values"),
        (["--down-after", "200,fast"], "numbers with commas"),
        (["--bursts", "5"], "two numbers"),
        (["--bursts", "0,0"], "not both 0"),
    ],
)
def test_a_wrong_order_is_refused_in_one_line(options: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["soak", *options])
    assert result.exit_code == 1
    assert said in " ".join(result.output.split())
    assert "Traceback" not in result.output
