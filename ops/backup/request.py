"""`make backup` and `make restore-drill`: one request to the backup service, waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.database import backup_request
from ops.errors import OpsError

if TYPE_CHECKING:
    from rich.console import Console


def wait_for(conninfo: str, kind: str, console: Console) -> backup_request.Ended:
    """Asks for a backup (full, incr) or a restore drill (drill), and waits until it has ended.

    Raises:
        OpsError: it failed, the database cannot be asked, or the service takes no requests.
    """
    with console.status(f"asking for a {backup_request.NAMES[kind]}") as status:
        try:
            return backup_request.wait_for(conninfo, kind, status.update)
        except backup_request.RequestError as error:
            raise OpsError(str(error)) from None
