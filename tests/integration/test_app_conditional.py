"""Validators, 304, Vary and compression on every route; refusals of the server itself; examples that are true."""

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.integration.app_parts import Farm

pytest_plugins = ["tests.integration.conftest_app"]

EXAMPLE_ID = 17


@pytest.fixture(scope="module")
def example(postgres_owner: str) -> Iterator[int]:
    """The entry that the description's examples show, under its id where no other has it."""
    with psycopg.connect(postgres_owner, autocommit=True) as connection:
        free = connection.execute("SELECT count(*) = 0 FROM catalogo WHERE id = %s", (EXAMPLE_ID,)).fetchone()
        row = connection.execute(
            "INSERT INTO catalogo (id, nome, tipo) OVERRIDING SYSTEM VALUE"
            " VALUES (coalesce(%s, nextval(pg_get_serial_sequence('catalogo', 'id'))), 'Talhão 3', 'Pastagem')"
            " RETURNING id",
            (EXAMPLE_ID if free == (True,) else None,),
        ).fetchone()
        assert row is not None
        made = int(row[0])
        connection.execute(
            "SELECT setval(s, greatest(nextval(s), %s)) FROM pg_get_serial_sequence('catalogo', 'id') s", row
        )
        connection.execute(
            "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid)"
            " VALUES (%s, ST_Multi(ST_MakeEnvelope(-44.12, -17.35, -44.08, -17.31, 4326)), true)",
            (made,),
        )
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")
        yield made
        connection.execute("DELETE FROM catalogo WHERE id = %s", (made,))
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")


def _paths(farm: Farm) -> dict[str, bool]:
    """Path → whether its answer is large enough to be compressed."""
    base = "/v1/catalogo"
    return {
        f"{base}/{farm.line}/bounds": False,
        f"{base}/{farm.line}": False,
        f"{base}?query={farm.word}&limit=1": False,
        f"{base}/{farm.line}/geometrias": False,
        f"{base}/{farm.many}/geometrias?limit=40": True,
        "/v1/mapa": False,
        "/v1/exportacao.csv?categoria=nada": False,
        f"/v1/exportacao.geojson?query={farm.word}": True,
        "/ogc/tiles/WebMercatorQuad/14/8939/6225": False,
        "/ogc/tiles/WebMercatorQuad/11/1119/774": True,
        "/": True,
        "/docs": False,
        "/openapi.json": True,
        "/favicon.ico": False,
        "/static/style.css": True,
        "/docs-static/swagger-ui.css": True,
    }


async def _folded(client: httpx.AsyncClient, path: str) -> None:
    """Wait until an entry's bounds have their version: until its last change is folded, their validator is another."""
    async with asyncio.timeout(20):
        while not (await client.get(path)).headers["etag"].startswith('"v'):  # noqa: ASYNC110 -- another process folds
            await asyncio.sleep(0.05)


async def test_every_get_has_a_validator_that_holds(client: httpx.AsyncClient, farm: Farm) -> None:
    await _folded(client, f"/v1/catalogo/{farm.line}/bounds")
    for path, large in _paths(farm).items():
        for coding in ("identity", "gzip", "gzip;q=0", "br, GZIP;q=0.5"):
            asked = {"accept-encoding": coding}
            answer = await client.get(path, headers=asked)
            where = (path, coding)
            assert answer.status_code == 200, where
            assert answer.headers["cache-control"] == "no-cache", where
            etag = answer.headers["etag"]
            assert etag.startswith('W/"' if large else '"'), where
            compressed = large and coding in {"gzip", "br, GZIP;q=0.5"}
            assert (answer.headers.get("content-encoding") == "gzip") is compressed, where
            assert (answer.headers.get("vary") == "Accept-Encoding") is large, where
            same = await client.get(path, headers=asked | {"if-none-match": f'"x", {etag}'})
            assert (same.status_code, same.content) == (304, b""), where
            for name in ("etag", "cache-control", "vary", "x-content-type-options", "content-security-policy"):
                assert same.headers.get(name) == answer.headers.get(name), (*where, name)
            assert "content-length" not in same.headers, where
            assert "content-type" not in same.headers, where
            other = await client.get(path, headers=asked | {"if-none-match": '"x"'})
            assert (other.status_code, other.content) == (200, answer.content), where


async def test_head_says_what_get_says(client: httpx.AsyncClient, farm: Farm) -> None:
    await _folded(client, f"/v1/catalogo/{farm.line}/bounds")
    for path in _paths(farm):
        for asked in ({"accept-encoding": "gzip"}, {"accept-encoding": "identity"}, {"if-none-match": "*"}):
            get = await client.get(path, headers=asked)
            head = await client.head(path, headers=asked)
            assert (head.status_code, head.content) == (get.status_code, b""), path
            changing = {"date", "x-request-id", "transfer-encoding"}
            assert {key: value for key, value in head.headers.items() if key not in changing} == {
                key: value for key, value in get.headers.items() if key not in changing
            }, path


