"""`make rollback`: migrations undone, newest first, before an earlier release of the project is put in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.database import migrate
from components.database.resources import MIGRATIONS
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console


def rollback(conninfo: str, to: str, console: Console, *, confirm: Callable[[str], bool]) -> None:
    """Undoes every migration after `to`; the next `make up` of this checkout would apply them again.

    Args:
        conninfo: connection string of the schema's owner.
        to: name of the migration that stays the newest.
        console: where each undone migration is named.
        confirm: asked once with what would be undone.

    Raises:
        OpsError: no such migration, or one cannot be undone; that one changed nothing, what was undone stays undone.
    """
    try:
        present = migrate.applied(conninfo)
        if to not in present:
            raise OpsError(f"TO={to}: not among the applied migrations; the newest is {max(present, default='none')}")
        undone = [name for name in present if name > to]
        if not undone:
            console.print(f"nothing to undo: {to} is the newest migration")
            return
        if confirm(f"{len(undone)} migrations, {undone[-1]} to {undone[0]}, with what is stored in their tables"):
            migrate.rollback(conninfo, MIGRATIONS, to, lambda name: console.print(f"undoing {name}", highlight=False))
    except migrate.MigrationError as error:
        raise OpsError(str(error)) from None
