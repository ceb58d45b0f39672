"""Major versions of PostgreSQL: the one that this release has, and those of servers that earlier ones have started."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from images import content
from ops.errors import OpsError

if TYPE_CHECKING:
    from docker.models.containers import Container

ARGUMENT = r"^ARG POSTGRES=(\d+)$"
"""How `images/postgres/Dockerfile` says which it is."""
_SEARCH_PATH = re.compile(r"^PATH=.*/usr/lib/postgresql/(\d+)/bin")


def of_release() -> int:
    """What `images/postgres` builds.

    Raises:
        OpsError: its Dockerfile does not say.
    """
    found = re.search(
        ARGUMENT, (content.ROOT / content.dockerfile("postgres")).read_text(encoding="utf-8"), re.MULTILINE
    )
    if not found:
        raise OpsError("images/postgres/Dockerfile does not say which PostgreSQL it is (ARG POSTGRES)")
    return int(found[1])


def of_server(server: Container) -> int | None:
    """What a server of the project runs, by its search path, which every release has set; None elsewhere."""
    for line in server.attrs["Config"]["Env"] or ():
        if found := _SEARCH_PATH.search(line):
            return int(found[1])
    return None
