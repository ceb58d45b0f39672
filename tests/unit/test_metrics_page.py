"""The page of the metrics: current, and complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client import Gauge
from rich.console import Console
from typer.testing import CliRunner

from ops.cli import app
from ops.errors import OpsError
from ops.metrics_page import MEND, PAGE, of_the_app, registry, render, run
from ops.paths import ROOT
from ops.traceability.known import Known

if TYPE_CHECKING:
    from pathlib import Path

QUIET = Console(quiet=True)


def test_the_committed_page_is_current() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == render(), f"{MEND} mends it"
    done = CliRunner().invoke(app, ["metrics-page"])
    assert done.exit_code == 0, done.output


def test_every_metric_of_the_platform_is_on_it() -> None:
    text = render()
    for name in Known(ROOT).metrics:
        if not name.startswith(("mundo:", "process_", "python_")):
            assert f"`{name}`" in text, name


def test_labels_are_shown_with_the_values_that_are_known() -> None:
    shown = {one.names[0]: one.labels for one in of_the_app(registry())}
    assert shown["mundo_bounds_lookups_total"] == {"level": ["l1", "redis", "postgres"]}
    assert shown["mundo_http_requests_total"] == {"method": [], "route": [], "status": []}
    assert shown["mundo_bounds_poll_age_seconds"] == {}


def test_a_stale_page_is_named_with_the_command_that_mends_it(tmp_path: Path) -> None:
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_text("# Metrics\n", encoding="utf-8")
    with pytest.raises(OpsError, match=rf"{PAGE} is stale: {MEND}"):
        run(tmp_path, QUIET, write=False)
    run(tmp_path, QUIET, write=True)
    run(tmp_path, QUIET, write=False)
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == render()


def test_a_metric_that_would_be_left_out_is_an_error() -> None:
    unseen = registry()
    Gauge("mundo_http_unseen", "Nobody counts it", ("label",), registry=unseen)
    with pytest.raises(ValueError, match="mundo_http_unseen has no sample"):
        list(of_the_app(unseen))
    homeless = registry()
    Gauge("mundo_new_part", "It belongs nowhere", registry=homeless)
    with pytest.raises(ValueError, match="mundo_new_part has no heading"):
        list(of_the_app(homeless))
