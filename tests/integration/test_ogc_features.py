"""OGC API Features of the running app: links, pages, boxes, times, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.mapa import features
from app.mapa.ogc_parameters import CRS84
from tests.integration.app_parts import wait_until
from tests.integration.ogc_parts import AREAS, LINES, WELLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.ogc_parts import Asker

pytest_plugins = ["tests.integration.conftest_ogc"]


def test_every_link_leads_somewhere_of_its_type(ask: Asker) -> None:
    waiting, seen = ["/ogc", f"/ogc/collections/{ask.farm.wells}/items?limit=1"], set[str]()
    while waiting:
        url = waiting.pop()
        answer = ask.client.get(url)
        assert answer.status_code == 200, url
        if "json" not in answer.headers["content-type"]:
            continue
        page = answer.json()
        links = page.get("links", []) + [link for one in page.get("collections", []) for link in one["links"]]
        for link in links + [link for one in page.get("features", []) for link in one.get("links", [])]:
            assert link["href"].startswith(str(ask.client.base_url))
            if link["href"] not in seen:
                seen.add(link["href"])
                kind = ask.client.get(link["href"]).headers["content-type"].replace(" ", "")
                assert kind.startswith(link["type"]), link
                if ask.farm.word in link["href"]:
                    waiting.append(link["href"])
    assert len(seen) > 10


def test_collections_say_what_they_hold_and_where(ask: Asker) -> None:
    listed = {one["id"]: one for one in ask.client.get("/ogc/collections").json()["collections"]}
    assert next(iter(listed)) == "feicoes"
    for name, number in ((ask.farm.lines, LINES), (ask.farm.areas, AREAS), (ask.farm.wells, WELLS)):
        assert listed[name] == ask.client.get(f"/ogc/collections/{name}").json()
        assert listed[name]["description"] == f"{number} feições"
        row = ask.connection.execute(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e), since FROM (SELECT ST_Extent(geom) AS e,"
            " min(created_at) AS since FROM v_mapa_feicoes WHERE categoria = %s) AS all_of_it",
            (ask.farm.category(name),),
        ).fetchone()
        assert row is not None
        extent = listed[name]["extent"]
        assert extent["spatial"]["bbox"][0] == pytest.approx(row[:4])
        assert extent["temporal"]["interval"][0][0].startswith(f"{row[4]:%Y-%m-%dT%H:%M:%S}")
    assert ask.client.get("/ogc/collections/feicoes").json()["title"] == "Todas as feições"


@pytest.mark.parametrize("limit", [1, 7, 100, 136, 137, 138, 100_000])
def test_pages_join_without_gap_or_repeat(ask: Asker, limit: int) -> None:
    wanted = ask.within(ask.farm.lines)
    assert len(wanted) == LINES
    assert ask.ids(ask.farm.lines, limit=limit) == wanted
    first = ask.client.get(f"/ogc/collections/{ask.farm.lines}/items", params={"limit": limit}).json()
    assert (first["numberMatched"], first["numberReturned"]) == (LINES, min(limit, LINES))


def test_the_collection_of_all_holds_what_has_no_category(ask: Asker) -> None:
    ids = ask.ids("feicoes", limit=500)
    assert ids == ask.rows("true")
    assert set(ask.within(ask.farm.areas)) < set(ids)


@pytest.fixture
def settled(ask: Asker) -> Iterator[None]:
    """Counts are right a moment after the data changed: tests that come later begin then."""
    yield
    url = f"/ogc/collections/{ask.farm.lines}/items?limit=1"
    wait_until(lambda: ask.client.get(url).json()["numberMatched"] == LINES)


@pytest.mark.usefixtures("settled")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 60), changes=st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_no_page_skips_or_repeats_while_rows_come_and_go(ask: Asker, limit: int, changes: list[int]) -> None:
    entry = ask.within(ask.farm.lines)[0]
    kept = set(ask.within(ask.farm.lines))
    added: list[int] = []
    try:
        url: str | None = f"/ogc/collections/{ask.farm.lines}/items?limit={limit}"
        seen: list[int] = []
        while url is not None:
            page = ask.client.get(url).json()
            seen += [feature["id"] for feature in page["features"]]
            url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
            for _ in range(changes.pop() if changes else 0):
                row = ask.connection.execute(
                    "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom) SELECT catalogo_id, geom"
                    " FROM catalogo_geometrias_particionada WHERE id = %s RETURNING id",
                    (entry,),
                ).fetchone()
                assert row is not None
                added.append(row[0])
            if added and len(added) % 2:
                ask.connection.execute("DELETE FROM catalogo_geometrias_particionada WHERE id = %s", (added.pop(0),))
        assert seen == sorted(set(seen))
        assert kept <= set(seen)
    finally:
        ask.connection.execute("DELETE FROM catalogo_geometrias_particionada WHERE id = ANY(%s)", (added,))
        ask.connection.execute("SELECT fold_catalogo_changes(NULL, true)")


def test_large_features_end_a_page_early(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "_WHOLE_BYTES", 3000)
    first = ask.client.get(f"/ogc/collections/{ask.farm.lines}/items?limit=1000").json()
    assert 1 < first["numberReturned"] < 20
    assert first["numberMatched"] == LINES
    assert ask.ids(ask.farm.lines, limit=1000) == ask.within(ask.farm.lines)
    monkeypatch.setattr(features, "_PORTION", 2)
    assert ask.ids(ask.farm.lines, limit=5) == ask.within(ask.farm.lines)


@pytest.mark.parametrize(
    "bbox",
    [
        (-44, -17, -43.95, -16.5),
        (-43.9999, -17.195, -43.9998, -17.194),
        (-42.96, -16.99, -42.95, -16.98),
        (-43, -16.96, -42.97, -16.95),
        (-180, -90, 180, 90),
        (0, 0, 1, 1),
        (-43.95, -17.3, -43.95, 0),
    ],
)
def test_a_box_gives_what_meets_it(ask: Asker, bbox: tuple[float, ...]) -> None:
    west, south, east, north = bbox
    for name in (ask.farm.lines, ask.farm.areas, ask.farm.wells):
        wanted = ask.within(
            name,
            "ST_Intersects(ST_MakeValid(geom), ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4326))",
            w=west,
            s=south,
            e=east,
            n=north,
        )
        assert ask.ids(name, bbox=",".join(map(str, bbox)), limit=9) == wanted


def test_a_box_across_the_antimeridian(ask: Asker) -> None:
    found = ask.ids(ask.farm.wells, bbox="170,0,-170,20")
    assert found == ask.within(ask.farm.wells, "abs(ST_XMin(geom)) > 170")
    assert len(found) == 2


@pytest.mark.parametrize(
    ("datetime", "where"),
    [
        ("2026-01-05T12:00:00Z", "created_at = '2026-01-05T12:00:00Z'"),
        ("2026-01-05", "created_at::date = '2026-01-05'"),
        ("2026-02-01T00:00:00Z/2026-02-28T23:59:59Z", "created_at BETWEEN '2026-02-01Z' AND '2026-02-28T23:59:59Z'"),
        ("2026-03-01/..", "created_at >= '2026-03-01Z'"),
        ("/2026-01-03T12:00:00Z", "created_at <= '2026-01-03T12:00:00Z'"),
        ("2026-01-05T09:00:00-03:00", "created_at = '2026-01-05T12:00:00Z'"),
        ("../..", "true"),
    ],
)
def test_a_time_gives_what_came_to_be_in_it(ask: Asker, datetime: str, where: Any) -> None:
    wanted = ask.within(ask.farm.lines, where)
    assert wanted
    assert ask.ids(ask.farm.lines, datetime=datetime) == wanted


def test_conditions_hold_together(ask: Asker) -> None:
    box, time, text = "-44,-17.5,-43.9,-16", "2026-01-10/..", f"nome LIKE 'Cerca 5%{ask.farm.word}'"
    wanted = ask.within(
        ask.farm.lines,
        "geom && ST_MakeEnvelope(-44, -17.5, -43.9, -16, 4326) AND created_at >= '2026-01-10Z' AND nome LIKE %(text)s",
        text="Cerca 5%",
    )
    assert len(wanted) == 10
    assert ask.ids(ask.farm.lines, bbox=box, datetime=time, filter=text, limit=3) == wanted


def test_a_feature_has_the_columns_of_the_view(ask: Asker) -> None:
    number = ask.within(ask.farm.areas)[3]
    answer = ask.client.get(f"/ogc/collections/{ask.farm.areas}/items/{number}")
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["content-crs"] == f"<{CRS84}>"
    feature = answer.json()
    row = ask.connection.execute(
        "SELECT to_jsonb(f) - 'geom' - 'id', ST_AsGeoJSON(geom, 9) FROM v_mapa_feicoes AS f WHERE id = %s", (number,)
    ).fetchone()
    assert row is not None
    times = {"created_at", "updated_at", "importado_em"}
    assert {key: value for key, value in feature["properties"].items() if key not in times} == {
        key: value for key, value in row[0].items() if key not in times
    }
    assert set(feature["properties"]) == set(row[0])
    assert feature["properties"]["nome"] == f"<img onerror=alert(1)> {ask.farm.word}"
    assert feature["geometry"] == json.loads(row[1])
    page = ask.client.get(f"/ogc/collections/{ask.farm.areas}/items", params={"filter": f"id = {number}"}).json()
    del feature["links"]
    assert page["features"] == [feature]


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "0"}, {"limit": "-1"}, {"limit": "x"}, {"limit": "1.5"}, {"after": "-1"}, {"after": str(2**63)},
        {"bbox": "1,2,3"}, {"bbox": "0,1,1,0"}, {"bbox": "a,b,c,d"}, {"datetime": "ontem"}, {"datetime": "2026-02-30"},
        {"bbox-crs": "EPSG:31983"}, {"crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}, {"filter-lang": "sql"},
        {"filter": "nome ="}, {"filter": "nome = 'x'; DROP TABLE catalogo"}, {"filter": "pg_sleep(5) = 1"},
        {"filter": "x" * 9000}, {"filter": "nome LIKE 'x\\'"}, {"filter-crs": "x"}, {"f": "json"}, {"offset": "10"},
        {"filter": "{", "filter-lang": "cql2-json"},
    ],
)  # fmt: skip
def test_what_is_malformed_is_told_in_one_line(ask: Asker, parameters: dict[str, str]) -> None:
    answer = ask.client.get("/ogc/collections/feicoes/items", params=parameters)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    detail = answer.json()["detail"]
    assert detail
    assert "\n" not in detail
    assert len(detail) < 300


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/collections/nada", 404),
        ("/collections/nada/items", 404),
        ("/collections/nada/queryables", 404),
        ("/collections/feicoes/items/9223372036854775807", 404),
        ("/collections/feicoes/items/9223372036854775808", 404),
        ("/collections/feicoes/items/x", 404),
        ("/collections?x=1", 400),
        ("?x=1", 400),
        ("/", 404),
        ("/collections/feicoes/x", 404),
    ],
)
def test_what_is_not_there_is_a_problem(ask: Asker, path: str, status: int) -> None:
    answer = ask.client.get(f"/ogc{path}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_a_feature_of_another_collection_or_an_archived_entry_is_not_there(ask: Asker) -> None:
    number = ask.within(ask.farm.areas)[0]
    assert ask.client.get(f"/ogc/collections/{ask.farm.lines}/items/{number}").status_code == 404
    assert ask.client.get(f"/ogc/collections/feicoes/items/{number}").status_code == 200
    row = ask.connection.execute(
        "SELECT g.id FROM catalogo_geometrias_particionada AS g INNER JOIN catalogo AS c ON c.id = g.catalogo_id"
        " WHERE c.nome = %s",
        (f"Cerca {LINES} {ask.farm.word}",),
    ).fetchone()
    assert row is not None
    assert ask.client.get(f"/ogc/collections/feicoes/items/{row[0]}").status_code == 404


def test_validators_compression_and_head_are_as_elsewhere(ask: Asker) -> None:
    url = f"/ogc/collections/{ask.farm.lines}/items"
    answer = ask.client.get(url)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["x-request-id"]
    same = ask.client.get(url, headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert ask.client.head(url).headers["etag"] == answer.headers["etag"]
    assert ask.client.post(url).headers["allow"] == "GET, HEAD"
