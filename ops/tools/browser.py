"""The browser of the tests in tests/web: Debian's chromium, or any other one of that kind that is there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ops.tools import ToolError, debian

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> Path | None:
    """The browser, where there is one; changes nothing."""
    return next((Path(found) for name in _NAMES if (found := shutil.which(name))), None)


def ensure_browser(progress: Callable[[str], None]) -> Path:
    """Have a browser: the one that is there, else on Debian as root one that is installed here.

    Raises:
        ToolError: there is none and none can be had here, in one line that says what to do.
    """
    found = find_browser()
    if found is not None:
        return found
    if os.geteuid() != 0 or not debian.is_here():
        raise ToolError("the tests of the pages need a browser: install chromium (Debian: apt-get install chromium)")
    debian.install(["chromium"], progress)
    found = find_browser()
    if found is None:
        raise ToolError("chromium was installed and is not in PATH")
    return found
