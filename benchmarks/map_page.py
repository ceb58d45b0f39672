"""The map's page in a browser: its first view, its weight, and how smoothly it moves with many features."""

from __future__ import annotations

import contextlib
import itertools
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.ingest.pipeline import ingest
from app.ingest.sample import write_sample
from benchmarks import catalogue
from benchmarks.app_servers.group import running
from benchmarks.blocks import Arm
from benchmarks.criteria import by_key
from benchmarks.report import Figure, Report, Table
from benchmarks.statistics import percentile
from ops.tools import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize

    from benchmarks.blocks import Comparison
    from benchmarks.context import Context

FEATURES: Final = 413
"""Of the farm's first view: as many as the real one has."""
VIEWS: Final = 15

COLUMNS: Final = (
    "features",
    "first view, median",
    "longest",
    "the map rests, median",
    "over the wire",
    "processor time: drawing",
    "the rest of the browser",
)

_SIZE: Final[ViewportSize] = {"width": 1360, "height": 820}
_PATIENCE_MS: Final = 120_000
_MOVES: Final = 5
_STEP_PIXELS: Final = 20

_RECORD: Final = """
() => {
  window.frames_seen = [];
  const note = (now) => { window.frames_seen.push(now); window.noting = requestAnimationFrame(note); };
  window.noting = requestAnimationFrame(note);
}
"""
_RECORDED: Final = "() => { cancelAnimationFrame(window.noting); return window.frames_seen; }"
_BARE: Final = """
async (library) => {
  const begun = performance.now();
  const { Map } = await import(library);
  const container = document.body.appendChild(document.createElement("div"));
  container.style.position = "fixed";
  container.style.inset = 0;
  const ground = { id: "ground", type: "background", paint: { "background-color": "white" } };
  const map = new Map({ container, attributionControl: false, style: { version: 8, sources: {}, layers: [ground] } });
  await new Promise((drawn) => map.once("idle", drawn));
  return performance.now() - begun;
}
"""
_RESTS: Final = "performance.getEntriesByName('mapa')[0]?.startTime"
# When the frame with the picture of the farm was on the screen (Element Timing), as the browser itself tells.
_FIRST: Final = """
() => new Promise((told) => {
  new PerformanceObserver((list) => told(list.getEntries()[0].renderTime)).observe({ type: "element", buffered: true });
  setTimeout(told, 1000, null);
})
"""
_SWITCH: Final = "() => document.querySelectorAll('#camadas input').forEach((layer) => layer.click())"

ABOUT: Final = """\
Chromium without a window and without a graphics card (WebGL is computed by the processor, and pages are composed by it,
as a browser does on such a machine), on the machine of the app, 1360 by 820 pixels; the app runs as the platform
declares it.

- **The first view** is the whole farm: from the request of the page, with nothing cached in the browser, until the
  picture of it that the page draws from the map's own tiles is on the screen (Element Timing: the frame's time).
- **The map rests** once WebGL has drawn the same, and the picture has given way (`performance.mark` of the page). The
  weight is all that came over the wire until then, compressed as it was sent, with headers.
- **MapLibre alone** is the same library with a white ground and nothing else, on another page of the app, from the
  import of its script on until it rests: the time that no map can undercut here.
- **Processor time** is what the browser's processes used until the map rests. That of drawing is what a graphics card
  would do.
- **Moving** is dragging the map to and fro by {pixels} pixels. Compared is the P95 of the time between two frames with
  all features on the map by that with every layer switched off: what the features cost a person who moves the map.
  Both take turns on one page. The views are the whole catalogue, and three zooms closer. Where a frame takes long
  to draw, the one that is there moves with the map, and what comes into sight stays empty until the map stands still.
- **Drawn anew** is all that the map shows, from the moment when it is let go: what such a frame is moved instead of."""


