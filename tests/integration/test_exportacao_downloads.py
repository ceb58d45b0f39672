"""Downloads over real servers: what is stored is what is read, with where it came from; whole, or plainly not."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import psycopg
import pyogrio
import pytest
import shapely

from app.api import streams
from app.ingest.pipeline import ingest
from app.mapa import export
from app.mapa.export import COLUMNS
from app.settings import Address
from tests.integration.app_parts import Farm, relay_to, serving, settings_for
from tests.integration.importacoes_parts import word
from tests.integration.mapa_parts import MARKUP

pytest_plugins = ["tests.integration.conftest_app"]

_TRACE = ("catalogo_id", "arquivo", "importacao_id", "feature_id", "feature_index", "importado_em")
_SHAPES = {
    # Clockwise, with a hole, and coordinates that need every digit of a double.
    "Polygon": [
        [[-44.1, -17.3], [-44.1, -17.1], [-43.900000000000006, -17.1], [-43.9, -17.3], [-44.1, -17.3]],
        [[-44.05, -17.25], [-43.95, -17.25], [-43.95, -17.2], [-44.05, -17.2], [-44.05, -17.25]],
    ],
    "LineString": [[-44.123456789012345, -17.3], [-44.1, -17.299999999999997]],
    "MultiPoint": [[-44.0, -17.0], [-43.99999999999999, -17.0]],
}
_NAMES = (MARKUP, '=1+1;=2 "x"', "Ação\nlinha")


@dataclass(frozen=True)
class Brought:
    """What an import brought: the word of its names, its category, and its geometries by id."""

    word: str
    category: str
    geometries: dict[int, shapely.Geometry]
    rows: dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def brought(postgres_owner: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    name, category = word(), f"Baixar {word()}"
    features = [
        {
            "type": "Feature",
            "id": f"f{number}",
            "properties": {"name": f"{text} {name}", "category": category, "layer_name": "CAMADA"},
            "geometry": {"type": kind, "coordinates": coordinates},
        }
        for number, (text, (kind, coordinates)) in enumerate(zip(_NAMES, _SHAPES.items(), strict=True))
    ]
    path = tmp_path_factory.mktemp("brought") / "baixar.json"
    path.write_bytes(b"\n".join(map(orjson.dumps, features)))
    report = ingest(postgres_owner, path)
    with psycopg.connect(postgres_owner, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")
        rows = connection.execute(
            "SELECT *, ST_AsBinary(geom) AS wkb FROM v_mapa_feicoes WHERE importacao_id = %s", (report.import_id,)
        ).fetchall()
        assert len(rows) == len(features)
        yield Brought(name, category, {row["id"]: _same(row["wkb"]) for row in rows}, {row["id"]: row for row in rows})
        connection.execute("DELETE FROM catalogo WHERE id = ANY(%s)", ([row["catalogo_id"] for row in rows],))
        connection.execute("DELETE FROM importacoes WHERE id = %s", (report.import_id,))
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")


def _same(wkb: bytes) -> shapely.Geometry:
    """A geometry whatever the order and direction of its rings."""
    return shapely.normalize(shapely.from_wkb(wkb))


def _read(path: Path) -> dict[int, tuple[dict[str, Any], shapely.Geometry]]:
    """The features of a file, as GDAL reads them, by id."""
    meta, numbers, geometries, columns = pyogrio.raw.read(path, datetime_as_string=True, return_fids=True)
    rows = [dict(zip(meta["fields"], row, strict=True)) for row in zip(*columns, strict=True)]
    # The id of a GeoJSON feature is the number that GDAL gives to it.
    return {
        int(row.pop("id", number)): (row, _same(wkb))
        for row, wkb, number in zip(rows, geometries, numbers, strict=True)
    }


def _keep(path: Path, body: bytes) -> None:
    path.write_bytes(body)


async def _saved(client: httpx.AsyncClient, path: Path, **asked: str) -> httpx.Response:
    answer = await client.get(f"/v1/exportacao{path.suffix}", params=asked)
    assert answer.status_code == 200, answer.text
    _keep(path, answer.content)
    return answer


async def test_what_is_stored_is_what_is_read(client: httpx.AsyncClient, brought: Brought, tmp_path: Path) -> None:
    for ending, kind in (("geojson", "application/geo+json"), ("gpkg", "application/geopackage+sqlite3")):
        for asked in ({"query": brought.word}, {"categoria": brought.category}):
            path = tmp_path / f"{len(asked)}.{ending}"
            answer = await _saved(client, path, **asked)
            assert answer.headers["content-type"] == kind
            assert answer.headers["content-disposition"].endswith(f'.{ending}"')
            read = _read(path)
            assert {number: geometry for number, (_, geometry) in read.items()} == brought.geometries
            for number, (row, _) in read.items():
                stored = brought.rows[number]
                assert set(row) == {column.name for column in COLUMNS} - {"id"}
                for name in ("nome", "tipo", "categoria", "camada", "arquivo", "feature_id"):
                    assert row[name] == stored[name], (ending, name)
                for name in ("catalogo_id", "importacao_id", "feature_index"):
                    assert int(row[name]) == stored[name], (ending, name)
                assert str(row["importado_em"]).startswith(stored["importado_em"].strftime("%Y-%m-%dT%H:%M:%S"))


async def test_geojson_is_rfc_7946_and_can_be_imported_again(
    client: httpx.AsyncClient, brought: Brought, postgres_owner: str, catalogue: psycopg.Connection[Any], tmp_path: Path
) -> None:
    path = tmp_path / "de novo.geojson"
    answer = await _saved(client, path, categoria=brought.category)
    told = answer.json()
    assert (told["type"], told["numberReturned"]) == ("FeatureCollection", 3)
    for feature in told["features"]:
        assert set(_TRACE) <= set(feature["properties"])
        if feature["geometry"]["type"] == "MultiPolygon":
            for outer, *inner in feature["geometry"]["coordinates"]:
                assert shapely.LinearRing(outer).is_ccw
                assert not any(shapely.LinearRing(ring).is_ccw for ring in inner)
    report = ingest(postgres_owner, path)
    assert (report.stored, report.rejected, report.repaired) == (3, 0, 0)
    again = catalogue.execute(
        "SELECT ST_AsBinary(geom) FROM v_mapa_feicoes WHERE importacao_id = %s", (report.import_id,)
    ).fetchall()
    assert sorted(shapely.to_wkb(_same(row[0])) for row in again) == sorted(
        shapely.to_wkb(one) for one in brought.geometries.values()
    )


async def test_csv_is_text_for_every_reader(client: httpx.AsyncClient, brought: Brought, tmp_path: Path) -> None:
    path = tmp_path / "feicoes.csv"
    answer = await _saved(client, path, categoria=brought.category)
    assert answer.headers["content-type"].startswith("text/csv")
    read = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert {int(line["id"]): _same(shapely.from_wkt(line["WKT"]).wkb) for line in read} == brought.geometries
    for line in read:
        stored = brought.rows[int(line["id"])]
        assert line["nome"] in {stored["nome"], stored["nome"].replace("=1+1;=2", "'=1+1;'=2")}
        assert not line["nome"].startswith("=")
        assert [line[name] for name in _TRACE[:5]] == [str(stored[name]) for name in _TRACE[:5]]
    assert pyogrio.read_info(path)["geometry_type"] is not None


async def test_nothing_found_is_an_empty_file(client: httpx.AsyncClient, brought: Brought, tmp_path: Path) -> None:
    nothing = {"categoria": f"nada {brought.word}"}
    assert (await _saved(client, tmp_path / "a.geojson", **nothing)).json()["features"] == []
    assert len((await _saved(client, tmp_path / "a.csv", **nothing)).text.splitlines()) == 1
    await _saved(client, tmp_path / "a.gpkg", **nothing)
    assert pyogrio.read_info(tmp_path / "a.gpkg")["features"] == 0
    kind = {"query": brought.word, "tipo": f"outro {brought.word}"}
    assert (await _saved(client, tmp_path / "b.geojson", **kind)).json()["features"] == []


async def test_a_search_gives_what_the_catalogues_own_search_finds(
    client: httpx.AsyncClient, farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PAGE_FEATURES", 100)
    found = (await client.get("/v1/catalogo", params={"query": farm.word, "only_geometric": "true"})).json()["items"]
    told = (await _saved(client, tmp_path / "a.geojson", query=farm.word)).json()
    numbers = [feature["id"] for feature in told["features"]]
    assert len(numbers) == len(set(numbers)) == 451
    assert {feature["properties"]["catalogo_id"] for feature in told["features"]} == {item["id"] for item in found}


async def test_too_much_is_said_clearly(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, farm: Farm
) -> None:
    settings = settings_for(postgres_app, redis_sentinels, redis_password, export_features=100)
    async with serving(settings) as client:
        answer = await client.get("/v1/exportacao.gpkg", params={"query": farm.word})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("more than 100 features are asked for")
        assert (await client.get("/v1/exportacao.geojson", params={"query": farm.word})).status_code == 200
        assert (await client.get("/v1/exportacao.csv", params={"nada": "1"})).status_code == 422


@pytest.mark.parametrize("ending", ["geojson", "csv"])
async def test_a_failure_on_the_way_does_not_look_like_a_whole_file(
    *,
    postgres_app: str,
    redis_sentinels: list[Address],
    redis_password: str,
    farm: Farm,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
) -> None:
    async with relay_to(postgres_app) as (relay, conninfo):
        pages = 0
        statement = export._statement

        def cutting(*given: Any, **others: Any) -> tuple[str, dict[str, object]]:
            nonlocal pages
            pages += 1
            if pages == 4:
                relay.cut()
            return statement(*given, **others)

        monkeypatch.setattr(export, "_statement", cutting)
        monkeypatch.setattr(export, "_PAGE_FEATURES", 50)
        monkeypatch.setattr(streams, "_WHOLE_BYTES", 1000)
        body = b""

        async def download(client: httpx.AsyncClient) -> None:
            nonlocal body
            async with client.stream("GET", f"/v1/exportacao.{ending}", params={"query": farm.word}) as answer:
                assert answer.status_code == 200
                async for part in answer.aiter_bytes():
                    body += part

        async with serving(settings_for(conninfo, redis_sentinels, redis_password)) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await download(client)
        assert body
        if ending == "geojson":
            with pytest.raises(json.JSONDecodeError):
                json.loads(body)


async def test_without_postgres_it_is_503(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str
) -> None:
    async with (
        relay_to(postgres_app) as (relay, conninfo),
        serving(settings_for(conninfo, redis_sentinels, redis_password)) as client,
    ):
        relay.cut()
        for ending in ("geojson", "csv", "gpkg"):
            answer = await client.get(f"/v1/exportacao.{ending}")
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
