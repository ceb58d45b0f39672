"""The Grafana dashboard: its committed JSON is current, and every query is PromQL over metrics that exist."""

import re
from typing import Any

import yaml

from dashboards import grafana
from dashboards.slo import KPIS
from tests.built_images import run_in


def panels() -> list[dict[str, Any]]:
    return [panel for panel in grafana.build()["panels"] if panel["type"] != "row"]


def queries() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def test_the_committed_json_is_current() -> None:
    committed = (grafana.GENERATED / "rastreabilidade.json").read_text(encoding="utf-8")
    assert committed == grafana.text(), "stale: run python -m dashboards.grafana"


def test_every_measured_kpi_has_a_panel_with_its_target_as_threshold() -> None:
    shown = {panel["targets"][0]["expr"]: panel for panel in panels() if panel["type"] == "stat"}
    assert set(shown) == {kpi.series for kpi in KPIS}
    for kpi in KPIS:
        first, second = shown[kpi.series]["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert (first["value"], second["value"]) == (None, kpi.target)
        assert (first["color"], second["color"]) == (("green", "red") if kpi.better == "lower" else ("red", "green"))


def test_panels_are_explained_and_use_the_chosen_data_source() -> None:
    for panel in panels():
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"]
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_numbers_identify_panels_and_queries() -> None:
    ids = [panel["id"] for panel in grafana.build()["panels"]]
    assert ids == list(range(1, len(ids) + 1))
    for panel in panels():
        names = [target["refId"] for target in panel["targets"]]
        assert len(set(names)) == len(names)
        assert all(names)


def test_every_query_is_promql() -> None:
    plain = [query.replace("$__rate_interval", "1m").replace("$stack", "unit") for query in queries()]
    rules = [{"record": f"unit:query:{number}", "expr": query} for number, query in enumerate(plain)]
    files = {"rules.yml": yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]})}
    status, output = run_in("prometheus", ["promtool", "check", "rules", "rules.yml"], files)
    assert status == 0, output
    assert f"{len(rules)} rules found" in output


def test_rates_follow_the_scrape_interval() -> None:
    ranges = re.findall(r"\[([^\]]+)\]", " ".join(queries()))
    assert set(ranges) == {"$__rate_interval"}
