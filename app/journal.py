"""What is written down of every request: its metrics, and a log line where it is worth one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.logs import clean
from app.mapa.links import ROOT, collection_path
from app.mapa.tiles import MATRIX_SET

if TYPE_CHECKING:
    from app.metrics import Metrics

logger = logging.getLogger("app.access")

BOUNDS_ROUTE = "/v1/catalogo/{catalogo_id}/bounds"
SLOW_S = 0.1
_FAILED = 400
_LOGGED_CHARACTERS = 300
# An open status page asks for these every few seconds.
_OF_STATUS = ("/v1/kpis", "/v1/kpis/series", "/v1/situacao", "/v1/situacao/particoes")
# A view of the map is made of dozens of them.
_OF_MAP = tuple(f"{of}/tiles/{MATRIX_SET}/{{z}}/{{row}}/{{col}}" for of in (ROOT, collection_path("{collection_id}")))
OFTEN = frozenset({BOUNDS_ROUTE, "/health/live", "/health/ready", "/metrics", *_OF_STATUS, *_OF_MAP})
"""Templates of the routes whose good answers are worth no line."""


class Journal:
    """Notes requests once they are answered.

    Routes that are asked all the time (bounds, tiles, health, metrics, what the status page asks for) are logged at
    INFO only when they failed or took `SLOW_S` seconds or more, else at DEBUG: thousands of lines a second that say
    "well" would cost more than the answers. Metrics count every request.
    """

    def __init__(self, metrics: Metrics) -> None:
        """`metrics` counts what is noted."""
        self._metrics = metrics

    def note(self, *, method: str, path: str, route: str, status: int, seconds: float, request_id: str) -> None:
        """Count a request and log it; `route` is the template of `path`, or `unmatched`."""
        self._metrics.request(method=method, route=route, status=status, seconds=seconds)
        self.log(method=method, path=path, route=route, status=status, seconds=seconds, request_id=request_id)

    def log(self, *, method: str, path: str, route: str, status: int, seconds: float, request_id: str) -> None:
        """Write the line of a request that was counted."""
        level = logging.DEBUG if route in OFTEN and status < _FAILED and seconds < SLOW_S else logging.INFO
        if not logger.isEnabledFor(level):
            return
        logger.log(
            level,
            "request",
            extra={
                "method": method[:20],
                "path": clean(path)[:_LOGGED_CHARACTERS],
                "status": status,
                "milliseconds": round(seconds * 1000, 2),
                "request_id": request_id,
            },
        )
