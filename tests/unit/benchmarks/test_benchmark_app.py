"""What the benchmarks of the app ask, how they read its answers, and that the peers run as the app does."""

from __future__ import annotations

import ast
import importlib.util
import re
from itertools import islice
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app import journal
from app.api import pages
from app.guides import HELP
from app.main import create_app
from app.metrics import Metrics
from app.settings import Settings
from benchmarks import app_servers, options, wrk
from benchmarks.app_servers import levels
from benchmarks.app_servers.routes import BACKGROUND_ENTRIES, COLD, WARM, kinds
from benchmarks.app_servers.scale import SCALES
from benchmarks.hit_rate import Zipf

_ROOT = Path(__file__).resolve().parents[3]
_PEERS = Path(app_servers.__file__).parent

_KINDS = kinds(20_000, job=7, token="secret")


@pytest.fixture(scope="module")
def templates() -> set[str]:
    """Templates of the app's GET routes."""
    settings = Settings.model_validate(
        {
            "postgres_host": "127.0.0.1",
            "postgres_port": 1,
            "sentinels": "127.0.0.1:1",
            "postgres_password": "x",
            "redis_password": "x",
        }
    )
    app = create_app(settings)
    api = app if isinstance(app, FastAPI) else app.api
    described = {path for path, item in api.openapi()["paths"].items() if "get" in item}
    return described | {"/openapi.json"} | {route.path for route in pages.router.routes if isinstance(route, APIRoute)}


def test_routes_that_are_kept_out_of_the_journal_are_there(templates: set[str]) -> None:
    assert templates > journal.OFTEN


def test_every_route_is_measured_and_no_other(templates: set[str]) -> None:
    measured = {kind.route for kind in _KINDS}
    assert measured <= templates
    of_status = {path for path in templates if path.startswith(("/v1/kpis", "/v1/situacao", "/status"))}
    assert of_status, "their time is Prometheus' own, which is not part of the API's promise"
    of_map = {path for path in templates if path.startswith(("/v1/mapa", "/v1/exportacao", "/ogc"))}
    assert of_map, "their time is that of what they hold: the benchmark map measures it beside their SQL"
    of_help = {path for path in templates if path.startswith(HELP)}
    assert of_help, "texts, made once"
    assert templates - measured - of_status - of_map - of_help == {"/favicon.ico"}, "browsers ask for it once"


def test_what_is_asked_is_of_its_route_and_of_an_entry_that_is_there() -> None:
    for kind in _KINDS:
        pattern = re.escape(kind.route).replace(r"\{catalogo_id\}", r"([0-9]+)").replace(r"\{import_id\}", "7")
        for path in islice(kind.paths(), 200):
            found = re.fullmatch(pattern, path.partition("?")[0])
            assert found, (kind.name, path)
            if "{catalogo_id}" in kind.route:
                assert 1 <= int(found[1]) <= 20_000


@pytest.mark.parametrize("scale", options.SCALES)
def test_levels_are_asked_for_entries_of_their_own(scale: str) -> None:
    entries = options.SCALES[scale].search_entries
    each = round(25 * (SCALES[scale].route_seconds + 1))
    asked = [
        set(range(1, BACKGROUND_ENTRIES + 1)),
        set(islice(WARM.entries(), each)),
        set(islice(COLD.entries(), each)),
    ]
    assert sum(map(len, asked)) == len(set.union(*asked)), "an entry of one level is asked for at another"
    assert max(set.union(*asked)) <= entries


def test_levels_are_read_from_the_apps_own_metrics() -> None:
    metrics = Metrics(version="1", stack="test")
    before = levels.read(metrics.render().decode())
    for level in ("l1", "l1", "l1", "redis"):
        metrics.lookup(level)
    after = levels.read(metrics.render().decode())
    assert levels.shares(before, after) == {"l1": 0.75, "redis": 0.25, "postgres": 0}
    with pytest.raises(RuntimeError, match="looked up no bounds"):
        levels.shares(after, after)
    with pytest.raises(LookupError, match="has the levels none"):
        levels.read("other_total 1\n")


def test_what_wrk_says_is_read() -> None:
    assert wrk.parsed('Running 1s test\n  3 requests in 1.00s\n\n{"requests": 3, "errors": 1}\n') == {
        "requests": 3,
        "errors": 1,
    }
    assert wrk.parsed("unable to connect to 127.0.0.1:1 Connection refused\n") is None
    assert wrk.parsed('{"requests": 0, "errors": 9}\n') is None


def test_entries_are_drawn_by_zipfs_law_and_the_same_in_every_run() -> None:
    law = Zipf(1000)
    drawn = law.draw(200_000)
    assert (drawn == Zipf(1000).draw(200_000)).all()
    counts = np.sort(np.bincount(drawn, minlength=1001)[1:])[::-1]
    assert counts.sum() == 200_000, "an entry that is not there"
    # The first ranks against the law, within five standard deviations.
    for rank in range(10):
        share = law.shares[rank]
        assert abs(counts[rank] / 200_000 - share) < 5 * (share * (1 - share) / 200_000) ** 0.5
    assert law.shares[0] / law.shares[99] == pytest.approx(100)
    assert drawn[:100].max() > 100, "ranks are scattered over the ids"


def test_expiry_alone_costs_what_a_simulation_says() -> None:
    law, lives = Zipf(50), 86_400 * 0.95
    rate = law.least_rate()
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.exponential(1 / rate, size=400_000))
    kept: dict[int, float] = {}
    misses = 0
    for time, entry in zip(times.tolist(), law.draw(400_000).tolist(), strict=True):
        if kept.get(entry, 0.0) <= time:
            misses += 1
            kept[entry] = time + lives
    assert misses / 400_000 == pytest.approx(0.01, rel=0.1)


def _server_settings(file: Path, function: str) -> dict[str, str]:
    """Keywords of the one call of `uvicorn.FUNCTION` in a file, as they are written."""
    (call,) = [
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"uvicorn.{function}"
    ]
    return {str(keyword.arg): ast.unparse(keyword.value) for keyword in call.keywords}


@pytest.mark.parametrize("peer", ["bare.py", "newcomer.py"])
def test_peers_run_with_the_settings_of_the_apps_server(peer: str) -> None:
    ours = _server_settings(_ROOT / "app" / "server.py", "Config")
    theirs = _server_settings(_PEERS / peer, "run")
    # Where it listens, its own protocol, and how it ends.
    own = {"host", "port", "http", "timeout_graceful_shutdown", "timeout_keep_alive", "lifespan"}
    assert {key: text for key, text in ours.items() if key not in own} == {
        key: text for key, text in theirs.items() if key not in own
    }


async def test_the_bare_server_answers_with_its_one_body(tmp_path: Path) -> None:
    body = b'{"catalogo_id":1,"bbox":null}'
    (tmp_path / "body.json").write_bytes(body)
    program = tmp_path / "bare.py"
    program.write_bytes((_PEERS / "bare.py").read_bytes())
    spec = importlib.util.spec_from_file_location("bare", program)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(module.app), base_url="http://bare") as client:
        answer = await client.get("/v1/catalogo/1/bounds")
    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["content-type"] == "application/json"


def test_there_is_a_scale_for_each_of_the_harness() -> None:
    assert set(SCALES) == set(options.SCALES)
