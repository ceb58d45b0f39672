"""The API over real servers: what each route answers, and that nothing a client sends gives 500."""

import asyncio
import gzip
import json
import socket
from urllib.parse import quote

import httpx
import psycopg
import pytest

from tests.integration.app_parts import Farm

pytest_plugins = ["tests.integration.conftest_app"]


async def test_search_finds_by_words_without_accents(client: httpx.AsyncClient, farm: Farm) -> None:
    answer = await client.get("/v1/catalogo", params={"query": f"talhao {farm.word}"})
    assert answer.status_code == 200, answer.text
    assert {item["id"] for item in answer.json()["items"]} == {farm.many, farm.bare}


async def test_search_filters_and_pages(client: httpx.AsyncClient, farm: Farm) -> None:
    only = {"query": farm.word, "tipo": "Teste", "only_geometric": "true"}
    answer = (await client.get("/v1/catalogo", params=only)).json()
    assert {item["id"] for item in answer["items"]} == {farm.many, farm.line}
    assert answer["next_offset"] is None
    first = (await client.get("/v1/catalogo", params={**only, "limit": 1})).json()
    assert first["next_offset"] == 1
    second = (await client.get("/v1/catalogo", params={**only, "limit": 1, "offset": 1})).json()
    assert second["next_offset"] is None
    assert {first["items"][0]["id"], second["items"][0]["id"]} == {farm.many, farm.line}
    assert (await client.get("/v1/catalogo", params={**only, "tipo": "Outro"})).json()["items"] == []


async def test_search_agrees_with_the_database_function(
    client: httpx.AsyncClient, farm: Farm, postgres_owner: str
) -> None:
    with psycopg.connect(postgres_owner) as connection:
        rows = connection.execute("SELECT id FROM search_catalogo_indexed(%s)", (farm.word,)).fetchall()
    answer = (await client.get("/v1/catalogo", params={"query": farm.word})).json()
    assert [item["id"] for item in answer["items"]] == [row[0] for row in rows]


async def test_entry_with_and_without_origin(client: httpx.AsyncClient, farm: Farm) -> None:
    with_origin = (await client.get(f"/v1/catalogo/{farm.line}")).json()
    assert with_origin["origem"]["arquivo"] == "teste.json"
    assert with_origin["origem"]["feature_id"] == "f-1"
    assert with_origin["origem"]["atributos"] == {"area_ha": 1.5}
    without = (await client.get(f"/v1/catalogo/{farm.bare}")).json()
    assert without["nome"] == f"Talhão vazio {farm.word}"
    assert without["origem"] is None


async def test_geometries_come_whole_across_pages(client: httpx.AsyncClient, farm: Farm) -> None:
    answer = await client.get(f"/v1/catalogo/{farm.many}/geometrias")
    assert answer.headers["content-type"] == "application/geo+json"
    collection = answer.json()
    ids = [feature["id"] for feature in collection["features"]]
    assert len(ids) == len(set(ids)) == collection["numberReturned"] == 450
    assert ids == sorted(ids)
    assert collection["next_after"] is None
    assert collection["features"][0]["geometry"]["type"] == "MultiPolygon"


@pytest.mark.parametrize("limit", [1, 50, 199, 200, 201, 225, 400, 449, 450, 451])
async def test_geometry_pages_join_without_gap_or_repeat(client: httpx.AsyncClient, farm: Farm, limit: int) -> None:
    seen: list[int] = []
    after: int | None = 0
    while after is not None and len(seen) < (3 * limit if limit == 1 else 1000):
        url = f"/v1/catalogo/{farm.many}/geometrias"
        page = (await client.get(url, params={"limit": limit, "after": after})).json()
        assert page["numberReturned"] == len(page["features"]) <= limit
        seen += [feature["id"] for feature in page["features"]]
        after = page["next_after"]
    assert len(seen) == len(set(seen)) == (3 if limit == 1 else 450)


