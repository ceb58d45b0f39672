"""A server whose log is archived, with its backup service, in a cell, and what an operator does with them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import docker
from rich.console import Console

from components.database import backup, postgres
from ops.backup import request, restore
from ops.backup.repository import Repository

if TYPE_CHECKING:
    from components.database.backup_request import Ended
    from ops.cell import Cell

_CONSOLE = Console(quiet=True)


@dataclass(frozen=True)
class BackedUp:
    """The database of a cell whose settings have backups; started by `start_postgres` of the cell."""

    cell: Cell

    @property
    def prefix(self) -> str:
        """Begins the names of containers and volumes."""
        return self.cell.placement.prefix

    @property
    def conninfo(self) -> str:
        """How the schema's owner connects."""
        return self.cell.conninfo("owner")

    @property
    def repository(self) -> Repository:
        """Its backups."""
        return Repository(docker.from_env(), self.prefix, self.prefix)

    def start_service(self) -> None:
        """Starts the backup service, which makes the first full backup at once."""
        address = self.cell.context.address(postgres.HOST_NUMBER)
        self.cell.start(backup.service(self.cell.context, address, postgres.USER))

    def backup(self, kind: str) -> Ended:
        """Makes a backup (full, incr) or a restore drill (drill), and waits for it.

        Raises:
            OpsError: it failed.
        """
        return request.wait_for(self.conninfo, kind, _CONSOLE)

    def restore(self, to: str) -> None:
        """What `make restore` does, for a database without an app and a cache.

        Raises:
            OpsError: it failed, and nothing was changed.
        """
        wanted = restore.target(to)
        repository = self.repository
        restore.prepared(wanted, repository, self.conninfo)
        with closing(docker.from_env()) as engine:
            restore.restore(engine, self.prefix, repository, wanted, afterwards=lambda: None, console=_CONSOLE)
