"""A PostgreSQL of the project's image whose log is archived, sized as that of the other benchmarks."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from benchmarks.server import SIZE, Server
from ops.cell import cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def running(say: Callable[[str], None]) -> Iterator[Server]:
    """A fresh server with the project's schema and the default settings of the backups, for the length of the block."""
    say("starting PostgreSQL with an archive")
    with cell("bench", postgres=SIZE, backups={"enabled": True}) as own:
        own.start_postgres()
        yield Server(own)
