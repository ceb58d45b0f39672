"""The crash drill at its smallest: one kill in each action, with the page that it writes."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import app


@pytest.mark.timeout(600)
def test_one_kill_in_each_action_breaks_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    result = CliRunner().invoke(app, ["drill", "postgres-crash", "-n", "1", "--page", str(page)])
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf-8")
    for action in ("drain of the DEFAULT partition", "refresh of the views", "ingest of a file"):
        assert f"| {action} | 1 |" in text
        # Judged after a kill that came too late as well.
        assert re.search(rf"\| {action} \| summary equals recomputation \| [1-4] \| 0 \|", text)
        assert f"| {action} | pages and indexes whole (pg_amcheck) | 1 | 0 |" in text


@pytest.mark.parametrize(("name", "times", "said"), [("meteor", "1", "no drill"), ("postgres-crash", "0", "1 to 200")])
def test_a_wrong_order_is_refused_in_one_line(name: str, times: str, said: str) -> None:
    result = CliRunner().invoke(app, ["drill", name, "-n", times])
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
