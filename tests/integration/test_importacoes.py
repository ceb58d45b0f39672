"""Uploads: from a file to the catalogue and back, and every refusal."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from ops.cell import Cell
from tests.integration.importacoes_parts import App, digest, environment, no_worker, squares, until, word
from tests.integration.ingest_parts import value

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def app(
    database: Cell,
    redis_sentinels: list[tuple[str, int]],
    redis_password: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[App]:
    """An app that takes small files from quick clients."""
    folder = tmp_path_factory.mktemp("imports")
    limits = {"max_upload_mb": 4, "upload_timeout_s": 3, "stall_timeout_s": 1, "max_waiting": 3}
    started = App(environment(database, redis_sentinels, redis_password, folder, limits), folder / "log")
    started.start()
    yield started
    started.end()


def test_a_survey_is_found_seconds_after_it_arrives(app: App, catalogue: psycopg.Connection[Any]) -> None:
    name = word()
    data = squares(2000, name, bad=3)
    started = time.monotonic()
    sent = app.send(data, "pasta/levantamento 2026.geojsonl")
    assert (sent["arquivo"], sent["bytes"], sent["digest"]) == ("levantamento 2026.geojsonl", len(data), digest(data))
    found = until(
        lambda: app.client.get("/v1/catalogo", params={"query": f"{name} 1234", "limit": 1}).json()["items"], 30
    )
    assert time.monotonic() - started < 30
    job = app.ended(sent["id"])
    assert job["estado"] == "done"
    result = job["resultado"]
    assert [result[key] for key in ("lidas", "armazenadas", "rejeitadas", "reparadas")] == [2000, 1997, 3, 0]
    assert (job["already_loaded"], job["erro"], job["tentativas"]) == (False, None, 1)
    assert app.client.get(f"/v1/catalogo/{found[0]['id']}/bounds").json()["geometries"] == 1
    assert job["progresso"]["bytes_lidos"] == job["progresso"]["bytes_total"] == len(data)
    assert not app.in_spool()
    _rejects_are_told_page_by_page(app, job)
    _a_geometry_leads_back_to_its_file(app, job, name, catalogue)
    _the_same_content_is_loaded_once(app, data, result["importacao_id"])
    metrics = app.client.get("/metrics").text
    assert 'mundo_import_features_total{outcome="rejected"} 3.0' in metrics
    assert 'mundo_import_jobs_ended_total{state="done"} 2.0' in metrics
    (received,) = [line for line in metrics.splitlines() if line.startswith("mundo_import_received_bytes_total ")]
    assert float(received.split()[1]) == 2 * len(data)


def _rejects_are_told_page_by_page(app: App, job: dict[str, Any]) -> None:
    path = job["resultado"]["rejeitos"]
    first = app.client.get(path, params={"limit": 2}).json()
    assert [(item["feature_index"], item["feature_id"]) for item in first["items"]] == [(0, "r0"), (1, "r1")]
    assert all("geometria" in item["motivo"] for item in first["items"])
    rest = app.client.get(path, params={"limit": 2, "after": first["next_after"]}).json()
    assert ([item["feature_index"] for item in rest["items"]], rest["next_after"]) == ([2], None)


def _a_geometry_leads_back_to_its_file(
    app: App, job: dict[str, Any], name: str, catalogue: psycopg.Connection[Any]
) -> None:
    row = catalogue.execute(
        "SELECT part.id, part.catalogo_id FROM catalogo_geometrias_particionada AS part"
        " INNER JOIN catalogo AS entry ON part.catalogo_id = entry.id WHERE entry.nome = %s",
        (f"{name} 41",),
    ).fetchone()
    assert row is not None
    origin = app.client.get(f"/v1/catalogo/{row[1]}/origem").json()
    assert (origin["feicao"]["feature_id"], origin["feicao"]["feature_index"]) == ("f41", 44)
    assert origin["importacao"]["id"] == job["resultado"]["importacao_id"]
    assert (origin["importacao"]["arquivo"], origin["importacao"]["digest"]) == (job["arquivo"], job["digest"])
    assert origin["tarefa"]["id"] == job["id"]
    assert origin["tarefa"]["requisicao"] == job["requisicao"]
    assert job["requisicao"] in app.log.read_text()
    assert app.client.get("/v1/catalogo/999999999/origem").status_code == 404


def _the_same_content_is_loaded_once(app: App, data: bytes, import_id: int) -> None:
    again = app.ended(app.send(data, "outro nome.geojsonl")["id"])
    assert (again["estado"], again["already_loaded"]) == ("done", True)
    assert again["resultado"]["importacao_id"] == import_id
    latest = app.client.get("/v1/importacoes", params={"limit": 1}).json()
    assert [item["id"] for item in latest["items"]] == [again["id"]]
    assert app.client.get("/v1/importacoes", params={"before": latest["next_before"]}).json()["items"]


def test_two_uploads_at_once_are_both_loaded(app: App, catalogue: psycopg.Connection[Any]) -> None:
    name = word()
    files = [squares(300, name), squares(200, name), squares(200, name)]
    jobs: list[dict[str, Any]] = [{}] * len(files)

    def send(index: int) -> None:
        jobs[index] = app.send(files[index], f"{index}.geojsonl")

    threads = [threading.Thread(target=send, args=(index,)) for index in range(len(files))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = [app.ended(job["id"]) for job in jobs]
    assert [job["estado"] for job in ended] == ["done"] * 3
    assert sorted(job["already_loaded"] for job in ended[1:]) == [False, True]
    assert value(catalogue, "SELECT count(*) FROM catalogo WHERE nome LIKE %s", f"{name} %") == 500


def test_a_file_that_cannot_be_used_is_refused_with_its_reason(app: App) -> None:
    job = app.ended(app.send(b'{"type": "FeatureCollection", "features": [', "cortado.json")["id"])
    assert job["estado"] == "refused"
    assert job["erro"].startswith("cortado.json: ")
    assert str(app.spool) not in job["erro"]
    assert (job["resultado"], job["tentativas"]) == (None, 1)
    rejects = app.client.get(f"/v1/importacoes/{job['id']}/rejeitos")
    assert rejects.json() == {"items": [], "next_after": None}
    assert not app.in_spool()


@pytest.mark.parametrize(
    ("refusal", "query", "headers", "body"),
    [
        ((401, "token is needed"), "?arquivo=a.json", {"Authorization": ""}, b"{}"),
        ((401, "token is wrong"), "?arquivo=a.json", {"Authorization": "Bearer wrong-token-of-length"}, b"{}"),
        ((401, "token is wrong"), "?arquivo=a.json", {"Authorization": "Bearer ção-de-palavras"}, b"{}"),
        ((422, "is no name"), "?arquivo=..", {}, b"{}"),
        ((422, "at most 200 characters"), f"?arquivo={'%C3%A9' * 201}", {}, b"{}"),
        ((422, "cannot be printed"), "?arquivo=a%0Ab.json", {}, b"{}"),
        ((422, "Extra inputs"), "?arquivo=a.json&nome=b", {}, b"{}"),
        ((422, "is empty"), "?arquivo=a.json", {}, b""),
        ((415, "not a form"), "?arquivo=a.json", {"Content-Type": "multipart/form-data; boundary=x"}, b"--x--"),
        ((415, "Content-Encoding"), "?arquivo=a.json", {"Content-Encoding": "gzip"}, b"x"),
    ],
)
def test_refusals_say_why(app: App, refusal: tuple[int, str], query: str, headers: dict[str, str], body: bytes) -> None:
    status, said = refusal
    answer = app.client.post(
        f"/v1/importacoes{query}",
        headers=[(key.encode(), text.encode()) for key, text in headers.items()],
        content=body,
    )
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert ("www-authenticate" in answer.headers) is (status == 401)
    assert not app.in_spool()


def test_content_disposition_names_the_file(app: App, catalogue: psycopg.Connection[Any]) -> None:
    assert catalogue
    headers = {"Content-Disposition": "attachment; filename*=UTF-8''talh%C3%A3o.json"}
    answer = app.client.post("/v1/importacoes", headers=headers, content=b"[]")
    assert (answer.status_code, answer.json()["arquivo"]) == (202, "talhão.json")
    assert app.ended(answer.json()["id"])["estado"] == "refused"
    nameless = app.client.post("/v1/importacoes", content=b"[ ]")
    assert (nameless.status_code, nameless.json()["arquivo"]) == (202, "sem-nome")
    assert app.ended(nameless.json()["id"])["estado"] == "refused"
    long = app.client.post("/v1/importacoes", params={"arquivo": "é" * 195 + ".json"}, content=b"[  ]")
    assert (long.status_code, long.json()["arquivo"]) == (202, "é" * 97 + ".json")
    assert app.ended(long.json()["id"])["estado"] == "refused"


@pytest.mark.parametrize("path", ["/v1/importacoes", "/v1/importacoes/1", "/v1/importacoes/1/rejeitos"])
def test_nothing_is_read_without_the_token(app: App, path: str) -> None:
    assert app.client.get(path, headers={"Authorization": "Bearer no"}).status_code == 401


def test_an_unknown_import_is_not_found(app: App) -> None:
    assert app.client.get("/v1/importacoes/999999999").status_code == 404
    assert app.client.get("/v1/importacoes/999999999/rejeitos").status_code == 404


class Raw:
    """A request that is sent by hand."""

    def __init__(self, app: App, *headers: str, token: str | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", app.port), timeout=20)
        token = token or str(app.client.headers["authorization"])
        lines = ["POST /v1/importacoes?arquivo=a.json HTTP/1.1", "Host: x", f"Authorization: {token}", *headers]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def answer(self) -> str:
        """What the app sent."""
        found = b""
        while not found.endswith(b"}"):  # a problem is a JSON object
            part = self.socket.recv(65536)
            assert part, found
            found += part
        return found.decode()

    def closed_within(self, seconds: float) -> bool:
        """Whether the app closes the connection, whatever else it sends."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True


