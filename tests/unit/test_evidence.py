"""KPIs measured of the release: gathered from published results, never by hand, and shown by the service."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from typer.testing import CliRunner

from app.metrics import Metrics
from app.release import Evidence, evidence
from app.traceability import summary
from dashboards import slo
from ops.cli import app
from ops.errors import OpsError
from ops.evidence import code
from ops.evidence.command import committed, run, stale
from ops.evidence.published import CACHE, PARTITIONS, published
from ops.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

QUIET = Console(quiet=True)


def results(root: Path) -> None:
    """A checkout with a published benchmark and a drill."""
    verdicts = [
        {"criterion": "partition-single", "value": 1.01, "worst": 1.02},
        {"criterion": "partition-single", "value": 1.04, "worst": 1.043},
        {"criterion": "partition-batch", "value": 1.5, "worst": 1.6},
    ]
    runs = [
        {"added_limit_ms": 100, "added_ms": 12.5},
        {"added_limit_ms": 100, "added_ms": 41.0},
        {"added_limit_ms": None, "added_ms": 900.0},
    ]
    for name, document in (
        (PARTITIONS, {"begun": "2026-11-25T01:02:03+00:00", "verdicts": verdicts}),
        (CACHE, {"made": "2026-11-26T04:05:06+00:00", "runs": runs}),
        ("app/data/evidence.json", {}),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(json.dumps(document), encoding="utf-8")


def test_what_is_committed_is_what_was_published() -> None:
    assert stale(ROOT, committed(ROOT)) == [], "make evidence WRITE=1 mends it"
    done = CliRunner().invoke(app, ["evidence"])
    assert done.exit_code == 0, done.output


def test_every_kpi_of_the_release_has_a_value_that_leads_to_its_measurement() -> None:
    of_release = {kpi.name for kpi in slo.KPIS if "mundo_release_kpi{" in kpi.promql}
    assert set(evidence()) == of_release
    for measured in evidence().values():
        assert (ROOT / measured.source).is_file()
        target = re.match(r"make ([a-z-]+)", measured.command)
        assert target
        assert re.search(rf"^{target[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_a_published_result_is_taken_at_its_worst(tmp_path: Path) -> None:
    results(tmp_path)
    found = published(tmp_path)
    assert found["partition_overhead"].value == 0.043
    assert found["failover"].value == 0.041
    assert found["failover"].measured_at == datetime(2026, 11, 26, 4, 5, 6, tzinfo=UTC)


def test_a_newer_result_makes_the_file_stale(tmp_path: Path) -> None:
    results(tmp_path)
    assert stale(tmp_path, published(tmp_path)) == []
    assert stale(tmp_path, {}) == ["partition_overhead", "failover"]
    with pytest.raises(OpsError, match=r"partition_overhead, failover: .*make evidence WRITE=1"):
        run(tmp_path, QUIET, write=False)


def test_a_broken_result_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    results(tmp_path)
    (tmp_path / CACHE).write_text('{"runs": []}', encoding="utf-8")
    with pytest.raises(OpsError, match="cannot be read"):
        run(tmp_path, QUIET, write=True)
    assert committed(tmp_path) == {}


def test_findings_lower_the_quality_of_the_code(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["F"]\n[tool.mypy]\nstrict = true\n')
    (tmp_path / "clean.py").write_text("X = 1\n")
    (tmp_path / "unused.py").write_text("import os\n")
    (tmp_path / "untyped.py").write_text("def f(x): return x\n")
    (tmp_path / "wrong.py").write_text('Y: int = "text"\n')
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert code.code_quality(tmp_path).value == 0.25


def test_without_a_test_run_there_is_no_coverage(tmp_path: Path) -> None:
    assert code.test_coverage(tmp_path) is None


def test_the_service_shows_what_was_measured_and_traced() -> None:
    text = Metrics(version="0", stack="unit").render().decode()
    shown = {name: float(value) for name, value in re.findall(r"^(mundo_\S+) (\S+)$", text, re.MULTILINE)}
    assert shown['mundo_traceability_ratio{optimization="all"}'] == pytest.approx(summary().ratio)
    assert shown['mundo_traceability_requirements{optimization="OPT4"}'] == summary().optimizations["OPT4"].requirements
    for kpi, measured in evidence().items():
        assert shown[f'mundo_release_kpi{{kpi="{kpi}"}}'] == measured.value
        moment = shown[f'mundo_release_kpi_measured_timestamp_seconds{{kpi="{kpi}"}}']
        assert moment == measured.measured_at.timestamp()


def test_evidence_says_where_it_is_from() -> None:
    with pytest.raises(ValueError, match="command"):
        Evidence.model_validate({"value": 1, "measured_at": "2026-11-25T00:00:00Z", "source": "docs"})