@dataclass
class _Weight:
    """What came over the wire for one page."""

    requests: list[Request] = field(default_factory=list)

    def note(self, request: Request) -> None:
        """Takes note of a request that was answered."""
        self.requests.append(request)

    def kilobytes(self) -> float:
        """Bodies and headers of every answer."""
        sizes = [request.sizes() for request in self.requests]
        return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) / 1000


@dataclass
class _Work:
    """Seconds of processor time that the browser's processes used, of each view: the one that draws, and the others."""

    browser: Browser
    drawing: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    _before: dict[int, float] = field(default_factory=dict)

    def begin(self) -> None:
        """A view begins."""
        self._before = {int(one["id"]): float(one["cpuTime"]) for one in self._processes()}

    def end(self) -> None:
        """It is seen."""
        used = {True: 0.0, False: 0.0}
        for one in self._processes():
            used[one["type"] == "GPU"] += float(one["cpuTime"]) - self._before.get(int(one["id"]), 0.0)
        self.drawing.append(used[True])
        self.others.append(used[False])

    def _processes(self) -> list[dict[str, Any]]:
        session = self.browser.new_browser_cdp_session()
        found: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        return found


def run(context: Context) -> Report:
    """Opens the page again and again, and moves the map."""
    options = context.options
    report = Report(
        name="map-page",
        title="The map's page: first view, weight and moving",
        about=ABOUT.format(pixels=_MOVES * _STEP_PIXELS),
        parameters={
            "features of the first view": FEATURES,
            "features while it is moved": options.search_entries,
            "first views": VIEWS,
        },
    )
    with context.server.connect() as owner:
        catalogue.empty(owner)
    with tempfile.TemporaryDirectory(prefix="mundo-bench-") as folder:
        path = Path(folder) / "farm.geojsonl"
        write_sample(path, FEATURES)
        ingest(context.server.cell.conninfo("owner"), path)
    catalogue.settle(context)
    table = Table(COLUMNS, {})
    anew = Table(("drawn anew after a move", "all features, median", "longest", "no layer, median", "longest"), {})
    with running(context) as group, chromium.started() as browser:
        url = f"http://{group.app().address}"
        _bare(context, browser, url, table)
        report.figures += _first_views(context, browser, url, table, FEATURES)
        catalogue.fill(context, options.search_entries, options.search_entries)
        report.figures += _first_views(context, browser, url, table, options.search_entries)
        with _page(browser, url) as page:
            for label, closer in (("the whole catalogue", 0), ("three zooms closer", 3)):
                _closer(page, closer)
                report.comparisons.append(_moving(context, page, label, anew))
    report.tables += [table, anew]
    return report


def _first_views(context: Context, browser: Browser, url: str, table: Table, features: int) -> list[Figure]:
    """First views with so many features; judged are those of the farm. Their row is added to the table."""
    seconds, rests, weights, work = [], [], [], _Work(browser)
    with context.ui.steps(f"first views of {features} features", VIEWS) as advance:
        for _ in range(VIEWS):
            weight = _Weight()
            work.begin()
            with _page(browser, url, weight) as page:
                rests.append(_rests(page))
                work.end()
                seconds.append(_first(page))
                weights.append(weight.kilobytes())
            advance(1)
    table.rows[f"{features:,}"] = _row(seconds, rests, weights, work)
    if features != FEATURES:
        return []
    return [
        Figure("first view of the farm, median", statistics.median(seconds), "s", "map-first-view"),
        Figure("weight of the farm's first view, kB", round(max(weights)), "", "map-weight"),
    ]


def _bare(context: Context, browser: Browser, url: str, table: Table) -> None:
    """MapLibre until it has drawn a white ground: what the library and the drawing cost without a farm."""
    seconds, weights, work = [], [], _Work(browser)
    with context.ui.steps("MapLibre alone", VIEWS) as advance:
        for _ in range(VIEWS):
            weight = _Weight()
            with _window(browser, url, weight) as window:
                page = window.new_page()
                page.goto("/ajuda")
                weight.requests.clear()
                work.begin()
                seconds.append(float(page.evaluate(_BARE, "/static/mapa/library.js")) / 1000)
                work.end()
                weights.append(weight.kilobytes())
            advance(1)
    table.rows["MapLibre alone, white"] = _row(seconds, seconds, weights, work)


