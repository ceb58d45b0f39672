"""The browser at work, for tests, pictures and benchmarks: Debian's chromium, without a window."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from ops.tools import ToolError
from ops.tools import browser as tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

# The map is drawn with WebGL, here without a graphics card; everything else as the browser chooses on such a machine.
_DRAWING = ("--enable-unsafe-swiftshader",)


@contextlib.contextmanager
def started() -> Iterator[Browser]:
    """A browser; without its sandbox where root runs it, which it refuses otherwise.

    Raises:
        ToolError: there is none.
    """
    path = tool.find_browser()
    if path is None:
        raise ToolError("no browser: python -m ops prepare-tests")
    arguments = ["--no-proxy-server", *_DRAWING, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
