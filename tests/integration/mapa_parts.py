"""Parts for the tests of the map: features far from everybody else's, and a reader of vector tiles that is not ours."""

import asyncio
import contextlib
import math
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pyogrio
import shapely
from shapely import Point, box

TYPE = "application/vnd.mapbox-vector-tile"
WEST, SOUTH = 20.0, 10.0
MARKUP = "<img src=x onerror=alert(1)> & \"Zé\" 'x'"


@dataclass(frozen=True)
class Ground:
    """Entries of one category of their own: squares, a road too thin to be seen, points, and one that is not active."""

    word: str
    category: str
    collection: str
    squares: int
    thin: int
    points: int
    hidden: int


@contextlib.contextmanager
def ground(owner: str) -> Iterator[Ground]:
    """Put the features into the catalogue, and take them out at the end."""
    word = "zq" + secrets.token_hex(5)
    category = f"Área {word}"
    with psycopg.connect(owner, autocommit=True) as connection:

        def entry(name: str, status: str = "ativo") -> int:
            row = connection.execute(
                "INSERT INTO catalogo (nome, tipo, status) VALUES (%s, %s, %s) RETURNING id", (name, word, status)
            ).fetchone()
            assert row is not None
            return int(row[0])

        found = Ground(
            word,
            category,
            f"area_{word}",
            entry(f"Quadras {word}"),
            entry(MARKUP),
            entry(f"Pontos {word}"),
            entry(f"Oculta {word}", "inativo"),
        )
        ids = [found.squares, found.thin, found.points, found.hidden]
        imported = connection.execute(
            "INSERT INTO importacoes (arquivo, digest, formato, lidas, armazenadas)"
            " VALUES ('mapa.json', %s, 'ndjson', 4, 4) RETURNING id",
            (secrets.token_hex(32),),
        ).fetchone()
        assert imported is not None
        connection.execute(
            "INSERT INTO catalogo_origem (catalogo_id, importacao_id, feature_id, feature_index, categoria, camada)"
            " SELECT id, %s, 'f' || n, n - 1, %s, 'CAMADA' FROM unnest(%s::bigint[]) WITH ORDINALITY AS e (id, n)",
            (imported[0], category, ids),
        )
        corners = [(WEST + n % 20 / 100, SOUTH + n // 20 / 100) for n in range(200)]
        shapes = [
            *((found.squares, box(x, y, x + 0.008, y + 0.008)) for x, y in corners),
            (found.thin, box(WEST, SOUTH - 0.01, WEST + 0.2, SOUTH - 0.00999)),
            *((found.points, Point(WEST + n / 50, SOUTH + 0.15)) for n in range(10)),
            (found.hidden, box(WEST, SOUTH, WEST + 1, SOUTH + 1)),
        ]
        connection.cursor().executemany(
            "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)"
            " VALUES (%s, ST_Multi(ST_GeomFromWKB(decode(%s, 'hex'), 4326)))",
            [(owner_of, shapely.to_wkb(shape, hex=True)) for owner_of, shape in shapes],
        )
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")
        try:
            yield found
        finally:
            connection.execute("DELETE FROM catalogo WHERE id = ANY(%s)", (ids,))
            connection.execute("DELETE FROM importacoes WHERE id = %s", imported)
            connection.execute("SELECT fold_catalogo_changes(NULL, true)")


def tile_at(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """Row and column of the tile in which a point lies."""
    tiles = 2**zoom
    north = 1 - math.asinh(math.tan(math.radians(latitude))) / math.pi
    return int(north / 2 * tiles), int((longitude + 180) / 360 * tiles)


def tile_path(zoom: int, row: int, column: int, collection: str | None = None) -> str:
    """Path of a tile."""
    of = "" if collection is None else f"/collections/{collection}"
    return f"/ogc{of}/tiles/WebMercatorQuad/{zoom}/{row}/{column}"


def decoded(body: bytes, folder: Path, zoom: int, row: int, column: int) -> dict[int, dict[str, Any]]:
    """The features of a tile by their id, as GDAL reads them; it knows the tile's place from the names of folders."""
    path = folder / str(zoom) / str(column) / f"{row}.pbf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    assert [name for name, _ in pyogrio.list_layers(path)] == ["feicoes"]
    meta, _, geometries, columns = pyogrio.raw.read(path, layer="feicoes")
    rows = zip(*columns, strict=True)
    found = [
        dict(zip(meta["fields"], row, strict=True)) | {"wkb": wkb} for row, wkb in zip(rows, geometries, strict=True)
    ]
    return {int(row.pop("mvt_id")): row for row in found}


async def until(client: httpx.AsyncClient, path: str, holds: Any, seconds: float = 30) -> httpx.Response:
    """Ask until an answer is as wanted, and give it."""
    end = time.monotonic() + seconds
    while True:
        answer = await client.get(path)
        if holds(answer):
            return answer
        assert time.monotonic() < end, (answer.status_code, answer.headers, answer.text[:300])
        await asyncio.sleep(0.1)
