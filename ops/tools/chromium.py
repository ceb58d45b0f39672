"""The browser at work, for tests, pictures and benchmarks: Debian's chromium, without a window."""

from __future__ import annotations

import contextlib
import os
import shlex
import tempfile
from pathlib import Path
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
def _launcher(browser: Path, network_of: int) -> Iterator[Path]:
    """A command that starts a browser in the network of a process."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "browser"
        found.write_text(f'#!/bin/sh\nexec nsenter --target {network_of} --net -- {shlex.quote(str(browser))} "$@"\n')
        found.chmod(0o700)
        yield found


@contextlib.contextmanager
def started(network_of: int | None = None) -> Iterator[Browser]:
    """A browser; without its sandbox where root runs it, which it refuses otherwise.

    Args:
        network_of: a process whose network the browser sees instead of the machine's, which takes root. A browser ends
            what it is loading (ERR_NETWORK_CHANGED) whenever a container of whomever comes to the machine's network or
            goes; in the network of a container there is nobody else.

    Raises:
        ToolError: there is none.
    """
    path = tool.find_browser()
    if path is None:
        raise ToolError("no browser: python -m ops prepare-tests")
    arguments = ["--no-proxy-server", *_DRAWING, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with contextlib.ExitStack() as stack:
        if network_of is not None:
            path = stack.enter_context(_launcher(path, network_of))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
