"""`make restore-forget`: clusters that restores have put aside are removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.filesize import decimal

from components.database import backup

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from ops.backup.repository import Repository

_LIST = f"shopt -s nullglob; for kept in {backup.DATA_PATH}/pgdata.before-*; do du -s -B1 $kept; done"
_REMOVE = f"rm -rf {backup.DATA_PATH}/pgdata.before-* {backup.DATA_PATH}/pgdata.restoring"


def forget(repository: Repository, console: Console, *, confirm: Callable[[str], bool]) -> None:
    """Removes every former cluster of the data volume, after `confirm` said yes."""
    kept = [line.split("\t") for line in repository.run("bash", "-euc", _LIST).splitlines()]
    if not kept:
        console.print("no former cluster is kept")
        return
    names = [path.rsplit("/", 1)[1] for _, path in kept]
    size = decimal(sum(int(taken) for taken, _ in kept))
    if confirm(f"{', '.join(names)} ({size})"):
        repository.run("bash", "-euc", _REMOVE)
        console.print(f"removed {', '.join(names)}; {size} are free", highlight=False)