def _row(seconds: list[float], rests: list[float], weights: list[float], work: _Work) -> list[tuple[float, str]]:
    return [
        (statistics.median(seconds), "s"),
        (max(seconds), "s"),
        (statistics.median(rests), "s"),
        (round(max(weights)), "kB"),
        (statistics.median(work.drawing), "s"),
        (statistics.median(work.others), "s"),
    ]


def _first(page: Page) -> float:
    """Seconds until the farm was on the screen."""
    found = page.evaluate(_FIRST)
    if found is None:
        raise RuntimeError("the page showed no picture of the farm before its map")
    return float(found) / 1000


def _rests(page: Page) -> float:
    """Seconds until the map had drawn everything in sight: where a tile was asked for again, after its first rest."""
    end = time.monotonic() + _PATIENCE_MS / 1000
    while (found := page.evaluate(_RESTS)) is None:
        if time.monotonic() > end:
            raise TimeoutError(f"the map was not drawn within {_PATIENCE_MS // 1000} s")
        page.wait_for_timeout(50)
    return float(found) / 1000


@contextlib.contextmanager
def _window(browser: Browser, url: str, weight: _Weight | None = None) -> Iterator[BrowserContext]:
    """A browser's window with nothing cached."""
    window = browser.new_context(base_url=url, viewport=_SIZE, reduced_motion="reduce")
    if weight is not None:
        window.on("requestfinished", weight.note)
    yield window
    window.close()


@contextlib.contextmanager
def _page(browser: Browser, url: str, weight: _Weight | None = None) -> Iterator[Page]:
    """The map, once it rests."""
    with _window(browser, url, weight) as window:
        page = window.new_page()
        page.goto("/")
        _drawn(page)
        yield page


def _drawn(page: Page) -> None:
    page.wait_for_selector('#mapa[aria-busy="false"]', timeout=_PATIENCE_MS)


def _closer(page: Page, zooms: int) -> None:
    for _ in range(zooms):
        page.click("[data-zoom='1']")
        page.wait_for_timeout(500)
    _drawn(page)


def _moving(context: Context, page: Page, label: str, anew: Table) -> Comparison:
    """The comparison of one view, and its row of the table; the layers are as before afterwards."""
    waited: dict[bool, list[float]] = {True: [], False: []}

    def arm(name: str, *, shown: bool) -> Arm:
        def run(_: int) -> float:
            if page.locator("#camadas input").first.is_checked() != shown:
                page.evaluate(_SWITCH)
            _drawn(page)
            return _dragged(page, waited[shown])

        return Arm(name, run)

    found = context.compare(
        f"time between two frames, P95: {label}",
        (
            arm("all features", shown=True),
            arm("no layer", shown=False),
            arm("no layer again", shown=False),
        ),
        context.options.search_pairs,
        criterion="map-moving" if by_key("map-moving").judged_at(context.options.search_entries) else None,
    )
    arm("all features", shown=True).run(-1)
    anew.rows[label] = [(of(waited[shown]), "s") for shown in (True, False) for of in (statistics.median, max)]
    return found


def _dragged(page: Page, waited: list[float]) -> float:
    """Drags the map to and fro; the P95 of the seconds between two frames. Adds how long it was drawn anew after it."""
    x, y = _SIZE["width"] * 0.6, _SIZE["height"] * 0.5
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(_RECORD)
    there = [x - step * _STEP_PIXELS for step in range(1, _MOVES + 1)]
    for at in [*there, *reversed(there), x]:
        page.mouse.move(at, y)
    frames: list[float] = page.evaluate(_RECORDED)
    page.mouse.up()
    let_go = time.monotonic()
    _drawn(page)
    waited.append(time.monotonic() - let_go)
    return percentile([(after - before) / 1000 for before, after in itertools.pairwise(frames)], 0.95)
