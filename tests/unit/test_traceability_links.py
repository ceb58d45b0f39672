"""The check on a small checkout: living links pass, each kind of dead one is one line."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from app.traceability import Counts, Summary
from ops.errors import OpsError
from ops.traceability.known import Known
from ops.traceability.page import percent
from tests.unit.traceability_checkout import checked, document, fill, put

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for the module: pytest is asked for its tests once."""
    root: Path = tmp_path_factory.mktemp("checkout")
    fill(root)
    return root


@pytest.fixture(autouse=True)
def _pytest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its plugins take seconds to load, and the small checkout needs none."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def first(matrix: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = matrix["optimizations"][0]["requirements"][0]
    return found


def test_living_links_pass_and_what_is_made_is_written(checkout: Path) -> None:
    put(checkout, document())
    for name in ("docs/traceability.md", "app/data/traceability.json"):
        (checkout / name).unlink(missing_ok=True)
    status, faults, shown = checked(checkout)
    assert (status, faults) == (
        1,
        [
            "error: docs/traceability.md is stale: make traceability WRITE=1",
            "error: app/data/traceability.json is stale: make traceability WRITE=1",
        ],
    )
    assert "100.0 %" in shown
    assert checked(checkout, write=True)[:2] == (0, [])
    assert checked(checkout)[:2] == (0, [])
    page = (checkout / "docs/traceability.md").read_text(encoding="utf-8")
    assert "| **total** | 5 | 5 | 17 | 37 | 100.0 % |" in page
    assert (
        "- evidência: [runbook.md#again-1](runbook.md#again-1)\n- evidência: [README.md#farm](../README.md#farm)"
        in page
    )


def test_numbers_are_those_of_the_matrix(checkout: Path) -> None:
    matrix = document()
    # Shares `up` with the others, and adds one artifact; what is planned counts its links and is not traced.
    other = matrix["optimizations"][1]["requirements"][0]
    other["artifacts"]["kpis"] = ["failover"]
    other |= {"status": "planned", "gap": "Half of it is not there."}
    put(checkout, matrix)
    assert checked(checkout, write=True)[:2] == (0, [])
    numbers = Summary.model_validate_json((checkout / "app/data/traceability.json").read_bytes())
    assert numbers.optimizations["OPT1"] == Counts(requirements=1, traced=1, artifacts=17, links=25)
    assert numbers.optimizations["OPT2"] == Counts(requirements=1, traced=0, artifacts=2, links=4)
    assert (numbers.requirements, numbers.traced, numbers.artifacts, numbers.links) == (5, 4, 18, 38)
    assert numbers.ratio == 0.8
    assert numbers.optimizations["OPT2"].ratio == 0
    shown = checked(checkout)[2]
    assert "80.0 %" in shown
    assert "Half of it is not there." in shown


DEAD = [
    ("files", "app/gone.py", "artifacts: file app/gone.py is not there"),
    ("code", "app.cache.Cache.put", "artifacts: app.cache.Cache.put is not defined in this checkout"),
    ("code", "nowhere.Thing", "artifacts: nowhere.Thing is not defined in this checkout"),
    ("sql", "catalog", "artifacts: SQL object catalog is defined in no migration, or dropped again"),
    ("sql", "old_name", "artifacts: SQL object old_name is defined in no migration, or dropped again"),
    (
        "sql",
        "only_in_a_rollback",
        "artifacts: SQL object only_in_a_rollback is defined in no migration, or dropped again",
    ),
    ("sql", "made_at_run_time", "artifacts: SQL object made_at_run_time is defined in no migration, or dropped again"),
    ("alerts", "PostgresGone", "artifacts: no alert rule is called PostgresGone"),
    ("metrics", "mundo_http_requests", "artifacts: no metric is called mundo_http_requests"),
    ("metrics", "pg_mundo_job_job_name", "artifacts: no metric is called pg_mundo_job_job_name"),
    ("kpis", "beauty", "artifacts: no KPI of dashboards/slo.py is called beauty"),
    ("dashboards", "other", "artifacts: dashboards/generated/other.json is not there"),
    ("make", "hidden", "artifacts: the Makefile has no target hidden"),
    ("tests", "tests/test_gone.py::test_get", "tests: file tests/test_gone.py is not there"),
    ("tests", "tests/test_cache.py::helper", "tests: pytest does not find tests/test_cache.py::helper"),
    (
        "tests",
        "tests/test_cache.py::TestKept::test_short",
        "tests: pytest does not find tests/test_cache.py::TestKept::test_short",
    ),
    ("tests", "sql/tests/02_gone.sql", "tests: file sql/tests/02_gone.sql is not there"),
    ("evidence", "docs/gone.md", "evidence: page docs/gone.md is not there"),
    ("evidence", "docs/runbook.md#nobody", "evidence: docs/runbook.md has no heading with the anchor #nobody"),
    ("evidence", "docs/runbook.md#no-heading", "evidence: docs/runbook.md has no heading with the anchor #no-heading"),
]


