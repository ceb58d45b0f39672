"""What the map's tests do with the page."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import psycopg
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.web import farm
    from tests.web.stage import Platform

PATIENCE_MS = 60_000


def drawn(page: Page) -> Locator:
    """The map, once everything on it is drawn."""
    found = page.locator("#mapa")
    expect(found).to_have_attribute("aria-busy", "false", timeout=PATIENCE_MS)
    return found


def at(place: farm.Place, zoom: float) -> str:
    """The part of an address that puts a place into the middle."""
    lat, lon = place.middle
    return f"v={zoom}/{lat}/{lon}"


def begun(page: Page, address: str = "/") -> Page:
    """The page at an address, its scripts at work."""
    page.goto(address)
    # A network that came or went, of containers of others, ends what a browser is loading; the page loads itself again.
    expect(page.locator("body[data-ready]")).to_be_attached(timeout=PATIENCE_MS)
    return page


def opened(page: Page, address: str = "/") -> Page:
    """The page at an address, drawn."""
    begun(page, address)
    # The same later: the page says so.
    lost = page.get_by_text("Recarregue a página")
    expect(page.locator("#mapa[aria-busy]").or_(lost).first).to_be_visible(timeout=PATIENCE_MS)
    if lost.count():
        page.reload()
    drawn(page)
    # A busy machine may take longer for the first tiles than the app waits: the page asks again until they come.
    expect(page.locator("#problema")).to_be_hidden(timeout=PATIENCE_MS)
    drawn(page)
    return page


def found(page: Page, name: str = "") -> Locator:
    """What the search found, with this in it."""
    return page.locator("#achados").get_by_role("option", name=name)


def fact(page: Page, name: str) -> Locator:
    """What the panel says of something."""
    return page.locator("#ficha dt", has_text=re.compile(f"^{name}$")).locator("xpath=following-sibling::dd[1]")


def numbered(platform: Platform, name: str) -> int:
    """The number of a feature."""
    with psycopg.connect(platform.cell.conninfo("owner")) as connection:
        row = connection.execute("SELECT id FROM v_mapa_feicoes WHERE nome = %s", (name,)).fetchone()
    assert row
    return int(row[0])


def eventually(page: Page, holds: Callable[[], bool]) -> None:
    """Waits until something holds, while the page goes on."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < until, f"not within {PATIENCE_MS} ms"
        page.wait_for_timeout(100)


def colour(page: Page) -> bytes:
    """What is drawn in the middle of the map."""
    box = drawn(page).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return page.screenshot(clip={"x": x - 4, "y": y - 4, "width": 8, "height": 8})
