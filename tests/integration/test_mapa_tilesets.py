"""OGC API Tiles as a client finds its way: from the landing page and a collection to a tile."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.mapa.conformance import CLASSES, TILES
from app.mapa.tiles_documents import SCHEME, TILESETS
from tests.integration.mapa_parts import SOUTH, TYPE, WEST, Ground, decoded, ground, tile_at, until

pytest_plugins = ["tests.integration.conftest_app"]


@pytest.fixture(scope="module")
def land(postgres_owner: str) -> Iterator[Ground]:
    with ground(postgres_owner) as found:
        yield found


async def _linked(client: httpx.AsyncClient, document: httpx.Response, rel: str) -> httpx.Response:
    (href,) = (link["href"] for link in document.json()["links"] if link["rel"] == rel)
    answer = await client.get(href)
    assert answer.status_code == 200, href
    return answer


@pytest.mark.parametrize("of_collection", [False, True], ids=["dataset", "collection"])
async def test_links_lead_to_a_tile(
    client: httpx.AsyncClient, land: Ground, tmp_path: Path, *, of_collection: bool
) -> None:
    await until(client, "/v1/mapa", lambda answer: land.category in answer.text)
    begin = f"/ogc/collections/{land.collection}" if of_collection else "/ogc"
    tilesets = await _linked(client, await client.get(begin), TILESETS)
    (summary,) = tilesets.json()["tilesets"]
    (href,) = (link["href"] for link in summary["links"] if link["rel"] == "self")
    tileset = await client.get(href)
    told = tileset.json()
    assert told["dataType"] == "vector"
    (layer,) = told["layers"]
    (template,) = (link for link in told["links"] if link["rel"] == "item")
    assert (template["type"], template["templated"]) == (TYPE, True)
    if of_collection:
        assert told["boundingBox"]["lowerLeft"] == pytest.approx([WEST, SOUTH - 0.01])
        assert told["boundingBox"]["upperRight"] == pytest.approx([WEST + 0.2, SOUTH + 0.15])
    matrix = (await _linked(client, tileset, SCHEME)).json()["tileMatrices"][12]
    assert (matrix["id"], matrix["matrixWidth"], matrix["matrixHeight"]) == ("12", 4096, 4096)
    assert matrix["scaleDenominator"] == pytest.approx(136_494.693_3)
    row, column = tile_at(WEST + 0.05, SOUTH + 0.05, 12)
    path = template["href"].format(tileMatrix=12, tileRow=row, tileCol=column)
    answer = await client.get(path)
    assert answer.headers["content-type"] == TYPE
    found = decoded(answer.content, tmp_path, 12, row, column)
    assert {name for one in found.values() for name in one} - {"wkb"} == set(layer["propertiesSchema"]["properties"])


async def test_the_matrix_set_is_listed_and_the_classes_are_claimed(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/ogc/tileMatrixSets")).json()["tileMatrixSets"]
    assert [one["id"] for one in listed] == ["WebMercatorQuad"]
    (href,) = (link["href"] for link in listed[0]["links"])
    assert (await client.get(href)).json()["uri"] == listed[0]["uri"]
    claimed = {name for name in CLASSES if name.startswith(TILES)}
    # What the tests here and in test_mapa_tiles.py show.
    shown = ("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "mvt")
    assert claimed == {f"{TILES}-1/1.0/conf/{name}" for name in shown}
    assert claimed <= set((await client.get("/ogc/conformance")).json()["conformsTo"])


async def test_tilesets_of_no_collection_are_404(client: httpx.AsyncClient) -> None:
    for path in ("/ogc/collections/nada/tiles", "/ogc/collections/nada/tiles/WebMercatorQuad"):
        assert (await client.get(path)).status_code == 404