async def test_no_geometries_is_an_empty_collection(client: httpx.AsyncClient, farm: Farm) -> None:
    collection = (await client.get(f"/v1/catalogo/{farm.bare}/geometrias")).json()
    assert collection == {"type": "FeatureCollection", "features": [], "numberReturned": 0, "next_after": None}


async def test_large_bodies_are_compressed_small_ones_not(client: httpx.AsyncClient, farm: Farm) -> None:
    async with client.stream("GET", f"/v1/catalogo/{farm.many}/geometrias") as answer:
        assert answer.headers["content-encoding"] == "gzip"
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert json.loads(gzip.decompress(raw))["numberReturned"] == 450
    assert "content-encoding" not in (await client.get("/health/live")).headers


@pytest.mark.parametrize("route", ["", "/bounds", "/geometrias"])
async def test_unknown_id_is_a_404_problem(client: httpx.AsyncClient, route: str) -> None:
    answer = await client.get(f"/v1/catalogo/9223372036854775807{route}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == 404
    assert "9223372036854775807" in body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]


_BAD_IDS = ["0", "-1", "9223372036854775808", "9" * 5000, "1.5", "abc", "1e3", "%00", "%ED%A0%80", "%FF", "1%00", "NaN"]


@pytest.mark.parametrize("route", ["", "/bounds", "/geometrias"])
@pytest.mark.parametrize("identity", _BAD_IDS)
async def test_bad_ids_are_422(client: httpx.AsyncClient, identity: str, route: str) -> None:
    answer = await client.get(f"/v1/catalogo/{identity}{route}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["where"] == "path.catalogo_id"


_BAD_QUERIES = [
    "limit=0",
    "limit=501",
    "limit=-1",
    "limit=abc",
    "limit=",
    "limit=1e2",
    "limit=" + "9" * 400,
    "offset=-1",
    "offset=2147483648",
    "only_geometric=perhaps",
    "query=%00",
    "query=a%00b",
    "tipo=%00",
    "query=" + "a" * 201,
    "limt=5",
]


@pytest.mark.parametrize("query", _BAD_QUERIES)
async def test_bad_search_parameters_are_422_and_say_which(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/v1/catalogo?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    name = query.partition("=")[0]
    assert answer.json()["errors"][0]["where"] == f"query.{name}"
    assert name in answer.json()["detail"]


_STRANGE_QUERIES = [
    "query=%ED%A0%80",
    "query=%FF%FE",
    "query=%",
    "query=%zz",
    "query=%F0%9F%8C%BE",
    "query=" + quote("'; DROP TABLE catalogo; --"),
    "query=" + quote("a & | ! <-> :* ( ) \\ ' \""),
    "query=" + quote("%s %(id)s {} $1"),
    "query=" + quote("\u202e\u0301\ufeff"),
    "query=" + "%20" * 60,
    "query=&tipo=",
    "limit=500&offset=2147483647",
    "query=a&query=b",
    "&&&=&",
]


@pytest.mark.parametrize("query", _STRANGE_QUERIES)
async def test_strange_but_allowed_searches_are_answered(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/v1/catalogo?{query}")
    assert answer.status_code in ({200, 422} if query == "&&&=&" else {200}), answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize(
    "path", ["/v1/catalogo", "/v1/catalogo/1", "/v1/catalogo/1/bounds", "/health/live", "/static/x"]
)
async def test_wrong_methods_are_405(client: httpx.AsyncClient, path: str, method: str) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.headers["content-type"] == "application/problem+json"


async def test_head_has_the_headers_of_get_and_no_body(client: httpx.AsyncClient, farm: Farm) -> None:
    answer = await client.head(f"/v1/catalogo/{farm.line}/bounds")
    assert answer.status_code == 200
    assert "x-cache" in answer.headers
    assert answer.content == b""


@pytest.mark.parametrize("value", ["text/html", "*/*;q=nonsense", ";;,", "a" * 5000, "application/json;q=2", ""])
@pytest.mark.parametrize("header", ["accept", "accept-encoding", "accept-language", "content-type", "x-request-id"])
async def test_bad_headers_do_no_harm(client: httpx.AsyncClient, header: str, value: str) -> None:
    answer = await client.get("/v1/catalogo", params={"limit": 1}, headers={header: value})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/catalogo/", "/v2/catalogo", "/static/../main.py"])
async def test_unknown_paths_are_404_problems(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["title"] == "Not Found"


@pytest.mark.parametrize(
    "path", ["/static/%00", "/static/%2e%2e/%2e%2e/main.py", "/static/" + "a" * 3000, "/docs-static/%FF"]
)
async def test_strange_static_paths_are_404(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


_RAW = [
    b"GET /v1/catalogo?query=\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /v1/catalogo/\xc3\xa9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /v1/catalogo?query=a HTTP/1.1\r\nHost: \xff\xff\r\nConnection: close\r\n\r\n",
    b"GET /v1/catalogo?query=a HTTP/1.1\r\nHost: [::bad\r\nConnection: close\r\n\r\n",
    b"GET http://[bad/v1/catalogo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /nothing HTTP/1.1\r\nHost: a:b:c\r\nConnection: close\r\n\r\n",
    b"GET /nothing HTTP/1.1\r\nHost:\r\nX-Request-ID: \xff\xfe\r\nConnection: close\r\n\r\n",
    b"GET /v1/catalogo/1 HTTP/1.0\r\n\r\n",
    b"BREW /v1/catalogo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /v1/catalogo HTTP/1.1\r\nHost: x\r\nContent-Length: nonsense\r\nConnection: close\r\n\r\n",
    b"\x00\x01\x02\r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", _RAW)
async def test_malformed_requests_give_no_500(client: httpx.AsyncClient, request_bytes: bytes) -> None:
    def ask() -> bytes:
        with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=10) as peer:
            peer.sendall(request_bytes)
            found = b""
            while part := peer.recv(65536):
                found += part
            return found

    answer = await asyncio.to_thread(ask)
    assert answer.startswith(b"HTTP/1.1 "), answer[:100]
    assert not answer.startswith(b"HTTP/1.1 5"), answer[:300]
    assert (await client.get("/health/live")).status_code == 200


async def test_every_answer_has_the_security_headers_and_an_id(client: httpx.AsyncClient) -> None:
    for path in ("/", "/docs", "/openapi.json", "/v1/catalogo", "/nothing", "/metrics", "/static/style.css"):
        answer = await client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert len(answer.headers["x-request-id"]) == 32
        assert "server" not in answer.headers or "uvicorn" in answer.headers["server"]
    named = await client.get("/health/live", headers={"x-request-id": "from-the-caller.1"})
    assert named.headers["x-request-id"] == "from-the-caller.1"
    refused = await client.get("/health/live", headers={"x-request-id": "a b\tc"})
    assert refused.headers["x-request-id"] != "a b\tc"


async def test_metrics_know_routes_not_paths(client: httpx.AsyncClient, farm: Farm) -> None:
    await client.get(f"/v1/catalogo/{farm.line}/bounds")
    await client.get(f"/nothing/{farm.word}")
    await client.request("PROPFIND", "/v1/catalogo")
    await client.get("/static/style.css")
    await client.get("/openapi.json")
    text = (await client.get("/metrics")).text
    assert 'mundo_http_requests_total{method="GET",route="/v1/catalogo/{catalogo_id}/bounds",status="200"} ' in text
    assert 'route="unmatched",status="404"' in text
    assert 'method="OTHER",route="/v1/catalogo",status="405"' in text
    assert 'route="/static",status="200"' in text
    assert 'route="/openapi.json",status="200"' in text
    assert farm.word not in text
    assert "_created" not in text
    assert 'mundo_build_info{stack="test",version="0"} 1.0' in text
    assert 'mundo_breaker_state{state="closed"} 1.0' in text
    assert 'mundo_db_pool_connections{kind="max"} 10.0' in text


async def test_ready_names_both_parts(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ok", body
    assert {name: check["status"] for name, check in body["checks"].items()} == {"postgres": "ok", "redis": "ok"}
