"""The section of everyday commands, from the Makefile's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ops.errors import OpsError
from ops.readme.language import said

if TYPE_CHECKING:
    from pathlib import Path

    from ops.readme.language import Language

EVERYDAY: Final = (
    "up",
    "preview",
    "refresh",
    "status",
    "outputs",
    "config",
    "rotate",
    "down",
    "doctor",
    "sql",
    "kpis",
    "capacity",
    "clean-images",
)
"""Targets that an operator uses; `make help` names the others."""

_TARGET: Final = re.compile(r"^([a-z0-9-]+):.*?## (.*)$", re.MULTILINE)
_EXAMPLE: Final = re.compile(r"(?P<text>.*): (?P<argument>[A-Z_]+=.*)")
_SETTING: Final = re.compile(r"(?<!`)\b[A-Z_]+=[a-z0-9]+\b(?!`)")


def targets(root: Path) -> dict[str, str]:
    """Target → what the Makefile of the checkout at `root` says of it."""
    return dict(_TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))


def section(root: Path, language: Language) -> str:
    """The section's text.

    Raises:
        OpsError: a target is no longer there, or has no words in `language`.
    """
    known = targets(root)
    if gone := [target for target in EVERYDAY if target not in known]:
        raise OpsError(f"the Makefile has no {', '.join(gone)}: ops/readme/commands.py names it")
    rows = [f"| {said('command', language)} | {said('what it does', language)} |", "|---|---|"]
    for target in EVERYDAY:
        text, argument = _parted(known[target])
        command = f"make {target} {argument}".strip()
        rows.append(f"| `{command}` | {_marked(said(text, language))} |")
    return "\n".join([*rows, ""])


def _parted(description: str) -> tuple[str, str]:
    """What a target does, and an argument as an example where its description ends with one."""
    found = _EXAMPLE.fullmatch(description)
    return (found["text"], found["argument"]) if found else (description, "")


def _marked(text: str) -> str:
    """The text with its settings (`FORCE=1`) marked as code."""
    return _SETTING.sub(lambda found: f"`{found[0]}`", text)
