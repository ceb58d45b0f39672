"""The matrix of this checkout: every link is alive, and what is made from it is current."""

from __future__ import annotations

import re

from typer.testing import CliRunner

from app.traceability import summary
from ops.cli import app
from ops.paths import ROOT
from ops.traceability.command import outputs, stale
from ops.traceability.count import count
from ops.traceability.known import Known
from ops.traceability.page import PAGE
from ops.traceability.read import read


def test_the_committed_matrix_holds() -> None:
    done = CliRunner().invoke(app, ["traceability"])
    assert done.exit_code == 0, done.output


def test_what_is_made_from_the_matrix_is_current() -> None:
    matrix, _ = read(ROOT)
    assert stale(ROOT, outputs(matrix, ROOT)) == [], "make traceability WRITE=1 mends it"


def test_the_service_knows_the_numbers() -> None:
    matrix, _ = read(ROOT)
    assert summary() == count(matrix)
    assert 0 < summary().ratio <= 1
    assert list(summary().optimizations) == ["OPT1", "OPT2", "OPT3", "OPT4", "OPT5"]


def test_every_link_of_the_page_leads_somewhere() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]+))?\)", text)
    assert len(links) > 300
    known = Known(ROOT)
    for file, anchor in links:
        path = (ROOT / "docs" / file).resolve() if file else ROOT / PAGE
        assert path.exists(), file
        if anchor:
            assert anchor in known.anchors(str(path.relative_to(ROOT))), f"{file}#{anchor}"
