"""`make kpis`: what Prometheus recorded, each against its target."""

from __future__ import annotations

import io
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from dashboards import slo
from ops.errors import OpsError
from ops.kpis import recorded, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def answering() -> Iterator[Callable[[int, bytes], str]]:
    """Starts a server that gives this answer to everything; its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def answer(**values: float) -> bytes:
    """Prometheus' answer with these KPIs."""
    result = [{"metric": {"__name__": f"mundo:kpi:{name}"}, "value": [0, str(value)]} for name, value in values.items()]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


def shown(url: str, *, as_json: bool = False) -> str:
    text = io.StringIO()
    run(url, Console(file=text, width=200), as_json=as_json)
    return text.getvalue()


def test_each_kpi_has_a_row_with_its_value_target_and_verdict(answering: Callable[[int, bytes], str]) -> None:
    text = shown(answering(200, answer(latency_p95=0.0123, error_rate=0.0009, traceability=1.0)))
    rows = {line.split("│")[1].strip(): line for line in text.splitlines() if line.startswith("│")}
    assert list(rows) == [kpi.name for kpi in slo.KPIS]
    assert "12.3 ms" in rows["latency_p95"]
    assert "< 500 ms" in rows["latency_p95"]
    assert "met, near it" in rows["error_rate"]
    assert "no value" in rows["search_mean"]
    assert "make benchmark NAME=partitions" in rows["partition_overhead"]


def test_a_missed_target_ends_with_an_error_after_the_table(answering: Callable[[int, bytes], str]) -> None:
    with pytest.raises(OpsError, match="missed by cache_hit_rate"):
        shown(answering(200, answer(cache_hit_rate=0.5)))


def test_as_json_with_every_kpi(answering: Callable[[int, bytes], str]) -> None:
    found = {each["name"]: each for each in json.loads(shown(answering(200, answer(latency_p95=0.4)), as_json=True))}
    assert list(found) == [kpi.name for kpi in slo.KPIS]
    assert found["latency_p95"]["value"] == 0.4
    assert found["latency_p95"]["state"] == "met"
    assert found["failover"]["value"] is None
    assert found["failover"]["state"] == "unknown"


@pytest.mark.parametrize(("status", "body"), [(503, b""), (200, b"<html>"), (200, b'{"data": {}}'), (200, b"[]")])
def test_an_answer_that_is_none_is_one_line(answering: Callable[[int, bytes], str], status: int, body: bytes) -> None:
    with pytest.raises(OpsError, match="gives no values"):
        recorded(answering(status, body))


def test_prometheus_away_is_one_line() -> None:
    with pytest.raises(OpsError, match="make status"):
        recorded("http://127.0.0.1:9")
