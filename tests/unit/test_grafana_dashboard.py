"""The Grafana dashboards: their committed JSON is current, whole, and shows every KPI against its target."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
import yaml

from dashboards import grafana
from dashboards.alerts.rules import ALERTS, RUNBOOK_URL
from dashboards.grafana import kpi as kpi_panels
from dashboards.slo import KPIS, Kpi, by_name
from images.content import ROOT
from tests.built_images import run_in
from tests.dashboard_queries import asked, expand, marks, panels

BOARDS = grafana.build()
MEND = "run make dashboards"


def test_the_committed_json_is_current() -> None:
    wanted = grafana.files()
    there = {path.name: path.read_text(encoding="utf-8") for path in grafana.GENERATED.iterdir()}
    assert set(there) == set(wanted), MEND
    stale = [name for name, text in wanted.items() if there[name] != text]
    assert not stale, MEND


def test_building_twice_gives_the_same_text() -> None:
    assert grafana.files() == grafana.files()


def kpi_tiles() -> dict[str, dict[str, Any]]:
    """Series → the number that shows it."""
    return {
        panel["targets"][0]["expr"].partition("{")[0]: panel
        for panel in panels(BOARDS["rastreabilidade"])
        if panel["type"] == "stat" and panel["targets"][0]["expr"].startswith("mundo:kpi:")
    }


def test_every_measured_kpi_has_a_panel_with_its_target_as_threshold() -> None:
    shown = kpi_tiles()
    assert set(shown) == {kpi.series for kpi in KPIS}
    for kpi in KPIS:
        panel = shown[kpi.series]
        assert panel["title"] == kpi.titulo
        assert kpi.descricao in panel["description"]
        assert kpi.shown_target in panel["description"]


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.name)
def test_colours_are_those_of_the_kpis_state(kpi: Kpi) -> None:
    states = {"green": "met", "orange": "near", "red": "missed"}
    steps = kpi_tiles()[kpi.series]["fieldConfig"]["defaults"]["thresholds"]["steps"]
    edges = [kpi.near, kpi.target]
    values = [0.0, *(edge * factor for edge in edges for factor in (0.999, 1.001)), kpi.target, 2 * kpi.target]
    for value in values:
        color = [step["color"] for step in steps if step["value"] is None or step["value"] <= value][-1]
        assert states[color] == kpi.state(value), value


def test_a_target_that_is_missed_is_counted() -> None:
    rule = kpi_panels.missed()
    for kpi in KPIS:
        assert f"{kpi.series}{{" in rule
        assert f"{'>=' if kpi.better == 'lower' else '<'} {kpi.target:g}, " in rule


def test_charts_of_kpis_show_the_target() -> None:
    (panel,) = [one for one in panels(BOARDS["rastreabilidade"]) if one["title"] == "Latência"]
    kpi = by_name("latency_p95")
    shown = panel["fieldConfig"]["defaults"]
    assert shown["thresholds"]["steps"][-1]["value"] == kpi.target
    assert shown["custom"]["thresholdsStyle"]["mode"] == "dashed"
    assert panel["description"].endswith(f"Meta: {kpi.shown_target}.")


def test_dashboards_are_told_apart_and_can_be_imported() -> None:
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS)
    assert len({board["title"] for board in BOARDS.values()}) == len(BOARDS)
    for name, board in BOARDS.items():
        assert board["uid"] == f"mundo-{name}"
        assert 8 <= len(board["uid"]) <= 40
        assert board["title"].startswith("Mundo Virtual / ")
        assert board["schemaVersion"] >= 36
        # A number would overwrite another dashboard of the Grafana that imports it.
        assert board.get("id") is None
        assert "__inputs" not in board


def test_numbers_identify_panels_and_queries() -> None:
    for board in BOARDS.values():
        assert [panel["id"] for panel in board["panels"]] == list(range(1, len(board["panels"]) + 1))
        for panel in panels(board):
            names = [target["refId"] for target in panel["targets"]]
            assert len(set(names)) == len(names)
            assert all(names)


def test_titles_are_told_apart_within_a_dashboard() -> None:
    for board in BOARDS.values():
        titles = [(row, panel["title"]) for row, panel in with_rows(board)]
        assert len(set(titles)) == len(titles)


def with_rows(board: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each panel with the heading above it."""
    found, row = [], ""
    for panel in board["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
        else:
            found.append((row, panel))
    return found


def test_descriptions_are_sentences() -> None:
    for board in BOARDS.values():
        assert board["description"].endswith(".")
        for panel in panels(board):
            assert re.fullmatch(r"[A-ZÁÉÓ01].+\.", panel["description"]), panel["title"]


def test_every_line_has_a_legend() -> None:
    for board in BOARDS.values():
        for panel in panels(board):
            if panel["type"] == "timeseries":
                assert panel["options"]["legend"]["showLegend"]
                legends = [target["legendFormat"] for target in panel["targets"]]
                assert all(legends)
                assert len(set(legends)) == len(legends), panel["title"]


def test_links_lead_to_sections_that_are_there() -> None:
    links = [link for board in BOARDS.values() for panel in panels(board) for link in panel["links"]]
    assert links
    headings = re.findall(r"^#+ (.+)$", (ROOT / RUNBOOK_URL).read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    for link in links:
        page, _, anchor = link["url"].partition("#")
        assert page == "${runbook:raw}"
        assert anchor in anchors


def test_every_alert_can_be_looked_into_on_a_panel() -> None:
    linked = {link["title"] for board in BOARDS.values() for panel in panels(board) for link in panel["links"]}
    assert linked == {f"Runbook: {alert.name}" for alert in ALERTS if alert.name != "Watchdog"}


def test_the_runbooks_address_is_the_readers() -> None:
    for board in grafana.build(runbook_url="https://example.org/alerts").values():
        (variable,) = [one for one in board["templating"]["list"] if one["name"] == "runbook"]
        assert variable["query"] == variable["current"]["value"] == "https://example.org/alerts"


def test_every_alert_on_a_kpi_is_linked_from_it() -> None:
    for kpi in KPIS:
        linked = {link["title"] for link in kpi_tiles()[kpi.series]["links"]}
        assert linked == {f"Runbook: {alert.name}" for alert in ALERTS if kpi.series in alert.expr}


def test_every_moment_of_note_is_marked() -> None:
    for board in BOARDS.values():
        found = {one["name"]: one["expr"] for one in board["annotations"]["list"]}
        assert "process_start_time_seconds" in found["Implantações"]
        assert "mundo_build_info" in found["Implantações"]
        assert "mundo_redis_master_changes_total" in found["Trocas do Redis principal"]
        assert 'alertstate="firing"' in found["Alertas"]
        for one in board["annotations"]["list"]:
            assert one["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert one["titleFormat"]


def test_dashboards_find_each_other() -> None:
    for board in BOARDS.values():
        (link,) = [one for one in board["links"] if one["type"] == "dashboards"]
        assert set(link["tags"]) <= set(board["tags"])
        assert link["includeVars"]
        assert link["keepTime"]


def test_every_query_is_promql() -> None:
    plain = [one.expanded("unit") for one in itertools.chain(asked(), marks())]
    rules = [{"record": f"unit:query:{number}", "expr": query} for number, query in enumerate(plain)]
    files = {"rules.yml": yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}, width=10_000)}
    status, output = run_in("prometheus", ["promtool", "check", "rules", "rules.yml"], files)
    assert status == 0, output
    assert f"{len(rules)} rules found" in output


def test_an_unknown_variable_is_noticed() -> None:
    assert expand('a{stack="$stack"}[$__rate_interval] ${__interval:raw}', stack="s") == 'a{stack="s"}[60s] 15s'
    with pytest.raises(KeyError):
        expand('up{stack="$stak"}', stack="s")
