"""The OpenAPI description and the pages: complete, and nothing from elsewhere."""

import base64
import hashlib
import re
from typing import Any

import httpx
import jsonschema_rs
import pytest

from app.main import create_app
from app.settings import Settings
from tests.unit.app.scripts import scripts


@pytest.fixture
def client() -> httpx.AsyncClient:
    """A client of an app that has not connected to anything: descriptions and pages need nobody."""
    settings = Settings.model_validate(
        {
            "postgres_host": "127.0.0.1",
            "postgres_port": 1,
            "sentinels": "127.0.0.1:1",
            "postgres_password": "x",
            "redis_password": "x",
            "version": "1.2.3",
        }
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(settings)), base_url="http://app")


@pytest.fixture
async def description(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def _operations(description: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, operation) for path, item in description["paths"].items() for operation in item.values()]


async def test_routes_are_those_of_the_contract(description: dict[str, Any]) -> None:
    assert set(description["paths"]) == {
        "/v1/catalogo",
        "/v1/catalogo/{catalogo_id}",
        "/v1/catalogo/{catalogo_id}/bounds",
        "/v1/catalogo/{catalogo_id}/geometrias",
        "/v1/catalogo/{catalogo_id}/origem",
        "/v1/exportacao.csv",
        "/v1/exportacao.geojson",
        "/v1/exportacao.gpkg",
        "/v1/mapa",
        "/v1/mapa/feicoes/{feicao_id}",
        "/ogc",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/{collection_id}",
        "/ogc/collections/{collection_id}/queryables",
        "/ogc/collections/{collection_id}/items",
        "/ogc/collections/{collection_id}/items/{feature_id}",
        "/ogc/collections/{collection_id}/tiles/WebMercatorQuad/{z}/{row}/{col}",
        "/ogc/tiles/WebMercatorQuad/{z}/{row}/{col}",
        "/ogc/collections/{collection_id}/tiles",
        "/ogc/collections/{collection_id}/tiles/WebMercatorQuad",
        "/ogc/tiles",
        "/ogc/tiles/WebMercatorQuad",
        "/ogc/tileMatrixSets",
        "/ogc/tileMatrixSets/WebMercatorQuad",
        "/v1/importacoes",
        "/v1/importacoes/{import_id}",
        "/v1/importacoes/{import_id}/rejeitos",
        "/v1/kpis",
        "/v1/kpis/series",
        "/v1/kpis/{nome}/serie",
        "/v1/situacao",
        "/v1/situacao/particoes",
        "/health/live",
        "/health/ready",
        "/metrics",
    }
    assert description["info"]["version"] == "1.2.3"


# Files and tiles: no text says what is in them.
_BINARY = {"type": "string", "format": "binary"}
# Without Prometheus these still answer, and say that nothing is known.
_NEVER_AWAY = ("/v1/kpis", "/v1/situacao")


async def test_every_route_has_texts_examples_and_its_errors(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    for path, operation in _operations(description):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
        success = "202" if "requestBody" in operation else "200"
        good = operation["responses"][success]["content"]
        (media,) = good.values()
        if path != "/metrics" and media["schema"] != _BINARY:
            assert schemas[media["schema"]["$ref"].rpartition("/")[2]]["example"], path
        if path.startswith("/v1"):
            wanted = {success, "422", "500"} | ({"404"} if "{" in path else set())
            wanted |= set() if path.startswith(_NEVER_AWAY) else {"503"}
            wanted |= {"401"} if "security" in operation else set()
            wanted |= {"400", "408", "413", "415", "429", "507"} if success == "202" else set()
            wanted |= {"304"} if success == "200" and "security" not in operation else set()
            assert set(operation["responses"]) == wanted, path
            for status in wanted - {success, "304"}:
                ((kind, content),) = operation["responses"][status]["content"].items()
                assert kind == "application/problem+json"
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert content["example"]["status"] == int(status)


def _valid(description: dict[str, Any], schema: dict[str, Any], example: object) -> None:
    whole = {**schema, "components": description["components"]}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(example)


async def test_examples_are_what_their_schemas_say(description: dict[str, Any]) -> None:
    seen = 0
    for path, operation in _operations(description):
        for parameter in operation.get("parameters", []):
            examples = parameter["schema"]["examples"]
            assert examples, (path, parameter["name"])
            for example in examples:
                _valid(description, parameter["schema"], example)
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        for part in [*bodies, *operation["responses"].values()]:
            for media in part.get("content", {}).values():
                schema = media["schema"]
                if schema == _BINARY:
                    continue
                name = schema.get("$ref", "").rpartition("/")[2]
                example = media.get("example") or description["components"]["schemas"][name]["example"]
                _valid(description, schema, example)
                seen += 1
    assert seen > 40


async def test_a_wrong_example_would_be_noticed(description: dict[str, Any]) -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        _valid(description, {"$ref": "#/components/schemas/Bounds"}, {"catalogo_id": "17"})


async def test_imports_need_the_token(description: dict[str, Any]) -> None:
    for path, operation in _operations(description):
        assert ("security" in operation) is path.startswith("/v1/importacoes"), path
    assert description["components"]["securitySchemes"]["importToken"]["scheme"] == "bearer"


async def test_no_reference_is_dangling(description: dict[str, Any]) -> None:
    names = set(re.findall(r"#/components/schemas/(\w+)", str(description)))
    assert names == set(description["components"]["schemas"])


async def test_parameters_say_their_limits(description: dict[str, Any]) -> None:
    parameters = {item["name"]: item for item in description["paths"]["/v1/catalogo"]["get"]["parameters"]}
    assert set(parameters) == {"query", "tipo", "only_geometric", "limit", "offset"}
    limit = parameters["limit"]["schema"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 500, 50)
    assert parameters["offset"]["schema"]["minimum"] == 0


async def test_docs_load_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    assert answer.status_code == 200
    assert "//" not in re.sub(r"<!--.*?-->|// [^\n]*", "", answer.text.replace("window.location.protocol + '//'", ""))
    assert not re.search(r"https?:", answer.text.replace("http://www.w3.org", ""))
    for url in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
        assert url.startswith("/")
        found = await client.get(url)
        assert found.status_code == 200, url
        assert found.content
    policy = answer.headers["content-security-policy"]
    for script in re.findall(r"<script>(.*?)</script>", answer.text, flags=re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]
    assert "http" not in policy


async def test_the_map_links_to_the_docs_and_has_no_inline_script(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 200
    assert '<html lang="pt-BR">' in answer.text
    assert 'href="/docs"' in answer.text
    assert scripts(answer.text) == ["/static/again.js", "/static/mapa/first.js", "/static/mapa/main.js"]
    assert " style=" not in answer.text
    assert "http" not in re.sub(r"<!.*?>", "", answer.text)
    assert 'href="/status"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert policy.endswith("worker-src 'self'")
    assert not re.search(r"unsafe|blob:|data:|http", policy)
    assert (await client.get("/static/style.css")).status_code == 200
    assert (await client.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"


async def test_a_fault_of_ours_is_a_problem_with_the_request_id(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("app.catalog.entry", broken)
    answer = await client.get("/v1/catalogo/1", headers={"x-request-id": "trace-me"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == "trace-me"
    assert "secret detail" not in answer.text
    assert any(getattr(record, "request_id", "") == "trace-me" and record.exc_info for record in caplog.records)
    assert 'route="/v1/catalogo/{catalogo_id}",status="500"' in (await client.get("/metrics")).text
