"""A map that takes long to draw is moved with what is drawn; where drawing is fast, every frame is a new one."""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.web import farm
from tests.web.map_page import at, colour, drawn, eventually, opened

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SLOW_MS = 150
_GRAPHICS = """
window.frameTime = MS;
let free = 0;
const done = new WeakMap();
const { fenceSync } = WebGL2RenderingContext.prototype;
WebGL2RenderingContext.prototype.fenceSync = function (...how) {
  const fence = fenceSync.apply(this, how);
  free = Math.max(free, performance.now()) + window.frameTime;
  done.set(fence, free);
  return fence;
};
WebGL2RenderingContext.prototype.getSyncParameter = function (fence) {
  return performance.now() < done.get(fence) ? this.UNSIGNALED : this.SIGNALED;
};
window.drawings = 0;
const { drawElements } = WebGL2RenderingContext.prototype;
WebGL2RenderingContext.prototype.drawElements = function (...what) {
  window.drawings += 1;
  return drawElements.apply(this, what);
};
"""
_WATCH = """(canvas) => {
  window.shown = [];
  const note = () => window.shown.push([canvas.style.transform, window.drawings]);
  new MutationObserver(note).observe(canvas, { attributeFilter: ["style"] });
}"""


def taking(page: Page, milliseconds: int) -> Page:
    """A page whose graphics take so long for a frame, one after the other."""
    page.add_init_script(_GRAPHICS.replace("MS", str(milliseconds)))
    return page


def drawings(page: Page) -> int:
    """How much was asked of the graphics so far."""
    return int(page.evaluate("window.drawings"))


def _more(page: Page, than: int) -> bool:
    return drawings(page) > than


def canvas(page: Page) -> Locator:
    """What the map is drawn on."""
    return page.locator("#mapa canvas.maplibregl-canvas")


def transform(page: Page) -> str:
    """How it is moved."""
    return str(canvas(page).evaluate("(canvas) => canvas.style.transform"))


def moved(page: Page) -> list[int]:
    """By how many pixels, to the right and down."""
    return _pixels(transform(page))


def _pixels(how: str) -> list[int]:
    return [round(float(found)) for found in re.findall(r"([-\d.e]+)px", how)]


def shown(page: Page) -> list[tuple[str, int]]:
    """How the canvas was moved since it is watched, each with what was asked of the graphics until then."""
    found: list[tuple[str, int]] = page.evaluate("window.shown")
    return found


def longitude(page: Page) -> float:
    """Of the middle, as the address tells it: to five digits, half a pixel of what is tested here."""
    return float(page.url.rpartition("/")[2])


def grabbed(page: Page, share: float = 0.5) -> tuple[float, float]:
    """A place of the map at this share of its width, with the mouse's button down."""
    box = drawn(page).bounding_box()
    assert box
    x, y = box["x"] + share * box["width"], box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def test_a_slow_map_moves_with_what_is_drawn(mapa: Page) -> None:
    opened(taking(mapa, SLOW_MS), f"/#{at(farm.LAKE, 15)}")
    canvas(mapa).evaluate(_WATCH)
    before, west = colour(mapa), longitude(mapa)
    x, y = grabbed(mapa)
    mapa.mouse.move(x + 120, y + 40, steps=20)
    eventually(mapa, lambda: len(shown(mapa)) > 1)
    mapa.mouse.up()
    eventually(mapa, lambda: not shown(mapa)[-1][0])
    places = [(_pixels(how), drawn_so_far) for how, drawn_so_far in shown(mapa) if how]
    assert any(one != other and asked == still for (one, asked), (other, still) in pairwise(places)), "moved, not drawn"
    drawn(mapa)
    assert west - longitude(mapa) == pytest.approx(120 * 360 / (512 * 2**15), abs=2e-5), "the mouse is where it was"
    # There and back: the same place looks the same.
    x, y = grabbed(mapa)
    mapa.mouse.move(x - 120, y - 40, steps=20)
    mapa.mouse.up()
    assert colour(mapa) == before


def test_a_slow_map_that_stands_still_is_drawn_though_it_is_held(mapa: Page) -> None:
    opened(taking(mapa, SLOW_MS), f"/#{at(farm.LAKE, 15)}")
    x, y = grabbed(mapa)
    asked = drawings(mapa)
    mapa.mouse.move(x + 60, y)
    eventually(mapa, partial(_more, mapa, asked))
    eventually(mapa, lambda: not any(moved(mapa)))
    # From that frame on.
    mapa.mouse.move(x + 100, y)
    eventually(mapa, lambda: moved(mapa) == [40, 0])
    mapa.mouse.up()
    drawn(mapa)
    assert not transform(mapa)


@pytest.mark.parametrize("turn", [-300, 300], ids=["closer", "farther"])
def test_a_slow_map_grows_and_shrinks_with_what_is_drawn(mapa: Page, turn: int) -> None:
    opened(taking(mapa, SLOW_MS), f"/#{at(farm.LAKE, 15)}")
    canvas(mapa).evaluate(_WATCH)
    grabbed(mapa)
    mapa.mouse.up()
    mapa.mouse.wheel(0, turn)
    eventually(mapa, lambda: len(shown(mapa)) > 1 and not shown(mapa)[-1][0])
    scales = [float(found[1]) for how, _ in shown(mapa) if (found := re.search(r"scale\((.+)\)", how))]
    assert scales
    assert all((scale > 1) == (turn < 0) for scale in scales if scale != 1)
    assert set(scales) != {1.0}
    drawn(mapa)


def test_a_slow_map_is_drawn_anew_when_it_is_moved_far(mapa: Page) -> None:
    opened(taking(mapa, SLOW_MS), f"/#{at(farm.LAKE, 15)}")
    canvas(mapa).evaluate(_WATCH)
    x, y = grabbed(mapa, 0.9)
    # More than half of the map's width, without a rest.
    mapa.mouse.move(x - 700, y, steps=20)
    mapa.mouse.up()
    drawn(mapa)
    assert not transform(mapa)
    lefts = [_pixels(how)[0] for how, _ in shown(mapa) if how]
    assert lefts
    assert min(lefts) > -500, "half of it is 460"


def test_a_map_that_is_drawn_fast_is_drawn_at_every_step(mapa: Page) -> None:
    opened(taking(mapa, 0), f"/#{at(farm.LAKE, 15)}")
    x, y = grabbed(mapa)
    for step in range(1, 6):
        before = drawings(mapa)
        mapa.mouse.move(x + 20 * step, y)
        eventually(mapa, partial(_more, mapa, before))
        assert not transform(mapa)
    mapa.mouse.up()
    drawn(mapa)


def test_the_map_says_that_it_is_drawn_once_it_is(mapa: Page) -> None:
    opened(taking(mapa, 0), f"/#{at(farm.LAKE, 15)}")
    took = mapa.evaluate(
        """(time) => new Promise((told) => {
          window.frameTime = time;
          const place = document.getElementById("mapa");
          let begun;
          new MutationObserver(() => {
            if (place.ariaBusy === "true") begun ??= performance.now();
            else if (begun) told(performance.now() - begun);
          }).observe(place, { attributeFilter: ["aria-busy"] });
          document.querySelector("#camadas input").click();
        })""",
        1000,
    )
    assert took >= 1000
