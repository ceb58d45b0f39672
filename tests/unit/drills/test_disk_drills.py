"""What drills of the disk make of what they saw, and that what they lead to is there."""

from __future__ import annotations

import re
from collections import Counter

import psycopg
import pytest

from dashboards.alerts.rules import ALERTS
from images.content import ROOT
from ops.drills.disk import FAULTS
from ops.drills.disk.base import Run
from ops.drills.disk.findings import Findings
from ops.drills.disk.full import DataFull
from ops.drills.disk.load import Reader, plain


@pytest.mark.parametrize("name", FAULTS)
def test_the_alerts_that_tell_of_a_fault_exist(name: str) -> None:
    assert set(FAULTS[name].told_by) <= {alert.name for alert in ALERTS}
    assert FAULTS[name].told_by


def test_a_lost_write_is_a_failure_and_stands_on_the_page() -> None:
    run = Run(acknowledged=3, lost=1, write_errors=Counter({"No space left on device": 2}))
    run.check("no acknowledged write is lost", kept=False, found="1 of 3")
    run.check("the log names the cause", kept=True)
    findings = Findings([(DataFull, [run])])
    assert findings.failures() == ["The data volume is full: no acknowledged write is lost: 1 of 3"]
    page = findings.markdown()
    assert "| 3 | 1 |" in page
    assert "**not kept:** no acknowledged write is lost: 1 of 3" in page
    assert "“No space left on device” (2 times)" in page
    assert findings.record()[0]["lost"] == 1


def test_a_pause_counts_from_the_last_answer_before_the_fault() -> None:
    client = Reader("", done=[1.0, 2.0, 5.5, 6.0])
    assert client.pause(3.0) == pytest.approx(3.5)
    assert client.answered(2.0, 6.0) == 2


def test_what_differs_from_time_to_time_is_left_out_of_an_error() -> None:
    said = psycopg.OperationalError('could not extend file "base/13645/18294": No space left on device\nHINT:  Check.')
    assert plain(said) == "could not extend file …: No space left on device"


def test_the_runbook_speaks_of_every_cause() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "docs/runbooks/disk.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == [
        "The data volume is full",
        "The archive is full",
        "The volume is read-only",
        "A corrupted page",
    ]