def test_what_is_too_large_is_refused_before_it_is_sent(app: App) -> None:
    request = Raw(app, f"Content-Length: {4 * MIB + 1}")
    assert request.answer().startswith("HTTP/1.1 413 ")
    assert request.closed_within(10)


def test_what_turns_out_too_large_is_refused_and_removed(app: App) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(5):
            yield b"x" * MIB

    answer = app.client.post("/v1/importacoes?arquivo=a.json", content=parts())
    assert answer.status_code == 413
    assert "4 MiB" in answer.json()["detail"]
    assert not app.in_spool()


def test_a_wrong_token_reads_nothing_of_the_body(app: App) -> None:
    before = app.client.get("/metrics").text
    request = Raw(app, f"Content-Length: {4 * MIB}", "Expect: 100-continue", token="Bearer no-such-token")
    assert request.answer().startswith("HTTP/1.1 401 ")
    assert request.closed_within(10), "a client that goes on sending is not waited for"

    def bytes_received(text: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith("mundo_import_received_bytes_total")]

    assert bytes_received(before) == bytes_received(app.client.get("/metrics").text)


def test_a_client_that_falls_silent_is_cut_off(app: App) -> None:
    request = Raw(app, "Content-Length: 1000")
    request.socket.sendall(b"{")
    answer = request.answer()
    assert answer.startswith("HTTP/1.1 408 ")
    assert "no byte came within 1 s" in answer
    until(lambda: not app.in_spool(), 5)
    assert request.closed_within(10)


