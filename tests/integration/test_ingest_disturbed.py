"""The ingest disturbed: killed, interrupted, twice at once, a file that changes, views that cannot follow."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.ingest.errors import IngestError
from app.ingest.pipeline import ingest
from app.ingest.report import IngestReport, Progress
from app.ingest.sample import write_sample
from ops.ingest import ingest_file
from tests.integration.ingest_parts import ROOT, counts, quiet, value


def test_file_changed_while_read_is_refused(catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path) -> None:
    before = counts(catalogue)
    path = tmp_path / "a.geojsonl"
    write_sample(path, 3000)

    def meddle(event: Progress) -> None:
        if event.stage == "load":
            path.touch()

    with pytest.raises(IngestError, match="was changed while it was read"):
        ingest(owner, path, meddle)
    assert counts(catalogue) == before


def test_two_at_once_load_once(catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path) -> None:
    before = counts(catalogue)
    path = tmp_path / "a.geojsonl"
    write_sample(path, 2500)
    reports = []
    threads = [threading.Thread(target=lambda: reports.append(ingest(owner, path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.already_loaded for report in reports) == [False, True, True]
    assert counts(catalogue)["catalogo"] == before["catalogo"] + 2500
    assert counts(catalogue)["importacoes"] == before["importacoes"] + 1


def test_killed_half_way_leaves_nothing_and_heals(
    catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path
) -> None:
    before = counts(catalogue)
    path = tmp_path / "a.geojsonl"
    write_sample(path, 12_000)
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from app.ingest.pipeline import ingest\n"
        "def say(event):\n"
        "    if event.stage == 'load':\n"
        "        print(event.features, flush=True)\n"
        "ingest(os.environ['CONNINFO'], Path(sys.argv[1]), say)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        cwd=ROOT,
        env={**os.environ, "CONNINFO": owner, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        copied = next(int(line) for line in child.stdout if int(line) >= 4000)
    finally:
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        child.stdout.close()
    assert copied < 12_000
    until = time.monotonic() + 20
    while value(catalogue, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mundo-ingest'"):
        assert time.monotonic() < until, "Postgres still works for the dead ingest"
        time.sleep(0.1)
    assert counts(catalogue) == before
    report = ingest(owner, path)
    assert not report.already_loaded
    assert (report.read, report.stored) == (12_000, 12_000)
    assert counts(catalogue)["catalogo"] == before["catalogo"] + 12_000


def test_views_that_cannot_be_refreshed_do_not_undo_the_import(
    catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.geojsonl"
    write_sample(path, 20)
    console = quiet()
    # The name of a function that is not there: what a role without the right to refresh would see.
    catalogue.execute("ALTER FUNCTION refresh_all_materialized_views() RENAME TO refresh_away")
    try:
        assert ingest_file(owner, path, console) == 0
    finally:
        catalogue.execute("ALTER FUNCTION refresh_away() RENAME TO refresh_all_materialized_views")
    assert "note: materialized views not brought up to date" in console.export_text()
    assert value(catalogue, "SELECT armazenadas FROM importacoes ORDER BY id DESC LIMIT 1") == 20


@pytest.mark.parametrize(
    ("stage", "says", "kept"), [("load", "nothing was stored", 0), ("refresh", "the import is stored", 3000)]
)
def test_interrupted(  # noqa: PLR0917 - fixtures and parameters
    catalogue: psycopg.Connection[Any],
    owner: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    says: str,
    kept: int,
) -> None:
    before = counts(catalogue)["catalogo"]
    path = tmp_path / "a.geojsonl"
    write_sample(path, 3000)

    def ingest_and_stop(conninfo: str, file: Path, show: Callable[[Progress], None]) -> IngestReport:
        def stopping(event: Progress) -> None:
            show(event)
            if event.stage == stage:
                raise KeyboardInterrupt

        return ingest(conninfo, file, stopping)

    monkeypatch.setattr("ops.ingest.ingest", ingest_and_stop)
    console = quiet()
    assert ingest_file(owner, path, console) == 130
    assert says in console.export_text()
    assert counts(catalogue)["catalogo"] == before + kept
