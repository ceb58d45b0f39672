"""The whole way of a stack to the major version that this release has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from rich.filesize import decimal

from components.database import backup
from images import builder
from ops import lifecycle, summary
from ops.backup import request, standing
from ops.errors import OpsError
from ops.upgrade import major, version

if TYPE_CHECKING:
    from collections.abc import Callable

    import docker
    from rich.console import Console

    from ops.backup.repository import Repository


def run(
    stack: str,
    engine: docker.DockerClient,
    repository: Repository,
    conninfo: str,
    console: Console,
    *,
    backups: bool,
    confirm: Callable[[str], bool],
) -> None:
    """Brings the stack to this release, its data over to the major version that the release has.

    Args:
        stack: its name.
        engine: the Docker engine.
        repository: the stack's backups.
        conninfo: connection string of the owner of the schema.
        console: where progress is shown.
        backups: whether the stack keeps backups: then one comes before, and a full one after it.
        confirm: asked once with what would stand still.

    Raises:
        OpsError: it was refused, or failed; the data are as they were.
    """
    wanted, there = version.of_release(), data_version(repository)
    if there > wanted:
        raise OpsError(
            f"the data are of PostgreSQL {there}, this release has {wanted}: there is no way back but a restore"
        )
    if there < wanted:
        used = major.check_space(repository)
        if not confirm(f"the app and the database, while {decimal(used)} go from PostgreSQL {there} to {wanted}"):
            raise OpsError("nothing was changed")
        lifecycle.build_image(stack, console, "postgres")
        image = builder.ensure("postgres", lifecycle.teller(console))
        if backups:
            request.wait_for(conninfo, "incr", console)
        went = major.upgrade(engine, repository, image, console)
        console.print(f"PostgreSQL {wanted} has it all: {went.compared}", highlight=False)
        console.print(f"extensions: {went.extensions}", highlight=False)
        summary.timings(console, went.clock.steps)
    elif version.of_server(repository.server) == wanted:
        console.print(f"nothing to do: PostgreSQL {wanted} already")
        return
    lifecycle.up(stack, console, same_postgres=False)
    # Their image may be the same as before, and then nobody but us knows that they stand still.
    for app in standing.app_containers(engine, repository.prefix):
        standing.start(app, console)
    if backups:
        with psycopg.connect(conninfo, autocommit=True, connect_timeout=10) as server:
            server.execute("SELECT request_backup('full')")


def data_version(repository: Repository) -> int:
    """Major version of the data in the stack's volume."""
    return int(repository.run("cat", f"{backup.DATA_PATH}/pgdata/PG_VERSION"))