def test_a_client_that_dribbles_is_cut_off(app: App) -> None:
    request = Raw(app, "Content-Length: 1000")
    for _ in range(6):
        request.socket.sendall(b" ")
        time.sleep(0.6)
    assert "took longer than 3 s" in request.answer()
    assert not app.in_spool()


def test_a_client_that_goes_away_leaves_nothing(app: App) -> None:
    request = Raw(app, "Content-Length: 1000")
    request.socket.sendall(b"{")
    until(app.in_spool, 5)
    request.socket.close()
    until(lambda: not app.in_spool(), 5)


def test_no_more_jobs_wait_than_may(app: App, owner: str, catalogue: psycopg.Connection[Any]) -> None:
    name = word()
    until(lambda: app.worker() is None, 20)
    with no_worker(owner):
        jobs = [app.send(squares(10 + n, name), f"{n}.json") for n in range(3)]
        answer = app.client.post("/v1/importacoes?arquivo=a.json", content=squares(20, name))
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert app.job(jobs[2]["id"])["estado"] == "pending"
        assert len(app.in_spool()) == 3
    assert [app.ended(job["id"])["estado"] for job in jobs] == ["done"] * 3
    assert value(catalogue, "SELECT count(*) FROM catalogo WHERE nome LIKE %s", f"{name} %") == 33
    assert not app.in_spool()
