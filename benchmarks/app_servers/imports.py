"""An import through the app, so that there is something to follow."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

import httpx

if TYPE_CHECKING:
    from benchmarks.app_servers.group import HttpServer

_FEATURES: Final = 200
_LONGEST_SECONDS: Final = 120
_PATH: Final = "/v1/importacoes"


def imported(app: HttpServer, token: str) -> int:
    """Sends a file of which every other feature is rejected and waits for its end; gives the job's id.

    Raises:
        RuntimeError: the app does not take it, or it does not end well within two minutes.
    """
    with httpx.Client(
        base_url=f"http://{app.address}", headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        job = _job(client.post(_PATH, params={"arquivo": "benchmark.geojson"}, content=_file()))
        until = time.monotonic() + _LONGEST_SECONDS
        while job["estado"] not in {"done", "refused", "failed"} and time.monotonic() < until:
            time.sleep(0.2)
            job = _job(client.get(f"{_PATH}/{job['id']}"))
    result = job["resultado"]
    if job["estado"] != "done" or not result["rejeitadas"]:
        raise RuntimeError(f"the import is {job['estado']}: {job['erro'] or result}")
    return int(job["id"])


def _job(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise RuntimeError(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:200]}"
        )
    found: dict[str, Any] = answer.json()
    return found


def _file() -> str:
    corner = (-43.9, -17.3)
    ring = [corner, (-43.8, -17.3), (-43.8, -17.2), corner]
    features = [
        {
            "type": "Feature",
            "id": f"benchmark-{number}",
            "properties": {"name": f"Benchmark {number}"},
            "geometry": {"type": "Polygon", "coordinates": [ring]} if number % 2 else None,
        }
        for number in range(_FEATURES)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})
