"""How much memory the ingest takes for a file of a million features: a process of its own, and its peak."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import ingest_arms, ingest_files
from benchmarks.ingest import shared_folder
from benchmarks.report import Figure, Report

if TYPE_CHECKING:
    from benchmarks.context import Context

FEATURES: Final = {"small": 10_000, "medium": 100_000, "full": 1_000_000}
"""Features of the file, by scale."""

ABOUT: Final = """\
{what}, loaded by `app.ingest.pipeline.ingest` in a process of its own until the commit. Its peak is the kernel's own
figure (`ru_maxrss`): interpreter, libraries and all. What grows with the file is a 64-bit hash for each feature id."""


def run(context: Context) -> Report:
    """Loads the file once."""
    count = FEATURES[context.options.scale]
    with shared_folder() as folder, context.server.connect() as owner:
        path = folder / "farm.geojsonl"
        with context.ui.steps("writing the file", count) as advance:
            what = ingest_files.write(path, count, advance)
        ingest_arms.empty(owner)
        context.ui.say(f"loading {count} features")
        found = _in_a_process(context.server.cell.conninfo("owner"), path)
        size = path.stat().st_size
        ingest_arms.empty(owner)
    return Report(
        name="ingest-memory",
        title="Memory of the ingest",
        about=ABOUT.format(what=what[0].upper() + what[1:]),
        parameters={"features": count},
        figures=[
            Figure("peak of the process, MiB", round(found["peak"] / 1024, 1), "", "ingest-memory"),
            Figure("of it before the file was opened, MiB", round(found["before"] / 1024, 1)),
            Figure("size of the file, MiB", round(size / 2**20, 1)),
            Figure("features a second until stored", count / found["seconds"], "features/s"),
        ],
    )


def _in_a_process(conninfo: str, path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest_arms", str(path)],
        input=conninfo,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parent.parent,
    )
    if done.returncode:
        raise RuntimeError(f"ingest: {' '.join(done.stderr.split())[-300:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found
