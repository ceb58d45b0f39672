"""What the conformance page claims, class by class: a class without a test here is a failure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_30_VALIDATOR

from app.mapa.conformance import CLASSES
from app.mapa.links import CQL2, FEATURES, OPENAPI, SCHEMA
from tests.integration.ogc_filters import CASES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.ogc_parts import Asker

pytest_plugins = ["tests.integration.conftest_ogc"]

GEOJSON = {
    "type": "object",
    "required": ["type", "features", "links", "numberReturned"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["type", "id", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "geometry": {
                        "type": "object",
                        "required": ["type", "coordinates"],
                        "properties": {"type": {"pattern": "^Multi(Point|LineString|Polygon)$"}},
                    },
                    "properties": {"type": "object"},
                },
            },
        },
    },
}


def check_core(ask: Asker) -> None:
    landing = ask.client.get("/ogc").json()
    links = {link["rel"]: link["href"] for link in landing["links"]}
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= set(links)
    assert ask.client.get(links["conformance"]).json() == {"conformsTo": list(CLASSES)}
    one = next(found for found in ask.client.get(links["data"]).json()["collections"] if found["id"] == ask.farm.lines)
    items = next(link["href"] for link in one["links"] if link["rel"] == "items")
    page = ask.client.get(items).json()
    assert len(page["features"]) == 100, "the default limit"
    assert {"self", "next", "collection"} == {link["rel"] for link in page["links"]}
    feature = ask.client.get(f"{items}/{page['features'][0]['id']}").json()
    assert {"self", "collection"} <= {link["rel"] for link in feature["links"]}
    assert ask.client.get(items, params={"limit": 100_000}).status_code == 200, "above the most is no error"
    for wrong in ({"limit": "0"}, {"unknown": "1"}, {"bbox": "1"}, {"datetime": "x"}):
        assert ask.client.get(items, params=wrong).status_code == 400


def check_geojson(ask: Asker) -> None:
    answer = ask.client.get(f"/ogc/collections/{ask.farm.areas}/items")
    assert answer.headers["content-type"] == "application/geo+json"
    jsonschema_rs.validate(GEOJSON, answer.json())


def check_openapi(ask: Asker) -> None:
    answer = ask.client.get("/ogc/api")
    assert answer.headers["content-type"] == OPENAPI
    document = answer.json()
    OPENAPI_30_VALIDATOR.validate(document)
    assert document["servers"] == [{"url": f"{ask.client.base_url}".rstrip("/") + "/ogc"}]
    assert {"/", "/conformance", "/collections/{collectionId}/items/{featureId}"} <= set(document["paths"])
    with pytest.raises(jsonschema_rs.ValidationError):
        OPENAPI_30_VALIDATOR.validate({**document, "paths": ask.client.get("/openapi.json").json()["paths"]})


def check_queryables(ask: Asker) -> None:
    answer = ask.client.get(f"/ogc/collections/{ask.farm.areas}/queryables")
    assert answer.headers["content-type"] == SCHEMA
    schema = answer.json()
    assert schema["$id"].endswith(f"/ogc/collections/{ask.farm.areas}/queryables")
    assert schema["properties"]["geom"]["$ref"].startswith("https://geojson.org/schema/")
    assert schema["additionalProperties"] is False
    feature = ask.client.get(f"/ogc/collections/{ask.farm.areas}/items?limit=1").json()["features"][0]
    assert set(schema["properties"]) == {*feature["properties"], "id", "geom"}
    for name in schema["properties"]:
        found = ask.client.get(f"/ogc/collections/{ask.farm.areas}/items", params={"filter": f"{name} IS NOT NULL"})
        assert found.status_code == 200, name
    unknown = ask.client.get(f"/ogc/collections/{ask.farm.areas}/items", params={"filter": "outra = 1"})
    assert unknown.status_code == 400


def check_filter(ask: Asker) -> None:
    wanted = ask.within(ask.farm.areas, "is_valid")
    assert ask.ids(ask.farm.areas, filter="is_valid = TRUE", limit=5) == wanted
    crs = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    assert ask.ids(ask.farm.areas, filter="is_valid = TRUE", filter_crs=crs) == wanted
    number = len(wanted)
    first = ask.client.get(
        f"/ogc/collections/{ask.farm.areas}/items", params={"filter": "is_valid = TRUE", "limit": 1}
    ).json()
    assert (first["numberMatched"], first["numberReturned"]) == (number, 1)


def check_language(language: str) -> Callable[[Asker], None]:
    def check(ask: Asker) -> None:
        for cases in CASES.values():
            for case in cases:
                text = case.text if language == "cql2-text" else json.dumps(case.json)
                wanted = ask.within(getattr(ask.farm, case.collection), case.where)
                found = ask.ids(getattr(ask.farm, case.collection), filter=text, filter_lang=language, limit=50)
                assert found == wanted, case.text

    return check


def check_cases(name: str) -> Callable[[Asker], None]:
    def check(ask: Asker) -> None:
        for case in CASES[name]:
            collection = getattr(ask.farm, case.collection)
            wanted = ask.within(collection, case.where)
            # What everything or nothing meets, a filter that does nothing meets too.
            assert 0 < len(wanted) < len(ask.within(collection)), case.text
            assert ask.ids(collection, filter=case.text, limit=50) == wanted, case.text

    return check


CHECKS: dict[str, Any] = {
    f"{FEATURES}-1/1.0/conf/core": check_core,
    f"{FEATURES}-1/1.0/conf/geojson": check_geojson,
    f"{FEATURES}-1/1.0/conf/oas30": check_openapi,
    f"{FEATURES}-3/1.0/conf/queryables": check_queryables,
    f"{FEATURES}-3/1.0/conf/filter": check_filter,
    f"{FEATURES}-3/1.0/conf/features-filter": check_filter,
    f"{CQL2}/1.0/conf/cql2-text": check_language("cql2-text"),
    f"{CQL2}/1.0/conf/cql2-json": check_language("cql2-json"),
    **{f"{CQL2}/1.0/conf/{name}": check_cases(name) for name in CASES},
}


@pytest.mark.parametrize("name", [name for name in CLASSES if name.startswith((FEATURES, CQL2))])
def test_what_is_claimed_holds(ask: Asker, name: str) -> None:
    CHECKS[name](ask)
