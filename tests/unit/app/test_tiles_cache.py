"""Tiles kept in memory: within their bound, as long as the data stay as they are, and no longer."""

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from app.errors import DatabaseUnavailableError
from app.mapa.cache import ByteCache
from app.mapa.tiles import LAST_ZOOM, MADE_AT_ONCE, Key, NoTileError, Tiles, tile_of
from app.mapa.version import Watch

if TYPE_CHECKING:
    from app.db import Database

_KEY = Key(1, 0, 0)


@dataclass(frozen=True)
class _Value:
    size: int


@dataclass
class _Postgres:
    """What Tiles and Watch ask, with an answer that a test can change, hold back or refuse."""

    version: int = 1
    folding: bool = False
    tile: bytes = b"tile"
    away: bool = False
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    now: float = 100.0

    async def fetch(self, statement: str, _: Mapping[str, object]) -> list[dict[str, Any]]:
        kind = "tile" if "mapa_tile" in statement else "version"
        self.asked.append(kind)
        tile = self.tile
        if kind == "tile" and self.gate is not None:
            await self.gate.wait()
        if self.away:
            raise DatabaseUnavailableError("the database is away", 2)
        return [{"tile": tile}] if kind == "tile" else [{"versao": self.version, "em_curso": self.folding}]

    def tiles(self, most: int = 100_000) -> Tiles:
        database = cast("Database", self)
        return Tiles(database, Watch(database, lambda: self.now), most, lambda: self.now)

    def loads(self) -> int:
        return self.asked.count("tile")


def test_the_bound_holds_and_what_is_used_stays() -> None:
    cache: ByteCache[_Value] = ByteCache(100)
    for key in range(4):
        cache.put(key, _Value(25))
    assert cache.get(0) == _Value(25)
    cache.put(4, _Value(30))
    assert (cache.get(0), cache.get(1), cache.get(2)) == (_Value(25), None, None)
    assert (len(cache), cache.size) == (3, 80)
    cache.put(0, _Value(10))
    assert cache.size == 65
    cache.put(5, _Value(101))
    assert (cache.get(5), cache.size) == (None, 65)
    cache.drop(0)
    assert cache.size == 55


def test_a_tile_is_packed_when_that_is_how_it_is_sent() -> None:
    small, large = tile_of(b"x" * 100), tile_of(b"x" * 10_000)
    assert (small.packed, small.data, small.raw()) == (False, b"x" * 100, b"x" * 100)
    assert large.packed
    assert gzip.decompress(large.data) == large.raw() == b"x" * 10_000
    assert len(large.data) < 1000
    assert small.etag.startswith('"')
    assert large.etag.startswith('W/"')
    assert tile_of(b"x" * 10_000) == large
    assert tile_of(b"x" * 10_001).etag != large.etag


@pytest.mark.parametrize("key", [Key(-1, 0, 0), Key(LAST_ZOOM + 1, 0, 0), Key(2, 4, 0), Key(2, 0, 4), Key(2, -1, 0)])
async def test_there_is_no_such_tile_and_nobody_is_asked(key: Key) -> None:
    postgres = _Postgres()
    with pytest.raises(NoTileError):
        await postgres.tiles().get(key)
    assert not postgres.asked


async def test_one_load_for_all_and_none_while_nothing_changes() -> None:
    postgres = _Postgres()
    tiles = postgres.tiles()
    answers = await asyncio.gather(*(tiles.get(_KEY) for _ in range(50)))
    assert {answer.level for answer in answers} == {"postgres"}
    assert postgres.loads() == 1
    assert (await tiles.get(_KEY)).level == "l1"
    asked = len(postgres.asked)
    await tiles.get(_KEY)
    assert len(postgres.asked) == asked, "within the half second nothing is asked at all"
    postgres.now += 1
    assert (await tiles.get(_KEY)).level == "l1"
    assert postgres.loads() == 1


async def test_a_new_version_is_loaded_anew_also_by_who_comes_while_an_old_load_runs() -> None:
    postgres = _Postgres(gate=asyncio.Event())
    tiles = postgres.tiles()
    early = asyncio.create_task(tiles.get(_KEY))
    await asyncio.sleep(0.01)
    postgres.now, postgres.version, postgres.tile = postgres.now + 1, 2, b"new"
    late = asyncio.create_task(tiles.get(_KEY))
    await asyncio.sleep(0.01)
    assert postgres.gate is not None
    postgres.gate.set()
    assert (await early).tile.raw() == b"tile"
    assert (await late).tile.raw() == b"new"
    assert (await tiles.get(_KEY)).tile.raw() == b"new"


async def test_what_is_read_while_a_fold_is_at_work_is_read_again() -> None:
    postgres = _Postgres(folding=True)
    tiles = postgres.tiles()
    await tiles.get(_KEY)
    assert (await tiles.get(_KEY)).level == "l1", "within one look it is as good as it can be"
    postgres.folding, postgres.now, postgres.tile = False, postgres.now + 1, b"settled"
    assert (await tiles.get(_KEY)).tile.raw() == b"settled"
    postgres.now += 1
    assert (await tiles.get(_KEY)).level == "l1"


async def test_while_postgres_is_away_old_tiles_are_marked_and_nobody_waits_for_others() -> None:
    postgres = _Postgres()
    tiles = postgres.tiles()
    await tiles.get(_KEY)
    postgres.away, postgres.now = True, postgres.now + 1
    answer = await tiles.get(_KEY)
    assert (answer.stale, answer.level, answer.tile.raw()) == (True, "l1", b"tile")
    with pytest.raises(DatabaseUnavailableError):
        await tiles.get(Key(1, 1, 1))
    postgres.now += 86_400
    with pytest.raises(DatabaseUnavailableError):
        await tiles.get(_KEY)
    postgres.away = False
    await tiles.get(_KEY)
    await asyncio.sleep(0)
    assert not (await tiles.get(_KEY)).stale


async def test_few_tiles_are_made_at_once_and_all_come() -> None:
    postgres = _Postgres(gate=asyncio.Event())
    assert postgres.gate is not None
    tiles = postgres.tiles()
    keys = [Key(6, row, 0) for row in range(3 * MADE_AT_ONCE)]
    asked = [asyncio.create_task(tiles.get(key)) for key in keys]
    await asyncio.sleep(0.01)
    assert postgres.loads() == MADE_AT_ONCE
    postgres.gate.set()
    answers = await asyncio.gather(*asked)
    assert [answer.level for answer in answers] == ["postgres"] * len(keys)
    assert postgres.loads() == len(keys)


async def test_who_waits_too_long_for_a_place_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.mapa.tiles._WAIT_S", 0.05)
    postgres = _Postgres(gate=asyncio.Event())
    assert postgres.gate is not None
    tiles = postgres.tiles()
    held = [asyncio.create_task(tiles.get(Key(6, row, 0))) for row in range(MADE_AT_ONCE)]
    await asyncio.sleep(0.01)
    with pytest.raises(DatabaseUnavailableError, match="busy with other tiles"):
        await tiles.get(_KEY)
    postgres.gate.set()
    await asyncio.gather(*held)
    assert (await tiles.get(_KEY)).level == "postgres"
