"""What a generated page is, and the few pieces of Markdown that they are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FOLDER: Final = "docs/reference"
MEND: Final = "make docs"


@dataclass(frozen=True, kw_only=True)
class Page:
    """One generated file.

    Attributes:
        path: where it lies in the checkout.
        source: what it is made from, as a person would say where to change it.
        text: gives the whole file; the same for the same sources, whenever and wherever it is called.
        live: whether `text` needs a running database, which takes a container engine and half a minute.
    """

    path: str
    source: str
    text: Callable[[], str]
    live: bool = False


def head(title: str, source: str, about: str) -> str:
    """The beginning of a page: its title, from what and by which command it is made, and what is on it."""
    return f"# {title}\n\n<!-- Made by `{MEND}` from {source}: change that, not this page. -->\n\n{about.strip()}\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells may hold anything but a block."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def code(text: object) -> str:
    """`text` as inline code, also where it has a backtick."""
    plain = " ".join(str(text).split())
    fence = "``" if "`" in plain else "`"
    return f"{fence} {plain} {fence}" if "`" in plain else f"{fence}{plain}{fence}"


def block(text: str, language: str = "") -> str:
    """`text` as a block of code."""
    return f"```{language}\n{text.strip()}\n```\n"


def _cell(text: str) -> str:
    """One line, with what would end the cell escaped."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