@pytest.mark.parametrize(("kind", "link", "fault"), DEAD)
@pytest.mark.parametrize("status", ["met", "planned"])
def test_a_dead_link_is_one_line(checkout: Path, kind: str, link: str, fault: str, status: str) -> None:
    matrix = document()
    one = first(matrix)
    (one if kind in {"tests", "evidence"} else one["artifacts"])[kind].append(link)
    one |= {"status": "planned", "gap": "Something is missing."} if status == "planned" else {}
    put(checkout, matrix)
    made = checkout / "app/data/traceability.json"
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text("as before", encoding="utf-8")
    assert checked(checkout, write=True)[:2] == (1, [f"error: docs/traceability.yaml:6: OPT1-01: {fault}"])
    assert made.read_text(encoding="utf-8") == "as before", "nothing is written while a link is dead"


@pytest.mark.parametrize(("field", "kind"), [("artifacts", "artifact"), ("tests", "test"), ("evidence", "evidence")])
def test_what_is_met_leads_somewhere(checkout: Path, field: str, kind: str) -> None:
    matrix = document()
    del first(matrix)[field]
    put(checkout, matrix)
    fault = f"no {kind} is linked: link one, or say status: planned and the gap"
    assert checked(checkout)[:2] == (1, [f"error: docs/traceability.yaml:6: OPT1-01: {fault}"])
    first(matrix).update({"status": "planned", "gap": "Something is missing."})
    put(checkout, matrix)
    assert checked(checkout, write=True)[:2] == (0, [])


def test_a_test_file_that_cannot_be_read_is_said_and_not_remembered(checkout: Path, tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(checkout, root)
    file = root / "tests/test_broken.py"
    file.write_text("import nothing_of_that_name\n\ndef test_it(): pass\n", encoding="utf-8")
    matrix = document()
    first(matrix)["tests"].append("tests/test_broken.py::test_it")
    put(root, matrix)
    status, faults, _ = checked(root)
    assert status == 1
    (fault,) = faults
    assert "OPT1-01: tests: pytest cannot read tests/test_broken.py: ModuleNotFoundError" in fault
    file.write_text("def test_it(): pass\n", encoding="utf-8")
    assert checked(root, write=True)[:2] == (0, [])
    # A test that goes away is missed at once, although the tests that were found are remembered.
    file.write_text("def test_that(): pass\n", encoding="utf-8")
    assert checked(root)[1] == [
        "error: docs/traceability.yaml:6: OPT1-01: tests: pytest does not find tests/test_broken.py::test_it"
    ]


def test_files_without_tests_are_no_trouble_of_pytests(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "tests/test_cache.py").write_text("def helper(): pass\n", encoding="utf-8")
    put(tmp_path, document())
    status, faults, _ = checked(tmp_path)
    assert status == 1
    assert len(faults) == 7
    assert all("pytest does not find tests/test_cache.py::" in fault for fault in faults)


def test_pytest_that_cannot_be_run_is_one_line(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "tests/conftest.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    put(tmp_path, document())
    with pytest.raises(OpsError, match=r"^pytest cannot list the tests \(exit status 4\): .*nothing_of_that_name.*$"):
        checked(tmp_path)


def test_pytest_is_asked_once(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(checkout, document())
    checked(checkout)
    kept = checkout / ".pytest_cache/d/traceability.json"
    assert "tests/test_cache.py::test_get" in json.loads(kept.read_bytes())["tests"]
    monkeypatch.setattr("sys.executable", "/nonexistent")
    assert checked(checkout, write=True)[:2] == (0, [])


def test_a_share_below_the_whole_never_looks_like_it() -> None:
    assert percent(1.0) == "100.0 %"
    assert percent(0.9999) == "99.9 %"
    assert percent(2 / 3) == "66.6 %"
    assert percent(0.0) == "0.0 %"


def test_anchors_are_those_of_the_headings(checkout: Path) -> None:
    assert Known(checkout).anchors("docs/runbook.md") == {
        "runbook",
        "quem-é-o-mestre",
        "make-up-then-look",
        "again",
        "again-1",
    }
