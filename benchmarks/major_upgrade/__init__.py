"""A major version upgrade of PostgreSQL: how long the stack stands still, and that everything arrives."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import docker
from rich.console import Console

from benchmarks import catalogue
from benchmarks.context import timed
from benchmarks.major_upgrade import image
from benchmarks.report import Figure, Report, Table
from components.database import postgres
from ops.backup.repository import Repository
from ops.upgrade import major

if TYPE_CHECKING:
    from benchmarks.context import Context

GIBIBYTE: Final = 1024**3

ABOUT: Final = """\
What `make major-upgrade` does with the database of {geometries} geometries in {entries} entries: the server stops, is
dumped and restored into a cluster of the next major version, and that takes its place. What was compared is told below;
one difference, and nothing would have changed. The database stands still from the first step to the answer of the new
server; in a stack, `make up` then replaces the other containers whose image is new."""


def run(context: Context) -> Report:
    """Upgrades the benchmark's own server, once."""
    options, cell = context.options, context.server.cell
    newer = image.ensure(context.ui.say)
    catalogue.ensure(context, options.entries, options.geometries)
    size = float(context.server.one("SELECT pg_database_size(current_database())"))
    before = context.server.one("SHOW server_version")
    with contextlib.closing(docker.from_env(timeout=3600)) as engine:
        repository = Repository(engine, "bench", cell.placement.prefix)
        context.ui.say("upgrading")
        went = major.upgrade(engine, repository, newer, Console(quiet=True))
        repository.server.remove(v=False)
        starting = timed(lambda: cell.start(postgres.service(cell.context), image=newer))
    steps = {**went.clock.steps, "start of the new server": starting}
    total = sum(steps.values())
    return Report(
        name="major-upgrade",
        title="A major version upgrade of PostgreSQL",
        about=ABOUT.format(geometries=options.geometries, entries=options.entries),
        parameters={"from": before, "to": context.server.one("SHOW server_version")},
        figures=[
            Figure("the database stands still", total, "s"),
            Figure("size of the database, GiB", round(size / GIBIBYTE, 2)),
        ],
        tables=[Table(("step", "took"), {name: [(seconds, "s")] for name, seconds in steps.items()})],
        notes=[f"Compared: {went.compared}.", f"Extensions: {went.extensions}."],
    )
