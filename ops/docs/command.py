"""`make docs`: writes every generated page, or says which are stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.docs.page import MEND
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rich.console import Console

    from ops.docs.page import Page


def write(root: Path, pages: Iterable[Page], out: Console) -> None:
    """Write what is stale below `root`; a file that is current is not touched."""
    for page in pages:
        made = page.text()
        if stale(root, page, made):
            path = root / page.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, encoding="utf-8")
            out.print(f"{page.path} is written", highlight=False)
        else:
            out.print(f"{page.path} is current", highlight=False)


def check(root: Path, pages: Iterable[Page], out: Console) -> None:
    """Compare every page with what it would be.

    Raises:
        OpsError: at least one is stale; all of them are named, with the command that mends them.
    """
    found = []
    for page in pages:
        if stale(root, page, page.text()):
            found.append(page.path)
        else:
            out.print(f"{page.path} is current", highlight=False)
    if found:
        raise OpsError(f"stale: {', '.join(found)}; {MEND} mends {'it' if len(found) == 1 else 'them'}")


def stale(root: Path, page: Page, made: str) -> bool:
    """Whether the file in the checkout is missing or another one than `made`."""
    path = root / page.path
    return not path.is_file() or path.read_text(encoding="utf-8") != made
