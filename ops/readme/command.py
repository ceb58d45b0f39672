"""`make readme`: write the sections of both READMEs, or name those that are stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.errors import OpsError
from ops.readme import commands, kpis, markers, versions

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from ops.readme.language import Language

PAGES: Final[dict[str, Language]] = {"README.md": "en", "README.pt-BR.md": "pt"}
MEND: Final = "make readme"


def run(root: Path, out: Console, *, write: bool) -> None:
    """Write the sections of the checkout at `root`, or check them.

    Raises:
        OpsError: a section is stale, has no source, or its markers are broken; nothing is written then.
    """
    # Line ends are kept as they are: what is not a section is not this command's.
    pages = {page: (root / page).read_bytes().decode() for page in PAGES}
    made = {page: texts(root, language) for page, language in PAGES.items()}
    stale = [
        f"{page} ({', '.join(names)})" for page, text in pages.items() if (names := _stale(page, text, made[page]))
    ]
    if not write and stale:
        raise OpsError(f"stale sections: {', '.join(stale)}: {MEND}")
    for page, text in pages.items() if stale else ():
        (root / page).write_bytes(markers.replaced(text, made[page]).encode())
    out.print(f"written: {', '.join(stale)}" if stale else "the sections are current", highlight=False)


def texts(root: Path, language: Language) -> dict[str, str]:
    """Section → its text.

    Raises:
        OpsError: a source is missing or broken.
    """
    made = {
        "addresses": versions.addresses(language),
        "commands": commands.section(root, language),
        "kpis": kpis.section(root, language),
        "versions": versions.section(root, language),
    }
    # Some renderers read a table only after an empty line.
    return {name: f"\n{text}\n" for name, text in made.items()}


def _stale(page: str, text: str, made: dict[str, str]) -> list[str]:
    try:
        return markers.stale(text, made)
    except OpsError as error:
        raise OpsError(f"{page}: {error}") from None
