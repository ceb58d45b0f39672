"""The runbook of the alerts: every alert has its section, every section its alert."""

import functools
import re

import pytest

from dashboards.alerts.model import Alert
from dashboards.alerts.rules import ALERTS, RUNBOOK_URL, render_rules
from images.content import ROOT

PARTS = ("Meaning", "Impact", "Diagnosis", "Mitigation")


@functools.cache
def sections() -> dict[str, str]:
    """Heading → text below it."""
    text = (ROOT / RUNBOOK_URL).read_text(encoding="utf-8")
    return dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_tells_what_to_do(alert: Alert) -> None:
    assert re.fullmatch(r"([A-Z][A-Za-z0-9]+)", alert.name)
    assert alert.name in sections(), f"{RUNBOOK_URL} has no section '## {alert.name}'"
    section = sections()[alert.name]
    at = [section.find(f"**{part}.**") for part in PARTS]
    assert -1 not in at, f"{alert.name}: one of {PARTS} is missing"
    assert at == sorted(at), f"{alert.name}: the order is {PARTS}"


def test_no_section_is_without_an_alert() -> None:
    assert list(sections()) == sorted(set(sections()), key=list(sections()).index)
    assert set(sections()) == {alert.name for alert in ALERTS}


def test_the_index_lists_every_alert_once_below_its_component() -> None:
    head = (ROOT / RUNBOOK_URL).read_text(encoding="utf-8").split("\n## ", 1)[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", head, re.MULTILINE))
    listed = {component: re.findall(r"\[(\w+)\]\(#(\w+)\)", row) for component, row in rows.items()}
    assert all(anchor == name.lower() for row in listed.values() for name, anchor in row)
    names: dict[str, set[str]] = {}
    for alert in ALERTS:
        names.setdefault(alert.component, set()).add(alert.name)
    assert {component: {name for name, _ in row} for component, row in listed.items()} == names


def test_an_alert_carries_the_address_of_its_section() -> None:
    assert f"runbook_url: {RUNBOOK_URL}#postgresdown" in render_rules()
    published = render_rules(runbook_url="https://docs.farm.example/alerts")
    assert "runbook_url: https://docs.farm.example/alerts#postgresdown" in published
    assert RUNBOOK_URL not in published
