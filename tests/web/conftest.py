"""A browser, the platform that it looks at, and what no page may do."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from playwright.sync_api import expect

from app.ingest.pipeline import ingest
from ops.tools import chromium
from tests.web import farm
from tests.web.stage import Platform, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

# A busy machine draws slowly; what never comes is still noticed.
_PATIENCE_MS = 30_000
expect.set_options(timeout=_PATIENCE_MS)

# Networks of other tests that come and go, so that a script is missing and what it would have used is not; and that a
# screenshot of WebGL is slow without a graphics card.
_NOT_THE_PAGE = ("ERR_NETWORK_CHANGED", "/v1/mapa was preloaded", "GL Driver Message (OpenGL, Performance")
_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    """The platform, with somebody who asks it for something now and then."""
    with running() as started:
        over = threading.Event()

        def ask() -> None:
            with httpx.Client(base_url=started.url, timeout=10) as client:
                while not over.wait(0.3):
                    client.get("/v1/catalogo", params={"query": "talhao"})
                    client.get("/v1/catalogo/1/bounds")

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield started
        finally:
            over.set()
            asking.join()


@pytest.fixture(scope="package")
def browser(platform: Platform) -> Iterator[Browser]:
    """The browser of all tests."""
    with chromium.started(platform.browser_network) as found:
        yield found


@dataclass
class Watch:
    """What a page did that it may not."""

    origin: str
    found: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Take note of everything in a context."""
        context.add_init_script(_VIOLATIONS)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.found.append(str(error.error)))
        context.on("request", self._request)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(said in message.text for said in _NOT_THE_PAGE):
            self.found.append(f"{message.text} {message.location.get('url', '')}".strip())

    def _request(self, request: Request) -> None:
        self.asked.append(request.url.removeprefix(self.origin))
        if not request.url.startswith(f"{self.origin}/"):
            self.found.append(f"asked {request.url}")


@pytest.fixture
def watch(platform: Platform) -> Watch:
    """What was seen of the test's page; a test that breaks something clears `found`."""
    return Watch(platform.browser_url)


@pytest.fixture
def page(browser: Browser, platform: Platform, watch: Watch) -> Iterator[Page]:
    """A page of a farm's computer that has done nothing wrong at the end."""
    context = browser.new_context(
        base_url=platform.browser_url,
        locale="pt-BR",
        timezone_id="America/Sao_Paulo",
        viewport={"width": 1280, "height": 900},
    )
    context.set_default_timeout(2 * _PATIENCE_MS)
    watch.over(context)
    opened = context.new_page()
    yield opened
    violations = opened.evaluate("window.violations")
    context.close()
    assert violations == []
    assert watch.found == []


@pytest.fixture(scope="package")
def catalogue(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """The platform with a small farm in it."""
    file = farm.write(tmp_path_factory.mktemp("farm") / "fazenda.geojson")
    owner = platform.cell.conninfo("owner")
    assert ingest(owner, file).stored == len(farm.PLACES) + 1
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")
    return platform


@pytest.fixture
def mapa(page: Page, catalogue: Platform) -> Page:
    """A page that jumps instead of flying, so that a test waits for what it means."""
    page.emulate_media(reduced_motion="reduce")
    return page
