"""What the program declares of Grafana, where it is on."""

from __future__ import annotations

import json

import pytest

from components.monitoring import ALERTMANAGER_HOST_NUMBER, PROMETHEUS_HOST_NUMBER
from dashboards import grafana
from tests.unit.program import Recorder, run
from tests.unit.stacks import STACKS, context

ON = [stack for stack in STACKS if context(stack).settings.grafana.enabled]


@pytest.fixture(params=ON)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def declared(stack: str) -> Recorder:
    return run(stack)


def test_there_is_a_stack_with_grafana() -> None:
    assert ON


def test_every_dashboard_is_in_the_folder(declared: Recorder, stack: str) -> None:
    (folder,) = declared.of("Folder").values()
    found = declared.of("Dashboard")
    wanted = grafana.build(runbook_url=context(stack).settings.monitoring.runbook_url)
    assert {name: json.loads(one["configJson"]) for name, one in found.items()} == wanted
    assert {one["folder"] for one in found.values()} == {folder["uid"]}


def test_data_sources_are_this_stacks_own(declared: Recorder, stack: str) -> None:
    sources = {one["uid"]: one for one in declared.of("DataSource").values()}
    assert set(sources) == {"prometheus", "alertmanager"}
    assert sources["prometheus"]["url"] == f"http://{context(stack).address(PROMETHEUS_HOST_NUMBER)}:9090"
    assert sources["alertmanager"]["url"] == f"http://{context(stack).address(ALERTMANAGER_HOST_NUMBER)}:9093"
    assert [uid for uid, one in sources.items() if one.get("isDefault")] == ["prometheus"]


def test_grafana_knows_the_scrape_interval(declared: Recorder, stack: str) -> None:
    (source,) = [one for one in declared.of("DataSource").values() if one["uid"] == "prometheus"]
    known = json.loads(source["jsonDataEncoded"])
    assert known["timeInterval"] == f"{context(stack).settings.monitoring.scrape_interval_seconds}s"
    assert known["alertmanagerUid"] == "alertmanager"