async def test_a_changed_answer_has_another_validator(
    client: httpx.AsyncClient, example: int, postgres_owner: str
) -> None:
    async def status(path: str, etag: str) -> int:
        return (await client.get(path, headers={"if-none-match": etag})).status_code

    async def becomes(path: str, etag: str, wanted: int) -> None:
        """Wait for a change to be folded, which somebody else may be doing just now."""
        async with asyncio.timeout(20):
            while await status(path, etag) != wanted:  # noqa: ASYNC110 -- another process folds
                await asyncio.sleep(0.05)

    paths = [f"/v1/catalogo/{example}", "/v1/catalogo?tipo=Pastagem", f"/v1/catalogo/{example}/geometrias"]
    before = [(await client.get(path)).headers["etag"] for path in paths]
    assert [await status(path, etag) for path, etag in zip(paths, before, strict=True)] == [304] * 3
    with psycopg.connect(postgres_owner, autocommit=True) as connection:
        connection.execute("UPDATE catalogo SET descricao = 'outra' WHERE id = %s", (example,))
        connection.execute(
            "UPDATE catalogo_geometrias_particionada SET updated_at = updated_at + interval '1 s'"
            " WHERE catalogo_id = %s",
            (example,),
        )
        for path, etag in zip(paths, before, strict=True):
            await becomes(path, etag, 200)
        connection.execute("UPDATE catalogo SET descricao = NULL WHERE id = %s", (example,))
        async with asyncio.timeout(20):
            while (await client.get(paths[1])).json()["items"][0]["descricao"]:  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.05)


async def test_what_must_not_be_kept_is_not(client: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/health/ready", "/metrics", "/nothing", f"/v1/catalogo/{2**62}", "/v1/catalogo/x"):
        answer = await client.get(path, headers={"if-none-match": "*"})
        assert answer.status_code != 304, path
        assert answer.headers["cache-control"] == "no-store", path
        assert "etag" not in answer.headers, path


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /v1/catalogo HTTP/1.1\r\nHost: x\r\nContent-Length: nonsense\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET /v1/catalogo/1 HTTP/9.9\r\n\r\n",
        b"GET /v1/catalogo/1 HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET /v1/cat\xc3\xa1logo?query=%22 HTTP/1.1\r\nbad\x00: x\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_as_a_problem(client: httpx.AsyncClient, request_bytes: bytes) -> None:
    def ask() -> bytes:
        with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=10) as peer:
            peer.sendall(request_bytes)
            return b"".join(iter(lambda: peer.recv(65536), b""))

    head, _, body = (await asyncio.to_thread(ask)).partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert status == "HTTP/1.1 400 Bad Request"
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert headers["x-content-type-options"] == "nosniff"
    assert int(headers["content-length"]) == len(body)
    problem = json.loads(body)
    assert (problem["status"], problem["request_id"]) == (400, headers["x-request-id"])


async def test_another_protocol_is_declined_by_answering(client: httpx.AsyncClient) -> None:
    asked = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-key": "x" * 24}
    answer = await client.get("/health/live", headers=asked | {"sec-websocket-version": "13"})
    assert answer.status_code == 200


async def test_405_names_what_is_allowed(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/importacoes")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert answer.json()["detail"] == "allowed here: GET, HEAD, POST"


def _shape(value: Any) -> Any:
    """A value without what differs from one run to the next."""
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value[:1]]
    return type(value).__name__


async def test_examples_are_what_is_answered(client: httpx.AsyncClient, example: int) -> None:
    description = (await client.get("/openapi.json")).json()
    (shown_feature,) = (await client.get(f"/v1/catalogo/{example}/geometrias")).json()["features"]
    example_feature = shown_feature["id"]
    asked = 0
    for template, item in description["paths"].items():
        if "get" not in item or "security" in item["get"] or template.endswith("/origem"):
            continue  # imports: their own tests have files
        if template.startswith(("/v1/kpis", "/v1/situacao")):
            continue  # without Prometheus they know nothing: tests/web asks them beside one
        if template.startswith(("/ogc", "/v1/exportacao")):
            continue  # what they hold depends on everything there is: their own tests have features of theirs
        path, query = template, {}
        for parameter in item["get"].get("parameters", []):
            value = parameter["schema"]["examples"][0]
            if parameter["in"] == "path":
                numbers = {"catalogo_id": (EXAMPLE_ID, example), "feicao_id": (101, example_feature)}
                wanted, number = numbers[parameter["name"]]
                assert value == wanted
                path = path.replace(f"{{{parameter['name']}}}", str(number))
            else:
                query[parameter["name"]] = value
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, path
        asked += 1
        if template == "/metrics":
            assert "mundo_bounds_lookups_total" in answer.text
            continue
        ((kind, media),) = item["get"]["responses"]["200"]["content"].items()
        assert answer.headers["content-type"].partition(";")[0] == kind
        shown = description["components"]["schemas"][media["schema"]["$ref"].rpartition("/")[2]]["example"]
        found = answer.json()
        if template == "/v1/catalogo/{catalogo_id}":
            assert found.pop("origem") is None  # nobody imported this one
            shown.pop("origem")
        assert _shape(found) == _shape(shown), path
        if template.endswith("/bounds"):
            assert found["bbox"] == pytest.approx(shown["bbox"])
            assert found["centroid"] == pytest.approx(shown["centroid"])
            assert (found["catalogo_id"], found["geometries"]) == (example, shown["geometries"])
    assert asked == 9
