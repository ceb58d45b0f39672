"""What the generated pages hold: everything that is declared, and no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from components.settings import OPTIONAL_SECRETS, SECRETS, Settings
from dashboards.alerts.rules import ALERTS
from dashboards.slo import KPIS, Kpi
from ops.docs import alerts, code, configuration, kpis, openapi, outputs
from ops.docs.graph import SECRET_VALUES, Output, declared
from ops.docs.registry import PAGES
from ops.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


def rows(text: str) -> dict[str, list[str]]:
    """First cell of every row, without its quotes → the other cells."""
    found = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            first, *cells = line.removeprefix("| ").removesuffix(" |").split(" | ")
            found[first.strip("`")] = cells
    return found


def declared_settings(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Dotted name and default of each setting."""
    for name, value in model:
        if isinstance(value, BaseModel):
            yield from declared_settings(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def test_every_setting_has_its_default_and_a_meaning() -> None:
    found = rows(configuration.text())
    for name, default in declared_settings(Settings()):
        type_, shown, _, meaning = found[name]
        assert json.loads(shown.strip("`")) == to_jsonable_python(default), name
        assert type_, name
        assert meaning, name


def test_bounds_choices_and_members_of_lists_are_shown() -> None:
    found = rows(configuration.text())
    assert found["ports.app"][:3] == ["integer", "`8080`", "≥ 1024, ≤ 65535"]
    assert found["database.retention_years"][:3] == ["integer or null", "`null`", "≥ 1, ≤ 200"]
    assert found["access.readers[].name"][1] == "required"
    assert "`refresh`" in found["database.paused"][2]


def test_every_secret_is_named() -> None:
    found = rows(configuration.text())
    assert {name: found[name][0] for name in (*SECRETS, *OPTIONAL_SECRETS)} == {
        **dict.fromkeys(SECRETS, "yes"),
        **dict.fromkeys(OPTIONAL_SECRETS, "no"),
    }


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.name)
def test_a_kpi_has_its_target_its_query_and_its_alert(kpi: Kpi) -> None:
    section = kpis.text().split(f"\n## {kpi.name}\n")[1].split("\n## ")[0]
    assert kpi.shown_target in section
    assert kpi.promql in section
    assert kpi.description in section
    assert list(kpis.watching(kpi)), "no alert looks at it"


def test_every_alert_has_its_condition_and_its_runbook() -> None:
    text = alerts.text()
    for alert in ALERTS:
        section = text.split(f"\n### {alert.name}\n")[1].split("\n##")[0]
        assert alert.expr.strip() in section
        assert f"**{alert.severity}**, once the condition has held for {alert.hold}" in section
        assert f"(../runbooks/alerts.md#{alert.name.lower()})" in section


def test_both_descriptions_of_the_api_say_the_same() -> None:
    description = json.loads(openapi.as_json())
    assert yaml.safe_load(openapi.as_yaml()) == description
    assert "/v1/catalogo/{catalogo_id}/bounds" in description["paths"]
    assert "&id" not in openapi.as_yaml()


def test_public_code_is_listed_and_private_is_not() -> None:
    text = code.text()
    assert "### ops.docs.code\n" in text
    assert "- `modules(folder)`: Public modules of a package, by their dotted names." in text
    assert "`class Graph`: Everything that is declared" in text
    assert "_module" not in text.split("### ops.docs.code\n")[1].split("###")[0]


def test_everything_public_says_what_it_is() -> None:
    silent = [line for line in code.text().splitlines() if line.startswith("- `") and line.endswith("`: ")]
    assert silent == []


def test_no_page_has_the_value_of_a_secret() -> None:
    assert len(set(SECRET_VALUES.values())) == len(SECRETS)
    # They are in what the pages are made of: otherwise this would prove nothing.
    assert all(any(value in str(one.value) for one in declared().outputs.values()) for value in SECRET_VALUES.values())
    for page in PAGES:
        text = (ROOT / page.path).read_text(encoding="utf-8") if page.live else page.text()
        assert not [key for key, value in SECRET_VALUES.items() if value in text], page.path


def test_every_output_is_there_and_secrets_are_without_a_value() -> None:
    found = rows(outputs.text())
    assert set(found) == set(declared().outputs)
    assert found["app_url"][:2] == ["text", "`http://127.0.0.1:8080`"]
    assert {name for name, cells in found.items() if len(cells) == 1} == {"postgres_url", *SECRETS}


def test_a_secret_that_is_not_declared_as_one_is_refused() -> None:
    leaking = Output(f"redis://:{SECRET_VALUES['redisPassword']}@127.0.0.1", secret=False)
    with pytest.raises(ValueError, match="the output app_url holds a secret"):
        outputs.render({**declared().outputs, "app_url": leaking})


def test_an_output_without_a_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match="cache_url"):
        outputs.render({**declared().outputs, "cache_url": Output("redis://", secret=False)})
