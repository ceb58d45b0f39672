"""The guides of the documentation that are for the people who use the pages, as pages themselves."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt

FOLDER = Path(__file__).parent.parent / "docs" / "guides"
HELP = "/ajuda"

# The address that the guides give; the reader's own takes its place.
_ADDRESS = "http://127.0.0.1:8080"
_LINK = re.compile(r'href="([^"#:]+\.md)(#[^"]*)?"')


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide: the file it is written in, the language it is in, and the page that it becomes."""

    file: str
    language: str
    path: str


GUIDES = (
    Guide("mapa.pt-BR.md", "pt-BR", HELP),
    Guide("qgis.md", "en", f"{HELP}/qgis"),
)
"""Every guide that is a page. A link to another file of the documentation must have a page in `_PAGES`."""

_PAGES = {**{guide.file: guide.path for guide in GUIDES}, "monitoring.md": "/status"}


def content(guide: Guide, address: str) -> str:
    """Return a guide as HTML, for readers who know the service at `address`.

    Markup in the guide is text: what is shown follows from Markdown alone.

    Raises:
        KeyError: the guide links to a file that is no page here.
    """
    return _rendered(guide.file).replace(_ADDRESS, html.escape(address)) if address else _rendered(guide.file)


@lru_cache(maxsize=len(GUIDES))
def _rendered(file: str) -> str:
    text = (FOLDER / file).read_text(encoding="utf-8")
    # CommonMark as others read it too (rich has it with it), and the tables of the guides.
    made: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    # What may be wider than a phone scrolls by itself, and has to be within reach of the keyboard.
    made = made.replace("<pre>", '<pre tabindex="0">')
    made = made.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")
    return _LINK.sub(lambda found: f'href="{_PAGES[found[1]]}{found[2] or ""}"', made)
