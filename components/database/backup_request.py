"""One request to the backup service, waited for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = {
    "full": "full backup",
    "incr": "backup",
    "drill": "restore drill",
    "migration": "backup before the migration",
}
"""Kind of a request → how it is called."""

TAKEN_SECONDS = 60.0
"""Within which the service takes up a request while nothing else is under way."""
_LOOK_SECONDS = 0.5
_TELL_SECONDS = 5.0

_ASKED = """
SELECT outcome, backup_label, duration_seconds, repository_bytes, compared, error_text,
    (SELECT count(*) FROM backup_log WHERE outcome = 'running') AS running
FROM backup_log WHERE id = %s
"""


class RequestError(RuntimeError):
    """What was asked for failed, or did not end; one line."""


class Ended(NamedTuple):
    """How a request ended."""

    outcome: str
    label: str | None
    seconds: float | None
    repository_bytes: int | None
    compared: int | None
    error: str | None


def wait_for(conninfo: str, kind: str, say: Callable[[str], None], *, longest_seconds: float | None = None) -> Ended:
    """Asks for a backup (full, incr, migration) or a restore drill (drill), and waits until it has ended.

    An interruption ends the waiting alone: the service goes on.

    Args:
        conninfo: connection string of the owner of the schema.
        kind: what is asked for.
        say: told every few seconds how far it is.
        longest_seconds: how long to wait at most; None for as long as it takes.

    Raises:
        RequestError: it failed or took too long, the database cannot be asked, or the service takes no requests.
    """
    try:
        with psycopg.connect(conninfo, autocommit=True, connect_timeout=10, application_name="mundo-backup") as server:
            row = server.execute("SELECT request_backup(%s)", (kind,)).fetchone()
            ended = _followed(server, row[0] if row else 0, kind, say, longest_seconds)
    except psycopg.Error as error:
        raise RequestError(f"PostgreSQL: {str(error).strip().splitlines()[0]}") from None
    if ended.outcome != "success":
        raise RequestError(f"the {NAMES[kind]} failed: {ended.error}")
    return ended


def _followed(
    server: psycopg.Connection[Any], number: int, kind: str, say: Callable[[str], None], longest: float | None
) -> Ended:
    begun = idle = time.monotonic()
    told = begun - _TELL_SECONDS
    while True:
        row = server.execute(_ASKED, (number,)).fetchone()
        if row is None:
            raise RequestError(f"request {number} is gone from backup_log")
        *found, running = row
        if found[0] in {"success", "failed"}:
            return Ended(*found)
        now = time.monotonic()
        if longest is not None and now - begun > longest:
            raise RequestError(f"the {NAMES[kind]} has not ended within {longest / 60:g} minutes")
        if found[0] == "running" or running:
            idle = now
        elif now - idle > TAKEN_SECONDS:
            raise RequestError("the backup service takes no request; make status shows it, and the request stays")
        if now - told >= _TELL_SECONDS:
            told = now
            under_way = f"{NAMES[kind]} under way for {now - begun:.0f} s"
            say(under_way if found[0] == "running" else f"request {number} waits for the backup service")
        time.sleep(_LOOK_SECONDS)
