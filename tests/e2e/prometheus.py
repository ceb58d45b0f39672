"""Questions to the Prometheus of a running stack."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from tests.dashboard_queries import STEP_SECONDS

HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus at `url`."""

    url: str

    def now(self, query: str) -> list[dict[str, Any]]:
        """The series that a query gives now."""
        return self._result("query", query=query)

    def lately(self, query: str) -> list[dict[str, Any]]:
        """The series that a query gave at any time of the last hour."""
        end = time.time()
        return self._result("query_range", query=query, start=end - HOUR_SECONDS, end=end, step=STEP_SECONDS)

    def values(self, label: str, selector: str) -> list[str]:
        """Values of a label among the selected series."""
        answer = self._get(f"label/{label}/values", {"match[]": selector})
        return [str(value) for value in answer]

    def _result(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get(path, parameters)["result"]
        return found

    def _get(self, path: str, parameters: dict[str, Any]) -> Any:
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=30).json()
        assert answer["status"] == "success", f"{parameters}: {answer}"
        return answer["data"]
