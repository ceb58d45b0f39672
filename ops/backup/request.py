"""`make backup` and `make restore-drill`: one request to the backup service, waited for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from ops.errors import OpsError

if TYPE_CHECKING:
    from rich.console import Console

TAKEN_SECONDS = 60.0
"""Within which the service takes up a request while nothing else is under way."""
_LOOK_SECONDS = 0.5


class Ended(NamedTuple):
    """How a request ended."""

    outcome: str
    label: str | None
    seconds: float | None
    repository_bytes: int | None
    compared: int | None
    error: str | None


_ASKED = """
SELECT outcome, backup_label, duration_seconds, repository_bytes, compared, error_text,
    (SELECT count(*) FROM backup_log WHERE outcome = 'running') AS running
FROM backup_log WHERE id = %s
"""


def wait_for(conninfo: str, kind: str, console: Console) -> Ended:
    """Asks for a backup (full, incr) or a restore drill (drill), and waits until it has ended.

    An interruption ends the waiting alone: the service goes on.

    Raises:
        OpsError: it failed, the database cannot be asked, or the service takes no requests.
    """
    try:
        with psycopg.connect(conninfo, autocommit=True, connect_timeout=10, application_name="mundo-backup") as server:
            row = server.execute("SELECT request_backup(%s)", (kind,)).fetchone()
            with console.status(f"request {row[0] if row else ''} waits for the backup service") as status:
                ended = _followed(server, row[0] if row else 0, kind, status)
    except psycopg.Error as error:
        raise OpsError(f"PostgreSQL: {str(error).strip().splitlines()[0]}") from None
    if ended.outcome != "success":
        raise OpsError(f"the {NAMES[kind]} failed: {ended.error}")
    return ended


NAMES = {"full": "full backup", "incr": "backup", "drill": "restore drill"}
"""Kind of a request → how it is called."""


def _followed(server: psycopg.Connection[Any], number: int, kind: str, status: Any) -> Ended:
    begun = idle = time.monotonic()
    while True:
        row = server.execute(_ASKED, (number,)).fetchone()
        if row is None:
            raise OpsError(f"request {number} is gone from backup_log")
        *found, running = row
        if found[0] in {"success", "failed"}:
            return Ended(*found)
        now = time.monotonic()
        if found[0] == "running" or running:
            idle = now
            status.update(f"{NAMES[kind]} under way for {now - begun:.0f} s")
        elif now - idle > TAKEN_SECONDS:
            raise OpsError("the backup service takes no request; make status shows it, and the request stays")
        time.sleep(_LOOK_SECONDS)
