"""Downloads as a file: limits, a few at once, and nothing left behind."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from app.mapa.export import COLUMNS, TooMuchError
from app.mapa.export_file import BusyError, Desk, Limits, chunks

_AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def _rows(first: int, count: int) -> list[dict[str, Any]]:
    row: dict[str, Any] = dict.fromkeys(column.name for column in COLUMNS)
    known = {"catalogo_id": 17, "nome": "<img onerror=x>", "tipo": "Pasto", "categoria": "PASTO", "is_valid": False}
    return [
        row
        | known
        | {"id": number, "created_at": _AT, "updated_at": _AT, "geometry": shapely.MultiPoint([(number, 1)]).wkb}
        for number in range(first, first + count)
    ]


async def _pages(*pages: list[dict[str, Any]]) -> AsyncIterator[list[dict[str, Any]]]:
    for page in pages:
        yield page


async def _held(begun: asyncio.Event, goes_on: asyncio.Event) -> AsyncIterator[list[dict[str, Any]]]:
    begun.set()
    await goes_on.wait()
    yield _rows(1, 1)


def _left(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def _kept(desk: Desk, folder: Path, *pages: list[dict[str, Any]]) -> Path:
    path = folder / "kept.gpkg"
    with await desk.write(_pages(*pages)) as file:
        path.write_bytes(b"".join([part async for part in chunks(file)]))
    return path


async def test_pages_become_one_layer_and_no_file_is_left(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    desk = Desk(spool, Limits(features=10, megabytes=1, at_once=1))
    path = await _kept(desk, tmp_path, _rows(1, 4), _rows(5, 3))
    assert _left(spool) == []
    meta, _, geometries, columns = pyogrio.raw.read(path, layer="feicoes")
    read = dict(zip(meta["fields"], columns, strict=True))
    assert meta["crs"] == "EPSG:4326"
    assert list(read) == [column.name for column in COLUMNS]
    assert list(read["id"]) == list(range(1, 8))
    assert [point.x for point in shapely.get_parts(shapely.from_wkb(geometries))] == list(range(1, 8))
    assert set(read["nome"]) == {"<img onerror=x>"}
    assert set(read["arquivo"]) == {None}
    assert not any(read["is_valid"])
    assert str(read["created_at"][0]).startswith("2026-03-01T12:00:00.250")


async def test_nothing_asked_for_is_a_layer_without_features(tmp_path: Path) -> None:
    path = await _kept(Desk(tmp_path, Limits(1, 1, 1)), tmp_path)
    assert pyogrio.read_info(path)["features"] == 0
    assert list(pyogrio.read_info(path)["fields"]) == [column.name for column in COLUMNS]


async def test_too_much_is_refused_and_removed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Limits(features=5, megabytes=1, at_once=1))
    with pytest.raises(TooMuchError, match="more than 5 features"):
        await desk.write(_pages(_rows(1, 4), _rows(5, 4)))
    large = _rows(1, 1)
    large[0]["descricao"] = "x" * 2_000_000
    with pytest.raises(TooMuchError, match="larger than 1 MiB"):
        await desk.write(_pages(large))
    assert _left(tmp_path) == []


async def test_a_few_at_once_and_places_come_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Limits(features=10, megabytes=1, at_once=1))
    begun, wait = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(desk.write(_held(begun, wait)))
    await begun.wait()
    assert len(_left(tmp_path)) == 1
    with pytest.raises(BusyError) as refused:
        await desk.write(_pages(_rows(1, 1)))
    assert refused.value.retry_after
    wait.set()
    (await first).close()
    begun.clear()
    cancelled = asyncio.create_task(desk.write(_held(begun, asyncio.Event())))
    await begun.wait()
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    (await desk.write(_pages(_rows(1, 1)))).close()
    assert _left(tmp_path) == []


def test_more_than_may_be_sent_are_refused() -> None:
    desk = Desk(None, Limits(features=10, megabytes=1, at_once=1))
    held = [desk.place() for _ in range(5)]
    for place in held:
        place.__enter__()
    with pytest.raises(BusyError), desk.place():
        pass
    held[0].__exit__(None, None, None)
    with desk.place():
        pass


async def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    old, young = tmp_path / "exportacao-old", tmp_path / "exportacao-young"
    for folder in (old, young):
        folder.mkdir()
    past = time.time() - 7200
    os.utime(old, (past, past))
    (await Desk(tmp_path, Limits(10, 1, 1)).write(_pages(_rows(1, 1)))).close()
    assert _left(tmp_path) == [young]
