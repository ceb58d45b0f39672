"""Scripts of the pages: which modules a page will ask for, told before its first one is read."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STATIC_URL = "/static"

_SCRIPT = re.compile(r'^<script type="module" src="([^"]+)"></script>\n', re.MULTILINE)
_IMPORTS = re.compile(r'^(?:import|export)\b[^"]*?\bfrom "([^"]+)"|\bimport\("([^"]+)"\)', re.MULTILINE)
_PRELOAD = '<link rel="modulepreload" href="{}">\n'


def imported(entry: str, folder: Path) -> list[str]:
    """Return the addresses of all modules that one imports, by way of others too; those that can come later are last.

    `entry` is an address under `STATIC_URL`, `folder` holds what is served there.

    Raises:
        OSError: a module that is imported is not there.
    """
    found: list[str] = []
    now, later = [entry], list[str]()
    while now or later:
        address = (now or later).pop(0)
        if address in found:
            continue
        found.append(address)
        text = (folder / address.removeprefix(f"{STATIC_URL}/")).read_text()
        for match in _IMPORTS.finditer(text):
            name = posixpath.normpath(posixpath.join(posixpath.dirname(address), match[1] or match[2]))
            (now if match[1] else later).append(name)
    return found[1:]


def preloading(page: str, folder: Path) -> str:
    """Put links before each module script of a page, so that a browser fetches all its modules at once."""
    named = set(_SCRIPT.findall(page))

    def links(script: re.Match[str]) -> str:
        new = [address for address in imported(script[1], folder) if address not in named]
        named.update(new)
        return "".join(_PRELOAD.format(address) for address in new) + script[0]

    return _SCRIPT.sub(links, page)
