"""Vector tiles: made by Postgres (`mapa_tile`), and kept here while the data stay as they are."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from app.bounds.flight import SingleFlight
from app.conditional import COMPRESSED_FROM_BYTES, validator
from app.errors import DatabaseUnavailableError, QueryTooSlowError, ServiceError
from app.mapa.cache import ByteCache

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from app.db import Database
    from app.mapa.version import Look, Watch

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
MATRIX_SET = "WebMercatorQuad"
LAYER = "feicoes"
LAST_ZOOM = 22

_TILE = "SELECT mapa_tile(%(z)s::integer, %(row)s::integer, %(col)s::integer, %(categories)s::text[]) AS tile"
_AWAY = (DatabaseUnavailableError, QueryTooSlowError)
# Changes are seen by the version, so this only bounds what nobody has thought of.
_FRESH_S = 600.0
_STALE_S = 86_400.0
_OVERHEAD_BYTES = 600
_PACKED_APART_BYTES = 64 * 1024
# A tile of many features takes one of Postgres' processors for a second. More of them at once, as whoever opens the map
# asks for, would each take longer than a statement may.
MADE_AT_ONCE = 2
_WAIT_S = 10.0
_RETRY_AFTER_S = 2


class NoTileError(ServiceError):
    """The tile matrix set has no such tile."""

    status = 404

    def __init__(self, key: Key) -> None:
        """Say what there is."""
        if not 0 <= key.z <= LAST_ZOOM:
            super().__init__(f"{MATRIX_SET} has no tile matrix {key.z} here: 0 to {LAST_ZOOM} are served")
        else:
            last = (1 << key.z) - 1
            super().__init__(
                f"tile matrix {key.z} of {MATRIX_SET} has no row {key.row} and column {key.col}: both are 0 to {last}"
            )


class Key(NamedTuple):
    """Which tile: matrix, row from the north, column, and of which categories (None: all)."""

    z: int
    row: int
    col: int
    categories: tuple[str, ...] | None = None

    def check(self) -> None:
        """Raise NoTileError unless there is such a tile."""
        if not 0 <= self.z <= LAST_ZOOM or not 0 <= self.row < 1 << self.z or not 0 <= self.col < 1 << self.z:
            raise NoTileError(self)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as it is kept: compressed (`packed`) when that is how most are sent."""

    data: bytes
    packed: bool
    etag: str

    @property
    def empty(self) -> bool:
        """Whether nothing is in it."""
        return not self.data

    def raw(self) -> bytes:
        """Return the tile uncompressed."""
        return gzip.decompress(self.data) if self.packed else self.data


def tile_of(data: bytes) -> Tile:
    """Pack a tile; its validator comes from its bytes, so it is the same whenever they are."""
    if len(data) < COMPRESSED_FROM_BYTES:
        return Tile(data, packed=False, etag=validator(data))
    return Tile(gzip.compress(data, 5, mtime=0), packed=True, etag=validator(data))


@dataclass(frozen=True, slots=True)
class _Kept:
    tile: Tile
    look: Look | None
    read_at: float

    @property
    def size(self) -> int:
        return len(self.tile.data) + _OVERHEAD_BYTES


@dataclass(frozen=True, slots=True)
class Answer:
    """A tile, where it came from, and whether it may be old because Postgres is away."""

    tile: Tile
    level: Literal["l1", "postgres"]
    stale: bool = False


class Tiles:
    """Tiles from memory while nothing has changed, else from Postgres, one load for all who ask for the same.

    While Postgres is away, what is in memory is answered, marked stale.
    """

    def __init__(
        self, database: Database, watch: Watch, most_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Keep at most `most_bytes`; `clock` gives seconds."""
        self._database = database
        self._watch = watch
        self._clock = clock
        self._cache: ByteCache[_Kept] = ByteCache(most_bytes)
        self._flight: SingleFlight[Tile] = SingleFlight()
        self._places = asyncio.Semaphore(MADE_AT_ONCE)

    @property
    def kept_bytes(self) -> int:
        """Bytes that the tiles in memory take."""
        return self._cache.size

    async def get(self, key: Key) -> Answer:
        """Return a tile; raises NoTileError, or what the database raises when it must be asked and cannot be."""
        key.check()
        look = await self._watch.now()
        kept = self._cache.get(key)
        age = self._clock() - kept.read_at if kept is not None else 0.0
        if kept is not None and look is None and age < _STALE_S:
            return Answer(kept.tile, "l1", stale=True)
        if kept is not None and look is not None and kept.look is not None and look.holds(kept.look) and age < _FRESH_S:
            return Answer(kept.tile, "l1")
        try:
            # A load that began before a change is no answer for who asks after it.
            return Answer(await self._flight.get((key, look), lambda _: self._load(key, look)), "postgres")
        except _AWAY:
            if kept is None or age >= _STALE_S:
                raise
            return Answer(kept.tile, "l1", stale=True)

    async def stop(self) -> None:
        """End the loads that are under way."""
        await self._flight.stop()

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Wait for a place among the few tiles that Postgres makes at once, and hold it."""
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._places.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailableError("the database is busy with other tiles", _RETRY_AFTER_S) from error
        try:
            yield
        finally:
            self._places.release()

    async def _load(self, key: Key, look: Look | None) -> Tile:
        began = self._clock()
        categories = None if key.categories is None else list(key.categories)
        async with self._place():
            rows = await self._database.fetch(
                _TILE, {"z": key.z, "row": key.row, "col": key.col, "categories": categories}
            )
        data = bytes(rows[0]["tile"] or b"")
        # Compressing a large one takes longer than others should wait.
        tile = tile_of(data) if len(data) < _PACKED_APART_BYTES else await asyncio.to_thread(tile_of, data)
        self._cache.put(key, _Kept(tile, look, began))
        return tile
