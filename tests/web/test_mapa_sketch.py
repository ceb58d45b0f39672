"""The farm as a picture: before the map is there, and where it never comes."""

from __future__ import annotations

import base64
import contextlib
import re
import threading
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect

from tests.web import farm
from tests.web.map_page import PATIENCE_MS, at, begun, drawn, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Route

    from tests.web.conftest import Watch

LIBRARY, TILES = "**/maplibre-gl.mjs", "**/ogc/tiles/**"
NO_WEBGL = """
const before = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : before.call(this, kind, ...more);
};
"""
# Edges and names fall on other parts of a pixel; a colour or a place that is wrong is much more.
CLOSE, MOST_OTHERS = 40, 0.02
_COMPARED = """
async ([one, other, close]) => {
  const read = async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, image.width, image.height).data;
  };
  const [a, b] = [await read(one), await read(other)];
  if (a.length !== b.length) return 1;
  let others = 0;
  for (let at = 0; at < a.length; at += 4) {
    others += Math.max(...[0, 1, 2].map((part) => Math.abs(a[at + part] - b[at + part]))) > close;
  }
  return others / (a.length / 4);
}
"""


def different(page: Page, one: bytes, other: bytes) -> float:
    """The share of pixels in which two pictures are not close; decoded by a page without a policy."""
    blank = page.context.new_page()
    try:
        pictures = [base64.b64encode(picture).decode() for picture in (one, other)]
        return float(blank.evaluate(_COMPARED, [*pictures, CLOSE]))
    finally:
        blank.close()


def tiles(watch: Watch) -> list[str]:
    """The tiles that were asked for, in their order."""
    return [path for path in watch.asked if path.startswith("/ogc/tiles/")]


def picture(page: Page) -> bytes:
    """What is seen where the map is, without what lies over its edges."""
    box = page.locator("#mapa").bounding_box()
    assert box
    return page.screenshot(
        clip={"x": box["x"] + 60, "y": box["y"], "width": box["width"] - 180, "height": box["height"] - 30}
    )


@contextlib.contextmanager
def held(page: Page, what: str) -> Iterator[None]:
    """What is asked for from now on does not arrive before the end."""
    waiting: list[Route] = []
    over = threading.Event()

    def hold(route: Route, _request: object) -> None:
        if over.is_set():
            route.continue_()
        else:
            waiting.append(route)

    page.route(what, hold)
    yield
    over.set()
    for route in waiting:
        route.continue_()


@pytest.mark.parametrize(
    ("address", "scheme"), [("/", "light"), (f"/#{at(farm.LAKE, 14.4)}", "dark"), ("/#c=lagoa,mata", "light")]
)
def test_the_farm_is_seen_before_the_map_and_looks_like_it(
    mapa: Page, watch: Watch, address: str, scheme: Literal["light", "dark"]
) -> None:
    mapa.emulate_media(color_scheme=scheme)
    sketch = mapa.locator("#esboco")
    note = sketch.get_by_text("Preparando o mapa")
    with held(mapa, LIBRARY):
        begun(mapa, address)
        expect(sketch).to_be_visible(timeout=PATIENCE_MS)
        expect(note).to_be_visible()
        expect(mapa.locator("#aviso")).to_be_hidden()
        before = picture(mapa)
        assert mapa.locator("body.drawn").count() == 0
        asked = tiles(watch)
    drawn(mapa)
    expect(sketch).to_be_hidden(timeout=PATIENCE_MS)
    assert different(mapa, before, picture(mapa)) < MOST_OTHERS
    assert asked
    assert set(asked) <= set(tiles(watch)[len(asked) :]), "the map needs each of them too"
    # The measure sees what is elsewhere.
    mapa.get_by_role("button", name="Aproximar o mapa").click()
    expect(mapa).to_have_url(re.compile("v=(?!11|14)"))
    drawn(mapa)
    assert different(mapa, before, picture(mapa)) > 10 * MOST_OTHERS


def test_it_gives_way_to_whoever_moves_the_map(mapa: Page) -> None:
    sketch = mapa.locator("#esboco")
    with contextlib.ExitStack() as later:
        with held(mapa, LIBRARY):
            begun(mapa)
            expect(sketch).to_be_visible(timeout=PATIENCE_MS)
            # So that the map cannot rest, which ends the picture too.
            later.enter_context(held(mapa, TILES))
        mapa.wait_for_selector("body.drawn", timeout=PATIENCE_MS)
        mapa.wait_for_timeout(1_000)
        expect(sketch).to_be_visible()
        mapa.evaluate(f"location.hash = '#{at(farm.LAKE, 15)}'")
        expect(sketch).to_be_hidden()
    drawn(mapa)


def test_without_webgl_it_stays_and_follows_the_switches(mapa: Page, watch: Watch) -> None:
    mapa.add_init_script(NO_WEBGL)
    begun(mapa)
    expect(mapa.locator("#aviso")).to_contain_text("não consegue desenhar o mapa", timeout=PATIENCE_MS)
    expect(mapa.locator("#esboco")).to_be_visible()
    expect(mapa.get_by_text("Preparando o mapa")).to_be_hidden()
    whole = picture(mapa)
    mapa.get_by_role("button", name="Ocultar todas").click()
    eventually(mapa, lambda: different(mapa, whole, picture(mapa)) > MOST_OTHERS)
    mapa.get_by_role("button", name="Mostrar todas").click()
    eventually(mapa, lambda: different(mapa, whole, picture(mapa)) == 0)
    watch.found.clear()
