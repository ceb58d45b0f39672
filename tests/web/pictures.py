"""The pictures of the map in docs/images: `python -m tests.web.pictures`.

It starts the database and the app on their own, loads the farm's real export (MUNDO_REAL_DATA says where it is, else
beside the checkout), and looks with a browser as the tests do.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from app.ingest.pipeline import ingest
from components import catalog
from ops.cell import cell
from ops.paths import ROOT
from ops.tools import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

IMAGES = ROOT / "docs" / "images"
NAME = "villa_canabrava_full_export.json"
DESKTOP = {"viewport": {"width": 1360, "height": 820}}
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 1.5, "has_touch": True, "is_mobile": True}
_PATIENCE_MS = 60_000


def real_farm() -> Path:
    """The farm's real export."""
    folder = Path(os.environ.get("MUNDO_REAL_DATA") or ROOT.parent / "shared" / "data")
    return folder if folder.is_file() else folder / NAME


@contextlib.contextmanager
def page(browser: Browser, url: str, **how: Any) -> Iterator[Page]:
    """The drawn map in a window of its own, with nothing cached."""
    context = browser.new_context(
        base_url=url, locale="pt-BR", timezone_id="America/Sao_Paulo", reduced_motion="reduce", **how
    )
    opened = context.new_page()
    opened.goto("/")
    drawn(opened)
    yield opened
    context.close()


def drawn(opened: Page) -> None:
    """Wait until everything in sight is there."""
    opened.wait_for_selector('#mapa[aria-busy="false"]', timeout=_PATIENCE_MS)


def choose(opened: Page, words: str) -> None:
    """Look for something, and open what is found first."""
    opened.fill("#busca", words)
    opened.locator("[role=option]").first.click()
    opened.wait_for_selector('#ficha[aria-busy="false"]')
    drawn(opened)


def draw(browser: Browser, url: str) -> None:
    """Write the pictures."""
    with page(browser, url, **DESKTOP) as opened:
        choose(opened, "pivo 3")
        opened.locator("#fazenda").click()
        drawn(opened)
        opened.screenshot(path=IMAGES / "mapa.png")
    with page(browser, url, **PHONE, color_scheme="dark") as opened:
        choose(opened, "lagoa 01")
        opened.screenshot(path=IMAGES / "mapa-celular.png")


def main() -> None:
    """Write the pictures."""
    with cell("pictures") as made:
        made.start_postgres()
        ingest(made.conninfo("owner"), real_farm())
        with psycopg.connect(made.conninfo("owner"), autocommit=True) as owner:
            owner.execute("SELECT fold_catalogo_changes(NULL, true)")
        made.start_cache()
        made.start(catalog.service(made.context))
        url = f"http://127.0.0.1:{made.running['catalog'].get_exposed_port(catalog.PORT)}"
        with chromium.started() as browser:
            draw(browser, url)


if __name__ == "__main__":
    main()
