"""`make major-upgrade`: the cluster dumped and restored into one of the new image's version, which takes its place.

Dump and restore, not pg_upgrade: that needs the programs and libraries of both versions in one image, and keeps indexes
that were sorted by the older ICU. The old cluster is only read, and stays until it is no more wanted.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.filesize import decimal

from components.database import backup
from ops.backup import standing
from ops.clock import Clock
from ops.errors import OpsError

if TYPE_CHECKING:
    import docker
    from docker.models.containers import Container
    from rich.console import Console

    from ops.backup.repository import Repository

_SPARE_BYTES = 512 * 1024**2
"""For what a server writes while it starts and ends."""
_SOCKET = f"{backup.DATA_PATH}/upgrade"
"""Where the old server listens: what the image's script expects."""

_OLD_SERVER = f"""
exec 9>{backup.DATA_PATH}/.lock
flock --wait 15 9 || {{ echo 'another server is running on this data volume'; exit 1; }}
umask 077
rm -rf "$PGDATA/postmaster.pid" {_SOCKET}
mkdir -p {_SOCKET}
printf 'local all postgres peer\\n' >{_SOCKET}/pg_hba.conf
exec postgres -D "$PGDATA" -c config_file=/run/mundo/config/postgresql.conf -c hba_file={_SOCKET}/pg_hba.conf \\
    -c listen_addresses= -c unix_socket_directories={_SOCKET} -c archive_command= -c cron.launch_active_jobs=off \\
    -c autovacuum=off -c default_transaction_read_only=on
"""
"""The old server, by the image that has served it until now, which knows nothing of upgrades: seen by nobody but the
script, and changed by nobody at all."""


@dataclass
class Upgraded:
    """How it went.

    Attributes:
        compared: what was compared, for a person.
        extensions: versions of the extensions before and now, for a person.
        clock: how long each step took; the stack stood still for all of them.
    """

    compared: str = ""
    extensions: str = ""
    clock: Clock = field(default_factory=Clock)


def check_space(repository: Repository) -> int:
    """Refuses where the new cluster and the dump have no room beside the old one; gives the old one's bytes.

    Raises:
        OpsError: with what is free and what is needed.
    """
    used = int(repository.run("du", "-sb", f"{backup.DATA_PATH}/pgdata").split()[0])
    needed = 2 * used + _SPARE_BYTES
    free = int(repository.run("df", "--output=avail", "-B1", backup.DATA_PATH).split()[-1])
    if free < needed:
        raise OpsError(f"the new cluster and the dump need up to {decimal(needed)}, and {decimal(free)} are free")
    return used


def upgrade(
    engine: docker.DockerClient, repository: Repository, image: str, console: Console, *, jobs: int | None = None
) -> Upgraded:
    """Brings the data over, with the app, the backup service and the server stopped; all of them stay stopped.

    Whatever fails, and wherever it is interrupted: nothing was changed, and all three run again.

    Args:
        engine: the Docker engine.
        repository: the stack's backups, by which its volumes are reached.
        image: the new image.
        console: where progress is shown.
        jobs: processes of the dump and of the restore; one a processor by default.

    Raises:
        OpsError: it failed; nothing was changed.
    """
    server = repository.server
    apps = standing.app_containers(engine, repository.prefix)
    others = [*apps, standing.container(engine, f"{repository.prefix}-{backup.NAME}")]
    went = Upgraded()
    # A run that was killed leaves its own; they hold the volume.
    for left in engine.containers.list(all=True, filters={"name": f"^/?{repository.prefix}-restore-"}):
        left.remove(force=True, v=True)
    try:
        with went.clock.step("stopping"):
            for one in (*others, server):
                standing.stop(one, console)
        _bring_over(repository, image, jobs or os.cpu_count() or 1, console, went)
    except BaseException:
        for one in (server, *reversed(others)):
            standing.start(one, console)
        raise
    return went


def _bring_over(repository: Repository, image: str, jobs: int, console: Console, went: Upgraded) -> None:
    with repository.tool("bash", "-euc", _OLD_SERVER) as old:
        old.start()
        with repository.tool("upgrade-cluster", "make", str(jobs), image=image) as new:
            new.start()
            last = _followed(new, console, went)
            if new.wait()["StatusCode"] != 0:
                old.reload()
                if old.status == "exited":
                    last = old.logs().decode().strip().splitlines()[-1]
                raise OpsError(f"nothing was changed: {last or 'the new cluster could not be made'}")
        with went.clock.step("old server"):
            old.stop(timeout=60)
    with went.clock.step("change of places"), repository.tool("upgrade-cluster", "swap", image=image) as last_step:
        last_step.start()
        if last_step.wait()["StatusCode"] != 0:
            said = last_step.logs().decode().strip().splitlines()
            raise OpsError(
                f"nothing was changed: {said[-1].removeprefix('upgrade-cluster: ') if said else 'no reason'}"
            )


def _followed(new: Container, console: Console, went: Upgraded) -> str:
    """Shows the steps of the script as they come, notes how long each took, and gives the last line."""
    last, step = "", contextlib.ExitStack()
    lines = (part for raw in new.logs(stream=True, follow=True) for part in raw.decode().splitlines())
    with console.status("starting the old server for the dump alone") as status, step:
        step.enter_context(went.clock.step("old server"))
        for line in lines:
            last = line.removeprefix("upgrade-cluster: ")
            kind, _, text = last.partition(": ")
            if kind == "step":
                status.update(text)
                step.close()
                step.enter_context(went.clock.step(text))
            elif kind == "compared":
                went.compared = text
            elif kind == "extensions":
                went.extensions = text
    return last
