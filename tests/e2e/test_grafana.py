"""Grafana with its objects, on the real image and plugin; skipped where they cannot be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from dashboards import grafana
from ops.tools import network, optional_plugins

if TYPE_CHECKING:
    from tests.e2e.operator import Operator

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not (network.registry_answers() and optional_plugins.obtainable("grafana")),
        reason="the Grafana image or the grafana plugin can be neither found nor downloaded",
    ),
]


def test_the_dashboard_is_there_and_its_source_answers(neighbour: Operator) -> None:
    neighbour.succeeds("init", "--side-by-side")
    neighbour.succeeds("config", "grafana.enabled=true")
    neighbour.succeeds("up")
    outputs = neighbour.outputs()
    with httpx.Client(base_url=outputs["grafana_url"], auth=("admin", outputs["grafanaAdminPassword"])) as client:
        found = client.get("/api/search", params={"type": "dash-db"}).json()
        assert {one["title"] for one in found} == {board["title"] for board in grafana.build().values()}
        assert {one["folderTitle"] for one in found} == {"Mundo Virtual"}
        assert client.get("/api/datasources/uid/prometheus/health").json()["status"] == "OK"
    assert "no differences" in neighbour.succeeds("preview")
