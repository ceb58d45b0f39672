"""The guides: settings stand there as they are declared, and what they lead to is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from components.settings import (
    BackupSettings,
    BoundsSettings,
    CatalogSettings,
    ImportSettings,
    MapSettings,
    RoleLimits,
)
from ops.paths import ROOT
from ops.traceability.known import Known

if TYPE_CHECKING:
    from pathlib import Path

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
_ROW = re.compile(r"^\| (.+) \|$", re.MULTILINE)
# Capitals stand for a name of the reader's own.
_PATH = re.compile(
    r"`((?:app|components|dashboards|images|ops|sql|tests)/[a-z0-9_./-]+\.(?:py|sql|sh|psql))(?:::(\w+))?`"
)


def settings_on(page: str) -> dict[str, list[str]]:
    """Setting → the cells of its row, of all tables whose first column is `setting`."""
    text = (ROOT / "docs" / "guides" / page).read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for table in re.findall(r"^\| setting \|.*\n\|[-:|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE):
        for row in _ROW.findall(table):
            name, *cells = row.split(" | ")
            found[name.strip("`")] = cells
    return found


def declared(model: BaseModel, prefix: str = "") -> dict[str, object]:
    """Dotted name → default, of a model's settings and of the models in it."""
    found: dict[str, object] = {}
    for name, value in model:
        if isinstance(value, BaseModel):
            found |= declared(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


@pytest.mark.parametrize(
    ("page", "model"),
    [
        ("database.md", RoleLimits()),
        ("cache.md", BoundsSettings()),
        ("imports.md", ImportSettings()),
        ("backups.md", BackupSettings()),
        ("map.md", MapSettings()),
        ("proxy.md", CatalogSettings()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_settings_stand_there_with_their_defaults(page: str, model: BaseModel) -> None:
    assert {name: cells[0] for name, cells in settings_on(page).items()} == {
        name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in declared(model).items()
    }


def altered(model: BoundsSettings, name: str) -> BoundsSettings:
    """The settings with another value of one of them."""
    part, _, inner = name.rpartition(".")
    if not part:
        return model.model_copy(update={inner: getattr(model, inner) + 1})
    nested = getattr(model, part)
    return model.model_copy(update={part: nested.model_copy(update={inner: getattr(nested, inner) + 1})})


def test_each_setting_of_the_cache_is_handed_over_in_the_variable_beside_it() -> None:
    before = BoundsSettings().environment()
    for name, cells in settings_on("cache.md").items():
        after = altered(BoundsSettings(), name).environment()
        (changed,) = [variable for variable, value in after.items() if value != before[variable]]
        assert cells[1].split()[0] == f"`{changed}`", name


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_what_a_guide_leads_to_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    known = Known(ROOT)
    for file, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", text):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), file
        if anchor:
            assert anchor in known.anchors(str(target.relative_to(ROOT))), f"{file}#{anchor}"
    for path, test in _PATH.findall(text):
        assert (ROOT / path).is_file(), path
        if test:
            assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{test}"


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_a_guide_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 150
