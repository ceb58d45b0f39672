"""The running app against its own description: schemathesis asks whatever it allows and forbids, with every check."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.cell import Cell
from tests.integration.app_parts import Farm
from tests.integration.importacoes_parts import TOKEN, App, environment

pytest_plugins = ["tests.integration.conftest_app"]

ROOT = Path(__file__).parents[2]
CASES_AN_OPERATION = 8
PHASES = ("Examples", "Coverage", "Fuzzing", "Stateful")


@pytest.fixture
def app(
    database: Cell, redis_sentinels: list[tuple[str, int]], redis_password: str, tmp_path: Path, farm: Farm
) -> Iterator[App]:
    """The app with a farm in it and imports on, so that no route is left out."""
    limits = {"max_upload_mb": 4, "max_waiting": 10_000}
    started = App(environment(database, redis_sentinels, redis_password, tmp_path / "app", limits), tmp_path / "log")
    started.start()
    yield started
    started.end()


def test_the_app_does_what_it_says(app: App, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        *("run", f"http://127.0.0.1:{app.port}/openapi.json", "--no-color", "--continue-on-failure"),
        *("--checks", "all", "--mode", "all", "--phases", ",".join(PHASES).lower()),
        *("--max-examples", str(CASES_AN_OPERATION), "--generation-deterministic"),
        *("--header", f"Authorization: Bearer {TOKEN}"),
    ]
    hooks = {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.integration.ogc_formats"}
    ended = subprocess.run(
        command, cwd=tmp_path, env=os.environ | hooks, capture_output=True, text=True, check=False, timeout=400
    )
    told = ended.stdout + ended.stderr
    assert ended.returncode == 0, told
    for phase in PHASES:
        assert re.search(rf"✅  {phase} ", told), told
    cases = re.search(r"(\d+) generated", told)
    assert cases, told
    assert int(cases[1]) > 300, told
    assert not re.search(r"\d+ (?:failed|errored)", told), told
    log = app.log.read_text()
    assert '"status":200' in log
    assert '"exception"' not in log
