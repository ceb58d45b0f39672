"""Vector tiles over real servers: what is in them, how they are kept, and what happens while Postgres is away."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import shapely

from app.mapa.tiles import LAST_ZOOM
from app.settings import Address
from tests.integration.app_parts import relay_to, serving, settings_for
from tests.integration.mapa_parts import (
    MARKUP,
    SOUTH,
    TYPE,
    WEST,
    Ground,
    decoded,
    ground,
    tile_at,
    tile_path,
    until,
)

pytest_plugins = ["tests.integration.conftest_app"]


@pytest.fixture(scope="module")
def land(postgres_owner: str) -> Iterator[Ground]:
    with ground(postgres_owner) as found:
        yield found


@pytest.fixture
async def known(client: httpx.AsyncClient, land: Ground) -> Ground:
    """The land, once the app has seen it."""
    await until(client, "/v1/mapa", lambda answer: land.category in answer.text)
    return land


def _there(owner: str, land: Ground, place: tuple[int, int, int], margin: float) -> set[int]:
    """Ids that SQL finds in a tile and around it."""
    zoom, row, column = place
    with psycopg.connect(owner) as connection:
        rows = connection.execute(
            "SELECT id FROM v_mapa_feicoes WHERE categoria = %s"
            " AND ST_Intersects(geom, ST_Transform(ST_TileEnvelope(%s, %s, %s, margin => %s), 4326))",
            (land.category, zoom, column, row, margin),
        ).fetchall()
    return {row[0] for row in rows}


@pytest.mark.parametrize("zoom", [5, 9, 11, 13, 16, LAST_ZOOM])
async def test_a_tile_holds_what_sql_finds_there(
    client: httpx.AsyncClient, known: Ground, postgres_owner: str, tmp_path: Path, zoom: int
) -> None:
    seen = 0
    for longitude, latitude in (
        (WEST + 0.004, SOUTH + 0.004),
        (WEST + 0.1, SOUTH - 0.009995),
        (WEST + 0.1, SOUTH + 0.15),
    ):
        row, column = tile_at(longitude, latitude, zoom)
        least = _there(postgres_owner, known, (zoom, row, column), 0)
        most = _there(postgres_owner, known, (zoom, row, column), 64 / 4096 + 1 / 512)
        answer = await client.get(tile_path(zoom, row, column, known.collection))
        assert answer.headers["content-type"] == TYPE
        found = set(decoded(answer.content, tmp_path, zoom, row, column))
        assert least <= found <= most
        seen += len(found)
    assert seen >= (600 if zoom == 5 else 3)


async def test_features_have_what_was_promised_and_names_are_text(
    client: httpx.AsyncClient, known: Ground, tmp_path: Path
) -> None:
    row, column = tile_at(WEST + 0.1, SOUTH - 0.009995, 12)
    answer = await client.get(tile_path(12, row, column))
    found = decoded(answer.content, tmp_path, 12, row, column)
    one = next(one for one in found.values() if one["catalogo_id"] == known.thin)
    assert set(one) == {"catalogo_id", "nome", "categoria", "area_m2", "wkb"}
    assert one["nome"] == MARKUP
    assert one["categoria"] == known.category
    assert one["area_m2"] == pytest.approx(0.2 * 109_639 * 1.1057, rel=0.01)
    # Too thin to be an area on this scale, it is drawn as a line where it lies.
    drawn = shapely.from_wkb(one["wkb"])
    assert drawn.geom_type.endswith("LineString")
    assert drawn.bounds[2] - drawn.bounds[0] > 1000


async def test_points_stay_points_and_what_is_not_active_is_not_there(
    client: httpx.AsyncClient, known: Ground, tmp_path: Path
) -> None:
    row, column = tile_at(WEST + 0.1, SOUTH + 0.15, 9)
    answer = await client.get(tile_path(9, row, column, known.collection))
    found = decoded(answer.content, tmp_path, 9, row, column).values()
    assert known.hidden not in {one["catalogo_id"] for one in found}
    points = [shapely.from_wkb(one["wkb"]) for one in found if one["catalogo_id"] == known.points]
    assert len(points) == 10
    assert {point.geom_type for point in points} <= {"Point", "MultiPoint"}


async def counted(client: httpx.AsyncClient, level: str) -> float:
    """How many tiles were answered from a level."""
    text = (await client.get("/metrics")).text
    assert float(text.partition("\nmundo_map_tiles_kept_bytes ")[2].partition("\n")[0]) > 0
    return float(text.partition(f'mundo_map_tiles_total{{level="{level}"}} ')[2].partition("\n")[0])


async def test_a_tile_is_kept_until_something_changes(
    client: httpx.AsyncClient, known: Ground, postgres_owner: str
) -> None:
    row, column = tile_at(WEST + 0.05, SOUTH + 0.05, 13)
    path = tile_path(13, row, column, known.collection)
    await until(client, path, lambda answer: answer.headers["x-cache"] == "l1")
    before = await counted(client, "l1")
    first = await client.get(path)
    same = await client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert await counted(client, "l1") == before + 2
    assert (same.status_code, same.content, same.headers["x-cache"]) == (304, b"", "l1")
    assert first.headers["cache-control"] == same.headers["cache-control"] == "no-cache"
    plain = await client.get(path, headers={"accept-encoding": "identity"})
    assert plain.content == first.content
    assert plain.headers["etag"] == first.headers["etag"]
    with psycopg.connect(postgres_owner, autocommit=True) as connection:
        moved = connection.execute(
            "UPDATE catalogo_geometrias_particionada SET geom = ST_Translate(geom, 0.0005, 0) WHERE catalogo_id = %s",
            (known.squares,),
        ).rowcount
        assert moved == 200
        await until(client, path, lambda answer: answer.content != first.content)
        connection.execute(
            "UPDATE catalogo_geometrias_particionada SET geom = ST_Translate(geom, -0.0005, 0) WHERE catalogo_id = %s",
            (known.squares,),
        )
        # The validator is of the content: what is as it was is known again.
        await until(client, path, lambda answer: answer.headers["etag"] == first.headers["etag"])


async def test_nothing_there_is_204_and_no_such_tile_404(client: httpx.AsyncClient, known: Ground) -> None:
    row, column = tile_at(-150, -40, 14)
    empty = await client.get(tile_path(14, row, column))
    assert (empty.status_code, empty.content, empty.headers["cache-control"]) == (204, b"", "no-cache")
    for path, said in (
        (tile_path(LAST_ZOOM + 1, 0, 0), f"no tile matrix {LAST_ZOOM + 1} here: 0 to {LAST_ZOOM}"),
        (tile_path(3, 8, 0), "no row 8 and column 0: both are 0 to 7"),
        (tile_path(3, 0, 8), "no row 0 and column 8: both are 0 to 7"),
        ("/ogc/tiles/WebMercatorQuad/x/0/0", "path.z: Input should be a valid integer"),
        ("/ogc/tiles/WebMercatorQuad/1/-1/0", "path.row: Input should be greater than or equal to 0"),
        (tile_path(3, 0, 0, f"no-{known.word}"), "no collection has the id"),
    ):
        answer = await client.get(path)
        assert answer.status_code == 404, path
        assert said in answer.json()["detail"], path
        assert answer.headers["content-type"] == "application/problem+json"


async def test_while_postgres_is_away_what_is_kept_is_answered_and_marked(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, land: Ground
) -> None:
    row, column = tile_at(WEST + 0.05, SOUTH + 0.05, 12)
    kept, other = tile_path(12, row, column, land.collection), tile_path(12, row + 1, column)
    async with relay_to(postgres_app) as (relay, conninfo):
        settings = settings_for(conninfo, redis_sentinels, redis_password)
        async with serving(settings) as client:
            before = await until(client, kept, lambda answer: answer.status_code == 200)
            overview = await client.get("/v1/mapa")
            assert overview.status_code == 200
            relay.cut()
            answer = await until(client, kept, lambda answer: "x-cache-stale" in answer.headers)
            assert (answer.status_code, answer.content) == (200, before.content)
            same = await client.get(kept, headers={"if-none-match": before.headers["etag"]})
            assert (same.status_code, same.headers["x-cache-stale"]) == (304, "true")
            old = await until(client, "/v1/mapa", lambda answer: "x-cache-stale" in answer.headers)
            assert old.content == overview.content
            refused = await client.get(other)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
            await relay.open()
            await until(client, kept, lambda answer: "x-cache-stale" not in answer.headers)
            await until(client, other, lambda answer: answer.status_code in {200, 204})
