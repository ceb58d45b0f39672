"""How long a backup and a restore take, and how that grows with the database."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

from benchmarks import catalogue
from benchmarks.backed_up import running
from benchmarks.context import Context, timed
from benchmarks.report import Figure, Report, Table
from benchmarks.server import value
from ops.backed_up import BackedUp
from ops.backup import forget
from ops.backup.restore import LATEST

if TYPE_CHECKING:
    from benchmarks.server import Connection, Server

MEBIBYTE: Final = 1024**2
SIZES_MB: Final = {"small": (64, 128), "medium": (128, 256, 512), "full": (256, 512, 1024)}
"""Sizes of the database by scale."""
TIMES: Final = 3
"""Restores of each size."""

COLUMNS: Final = (
    "database",
    "entries",
    "full backup",
    "in the repository",
    "log after it",
    "restore, median",
    "longest restore",
)

_GEOMETRIES_A_STEP: Final = 20_000
_GEOMETRIES_AN_ENTRY: Final = 10
_SHARE_AFTERWARDS: Final = 0.1
_QUIET: Final = Console(quiet=True)

ABOUT: Final = """\
A catalogue of the size below, as the platform holds it: entries with geometries, indexes, both views. A full backup is
made with the default settings of the backups, then another tenth is written, which only the log has. `make restore
TO=latest` brings it back, from the command until the database takes a write: the server is stopped, the backup is
restored beside the cluster, the log is played, the folders change places, and the server starts. Meanwhile nobody can
use the database, so this is its recovery time where the backups are on the same machine. After each restore the facts
of the database (rows of each partition and a checksum over all columns of the catalogue, extensions, jobs, views,
functions) must be those of before."""


def run(context: Context) -> Report:
    """Backs up and restores a growing database."""
    sizes = SIZES_MB[context.options.scale]
    report = Report(
        name="restore",
        title="How long a restore takes",
        about=ABOUT,
        parameters={"restores of each size": TIMES, "share that only the log has": f"{_SHARE_AFTERWARDS:.0%}"},
    )
    with running(context.ui.say) as server:
        own = BackedUp(server.cell)
        own.start_service()
        here = Context(server, context.options, context.ui, context.farm)
        table = Table(COLUMNS, {})
        for megabytes in sizes:
            size, row = _measured(here, own, megabytes)
            table.rows[size] = row
            report.figures.append(Figure(f"restore of {size}, median of {TIMES}", row[-2][0], "s"))
        report.tables.append(table)
        report.parameters |= {"compress_level": server.cell.context.settings.backups.compress_level}
        report.parameters |= {"processes": server.cell.context.settings.backups.processes}
    return report


def _measured(context: Context, own: BackedUp, megabytes: int) -> tuple[str, list[tuple[float, str]]]:
    """Fills the database up to a size at least, backs it up, writes on, and restores it; its size then, and its row."""
    server = context.server
    _grow(context, megabytes * MEBIBYTE)
    catalogue.settle(context)
    context.ui.say(f"backing up {megabytes} MiB")
    backed_up = own.backup("full")
    size = _size(server)
    begun = server.superuser("SELECT pg_current_wal_lsn()")
    _grow(context, int(size * (1 + _SHARE_AFTERWARDS)))
    log = float(server.superuser(f"SELECT pg_current_wal_lsn() - '{begun}'"))
    seconds = [_restored(context, own) for _ in range(TIMES)]
    with server.connect() as owner:
        entries = float(value(owner, "SELECT count(*) FROM catalogo"))
    return f"{round(size / MEBIBYTE)} MiB", [
        (entries, ""),
        (backed_up.seconds or 0.0, "s"),
        (round((backed_up.repository_bytes or 0) / MEBIBYTE), "MiB"),
        (round(log / MEBIBYTE), "MiB"),
        (statistics.median(seconds), "s"),
        (max(seconds), "s"),
    ]


def _grow(context: Context, size: int) -> None:
    """Adds entries with geometries until the database is so many bytes large."""
    context.ui.say(f"filling up to {size // MEBIBYTE} MiB")
    while _size(context.server) < size:
        catalogue.add(context, _GEOMETRIES_A_STEP // _GEOMETRIES_AN_ENTRY, _GEOMETRIES_A_STEP)


def _size(server: Server) -> int:
    return int(server.one("SELECT pg_database_size('mundo')"))


def _restored(context: Context, own: BackedUp) -> float:
    """Seconds of a restore.

    Raises:
        RuntimeError: what came back is not what was there.
    """
    with context.server.connect() as owner:
        before = _facts(owner)
    context.ui.say("restoring")
    seconds = timed(lambda: _back(context, own))
    with context.server.connect() as owner:
        after = _facts(owner)
    if before != after:
        different = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        raise RuntimeError(f"the restored database differs: {', '.join(different)[:200]}")
    forget.forget(own.repository, _QUIET, confirm=lambda _: True)
    return seconds


def _back(context: Context, own: BackedUp) -> None:
    """Restores, and has the database take a write, of which nothing stays."""
    own.restore(LATEST)
    with context.server.connect() as owner, owner.transaction(force_rollback=True):
        owner.execute("INSERT INTO catalogo (nome, tipo) VALUES ('depois', 'ensaio')")


def _facts(owner: Connection) -> dict[str, Any]:
    found: dict[str, Any] = value(owner, "SELECT database_facts()")
    return found
