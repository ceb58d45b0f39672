"""Parts for the tests of the bounds cache: somebody who changes an entry, and what a process answers about it."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg

from app.bounds.entry import Answer
from app.errors import NotFoundError
from app.services import Services
from app.settings import Settings

SQUARE = (
    "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid)"
    " VALUES (%s, ST_Multi(ST_MakeEnvelope(%s, -17, -43, -16, 4326)), true)"
)


class Writer:
    """Somebody who changes one entry, and knows what its western edge has to be."""

    def __init__(self, conninfo: str) -> None:
        self.connection = psycopg.connect(conninfo, autocommit=True)
        row = self.connection.execute("INSERT INTO catalogo (nome, tipo) VALUES ('m', 'Teste') RETURNING id").fetchone()
        assert row is not None
        self.id: int = row[0]
        self.connection.execute(SQUARE, (self.id, -44))
        self.fold()

    def fold(self) -> None:
        """Fold as the database's own job does."""
        self.connection.execute("SELECT fold_catalogo_changes(NULL, true)")

    def move(self, west: float) -> None:
        """Give all geometries of the entry another western edge."""
        self.connection.execute(
            "UPDATE catalogo_geometrias_particionada SET geom = ST_Multi(ST_MakeEnvelope(%s, -17, -43, -16, 4326))"
            " WHERE catalogo_id = %s",
            (west, self.id),
        )

    def version(self) -> int:
        """The version of the entry's summary."""
        row = self.connection.execute(
            "SELECT version FROM catalogo_summary WHERE catalogo_id = %s", (self.id,)
        ).fetchone()
        assert row is not None
        return int(row[0])

    def close(self) -> None:
        """Remove the entry."""
        self.connection.execute("DELETE FROM catalogo WHERE id = %s", (self.id,))
        self.fold()
        self.connection.close()


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Services]:
    """The parts of one process, once it follows the changes and Redis has all of them."""
    services = Services.make(settings)
    await services.start()
    try:
        await until(lambda: services.bounds._pulse.shared and services.bounds._pulse.well(time.monotonic()))
        yield services
    finally:
        await services.stop()


async def until(condition: Callable[[], bool], seconds: float = 30) -> float:
    """Wait for a condition; gives the seconds it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() < started + seconds, f"not within {seconds} s"
        await asyncio.sleep(0.005)
    return time.monotonic() - started


async def west(services: Services, catalogo_id: int) -> float | None:
    """The western edge by the cache; None for no such entry."""
    try:
        answer = await services.bounds.get_bounds(catalogo_id)
    except NotFoundError:
        return None
    return edge(answer)


def edge(answer: Answer) -> float | None:
    """The western edge that an answer gives."""
    box = json.loads(answer.entry.body)["bbox"]
    return float(box[0]) if box else None


async def seen(services: Services, catalogo_id: int, wanted: float | None) -> float:
    """Seconds until the cache gives this edge, whichever it gave before."""
    started = time.monotonic()
    while await west(services, catalogo_id) != wanted:
        assert time.monotonic() < started + 10, "the change is not seen"
        await asyncio.sleep(0.005)
    return time.monotonic() - started


def stalled(
    real: Callable[..., Awaitable[object]], *, reached: asyncio.Event, go_on: asyncio.Event, before: bool
) -> Callable[..., Awaitable[object]]:
    """The same function, whose first call waits for `go_on` before or after it."""

    async def call(*values: object) -> object:
        first = not reached.is_set()
        result = None if before and first else await real(*values)
        if first:
            reached.set()
            await go_on.wait()
        return await real(*values) if before and first else result

    return call
