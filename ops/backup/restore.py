"""`make restore`: the database as it was at a moment, beside the old one, and then in its place."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from components.database import backup
from ops.backup.listing import moment
from ops.backup.standing import app_containers, container, start, stop, stopped
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable

    import docker
    from rich.console import Console

    from ops.backup.repository import Content, Repository

LATEST = "latest"
_PERCENT = re.compile(r"([\d.]+)%\)")
_ERROR = re.compile(r"ERROR: (?:\[\d+\]: )?(.+)")
_ARCHIVED_SECONDS = 120.0
_SPARE_BYTES = 256 * 1024**2
"""For what recovery itself writes."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A moment to go back to; None: everything that was archived."""

    moment: datetime | None

    @property
    def text(self) -> str:
        """As the image's script takes it."""
        return LATEST if self.moment is None else self.moment.isoformat(sep=" ")


def target(text: str) -> Target:
    """The moment that an operator has typed.

    Raises:
        OpsError: it is none, or has no time zone.
    """
    if text == LATEST:
        return Target(moment=None)
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise OpsError(f"TO='{text}': expected a moment such as '2026-11-24 10:15Z', or latest") from None
    if found.tzinfo is None:
        raise OpsError(f"TO='{text}': a time zone is missing; Z at its end for UTC, -03:00 for the farm's")
    return Target(moment=found.astimezone(UTC))


def check_reach(wanted: Target, content: Content) -> None:
    """Refuses a moment that no backup and no log reaches.

    Raises:
        OpsError: with the range that can be reached.
    """
    if content.reach is None:
        raise OpsError("there is no backup to restore")
    first, last = content.reach
    # Whole seconds are what `make backups` shows and what people type.
    if wanted.moment and not first <= wanted.moment + timedelta(seconds=1) <= last + timedelta(seconds=2):
        raise OpsError(
            f"TO='{moment(wanted.moment)}' cannot be reached: any moment from {moment(first)} to {moment(last)} can"
        )


def archive_until_now(conninfo: str) -> bool:
    """Brings everything that was committed until now into the archive; False where the server does not answer.

    A mark is committed after it: a log that ends before the moment that is asked for does not show that it was reached.

    Raises:
        OpsError: the server answers and does not archive.
    """
    try:
        with psycopg.connect(conninfo, autocommit=True, connect_timeout=5) as server:
            server.execute("SELECT pg_current_xact_id()")
            row = server.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
            until = time.monotonic() + _ARCHIVED_SECONDS
            while server.execute(
                "SELECT last_archived_wal >= %s FROM pg_stat_archiver", (row[0] if row else "",)
            ).fetchone() != (True,):
                if time.monotonic() > until:
                    raise OpsError(
                        "the log is not archived, so what was committed last would be lost: make sql "
                        "QUERY='TABLE pg_stat_archiver' says more; nothing was changed"
                    )
                time.sleep(0.2)
    except psycopg.OperationalError:
        return False
    return True


def check_space(repository: Repository, content: Content) -> None:
    """Refuses a restore for which the data volume has no room beside what it holds.

    Raises:
        OpsError: with what is free and what is needed.
    """
    needed = content.backups[-1].database_bytes + _SPARE_BYTES
    free = int(repository.run("df", "--output=avail", "-B1", backup.DATA_PATH).split()[-1])
    if free < needed:
        raise OpsError(f"the restored cluster needs {decimal(needed)} beside the old one, and {decimal(free)} are free")


def prepared(wanted: Target, repository: Repository, conninfo: str) -> tuple[Content, bool]:
    """What can be reached, once everything until now is archived, and whether the server answered for that.

    Raises:
        OpsError: the moment cannot be reached, the log is not archived, or there is no room.
    """
    answered = archive_until_now(conninfo)
    content = repository.content()
    check_reach(wanted, content)
    check_space(repository, content)
    return content, answered


def restore(
    engine: docker.DockerClient,
    prefix: str,
    repository: Repository,
    wanted: Target,
    *,
    afterwards: Callable[[], None],
    console: Console,
) -> None:
    """Restores with the app, the backup service and the server stopped, and starts them again whatever happens.

    Nothing of the old cluster is touched before the new one is whole, so an interruption leaves everything as it was.
    The app alone stays stopped where the server was restored and `afterwards` failed.

    Args:
        engine: the Docker engine.
        prefix: begins the names of the stack's containers.
        repository: the stack's backups.
        wanted: the moment.
        afterwards: called when the restored server runs, before the app starts.
        console: where progress is shown.

    Raises:
        OpsError: the restore failed and the old cluster runs on, or what came after it failed.
    """
    server = repository.server
    service, apps = container(engine, f"{prefix}-{backup.NAME}"), app_containers(engine, prefix)
    with stopped(server, console), stopped(service, console):
        try:
            for app in apps:
                stop(app, console)
            _run(repository, wanted, console)
        except BaseException:
            start(server, console)
            for app in apps:
                start(app, console)
            raise
        start(server, console)
        with console.status("emptying the cache"):
            afterwards()
        for app in apps:
            start(app, console)


def _run(repository: Repository, wanted: Target, console: Console) -> None:
    """Runs the image's script and shows how far it is."""
    error = said = ""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with repository.tool("restore-cluster", wanted.text) as tool, Progress(*columns, console=console) as progress:
        task = progress.add_task("restoring the backup", total=100)
        tool.start()
        for line in (part for raw in tool.logs(stream=True, follow=True) for part in raw.decode().splitlines()):
            if found := _PERCENT.search(line):
                progress.update(task, completed=float(found[1]))
            elif "restore command end: completed" in line:
                progress.update(task, completed=100, description="playing the log")
            elif found := _ERROR.search(line):
                error = found[1].removesuffix(":")
            elif line.startswith("restore-cluster: "):
                said = line.removeprefix("restore-cluster: ")
        if tool.wait()["StatusCode"] != 0:
            raise OpsError(f"nothing was changed: {error or said or 'the restore failed without a reason'}")
