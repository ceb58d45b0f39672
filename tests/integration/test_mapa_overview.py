"""What the map page asks beside tiles: the overview, and a feature that somebody clicked on."""

from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.integration.mapa_parts import MARKUP, SOUTH, WEST, Ground, ground, until

pytest_plugins = ["tests.integration.conftest_app"]


@pytest.fixture(scope="module")
def land(postgres_owner: str) -> Iterator[Ground]:
    with ground(postgres_owner) as found:
        yield found


async def test_the_overview_counts_what_sql_counts(client: httpx.AsyncClient, land: Ground, postgres_app: str) -> None:
    answer = await until(client, "/v1/mapa", lambda answer: land.category in answer.text)
    told = answer.json()
    (layer,) = (one for one in told["categorias"] if one["categoria"] == land.category)
    assert layer["id"] == land.collection
    assert layer["grafias"] == [land.category]
    assert layer["feicoes"] == 211
    assert layer["extensao"] == pytest.approx([WEST, SOUTH - 0.01, WEST + 0.2, SOUTH + 0.15])
    assert told["total"] == sum(one["feicoes"] for one in told["categorias"])
    with psycopg.connect(postgres_app) as connection:
        row = connection.execute(
            "SELECT count(*), count(DISTINCT categoria), ST_XMin(ST_Extent(geom)), ST_YMax(ST_Extent(geom))"
            " FROM v_mapa_feicoes"
        ).fetchone()
    assert row == (told["total"], len(told["categorias"]), *(pytest.approx(told["extensao"][at]) for at in (0, 3)))
    assert told["atualizado_em"]
    same = await client.get("/v1/mapa", headers={"if-none-match": answer.headers["etag"]})
    assert same.status_code == 304


async def test_a_feature_has_everything_that_is_known(
    client: httpx.AsyncClient, land: Ground, postgres_app: str
) -> None:
    with psycopg.connect(postgres_app) as connection:
        row = connection.execute(
            "SELECT id, ST_Area(geom::geography), ST_Perimeter(geom::geography), importacao_id FROM v_mapa_feicoes"
            " WHERE catalogo_id = %s",
            (land.thin,),
        ).fetchone()
    assert row is not None
    answer = await client.get(f"/v1/mapa/feicoes/{row[0]}")
    assert answer.headers["content-type"] == "application/geo+json"
    told = answer.json()
    known = told["properties"]
    assert (told["type"], told["id"], told["geometry"]["type"]) == ("Feature", row[0], "MultiPolygon")
    assert told["bbox"] == pytest.approx([WEST, SOUTH - 0.01, WEST + 0.2, SOUTH - 0.00999])
    assert (known["area_m2"], known["perimetro_m"]) == pytest.approx(row[1:3])
    assert (known["nome"], known["categoria"], known["arquivo"]) == (MARKUP, land.category, "mapa.json")
    assert (known["importacao_id"], known["feature_id"], known["feature_index"]) == (row[3], "f2", 1)
    assert known["is_valid"] is True


async def test_an_unknown_feature_is_404(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/v1/mapa/feicoes/{2**60}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"the collection feicoes has no feature {2**60}"
