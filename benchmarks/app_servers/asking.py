"""Asking the app: everything once, or a stream of requests by the clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from ops.load import Load, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.app_servers.group import Group, HttpServer
    from ops.load import Outcome

_AT_ONCE: Final = 12
_LONGEST_SECONDS: Final = 900
_TRIES: Final = 5
_CHUNK: Final = 5000


def bounds_of(entry: int) -> str:
    """Path of the bounds of an entry."""
    return f"/v1/catalogo/{entry}/bounds"


def load(server: HttpServer, *, connections: int = 64, timeout: float = 10.0) -> Load:
    """A load on a server; its connections are made in the event loop that runs it."""
    host, _, port = server.address.rpartition(":")
    return Load(host, int(port), connections=connections, timeout=timeout)


def once(server: HttpServer, entries: Iterable[int]) -> list[Outcome]:
    """Asks for the bounds of each entry once, as fast as they come."""

    async def ask() -> list[Outcome]:
        async with load(server, connections=_AT_ONCE, timeout=_LONGEST_SECONDS) as closed:
            # All are due at once: as many are under way as there are connections.
            requests = (Request(bounds_of(entry)) for entry in entries)
            return await closed.run(requests, rate=1e9, seconds=_LONGEST_SECONDS)

    return asyncio.run(ask())


def warm(group: Group, server: HttpServer, entries: Sequence[int]) -> None:
    """Asks for the bounds of entries until Redis has all of them.

    Raises:
        RuntimeError: it still has not after some tries.
    """
    missing = list(entries)
    for _ in range(_TRIES):
        once(server, missing)
        missing = absent(group, missing)
        if not missing:
            return
    raise RuntimeError(f"Redis lacks {len(missing)} of {len(entries)} entries that were asked for {_TRIES} times")


def absent(group: Group, entries: Sequence[int]) -> list[int]:
    """Those of the entries that Redis does not have."""
    found: list[int] = []
    with group.redis() as client:
        for start in range(0, len(entries), _CHUNK):
            part = entries[start : start + _CHUNK]
            pipeline = client.pipeline(transaction=False)
            for entry in part:
                pipeline.exists(f"bounds:{entry}")
            found += [entry for entry, there in zip(part, pipeline.execute(), strict=True) if not there]
    return found
