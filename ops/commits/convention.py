"""The convention of commit messages: https://www.conventionalcommits.org, with the types of cliff.toml."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

CONFIG: Final = "cliff.toml"
LENGTH: Final = 120
"""Characters of a first line, as of every line of the repository."""

_HEADER: Final = re.compile(r"(?P<type>[^\s(!:]+)(?P<scope>\([^)]*\))?!?:(?P<subject>.*)")
_SCOPE: Final = re.compile(r"\([a-z0-9][a-z0-9-]*\)")
_PARSED: Final = re.compile(r"\^([a-z]+)")
_BREAKING: Final = re.compile(r"^breaking[ -]changes?\b(?P<rest>.*)", re.IGNORECASE)
_RIGHT: Final = re.compile(r"BREAKING[ -]CHANGE: \S")


def types(root: Path) -> tuple[str, ...]:
    """The types that the changelog of the checkout at `root` knows, in its order."""
    parsers = tomllib.loads((root / CONFIG).read_text(encoding="utf-8"))["git"]["commit_parsers"]
    return tuple(dict.fromkeys(found[1] for each in parsers if (found := _PARSED.match(each["message"]))))


def fault(message: str, allowed: tuple[str, ...]) -> str | None:
    """Why `message` breaks the convention, in one line; None if it does not.

    Args:
        message: all of it, without git's comments.
        allowed: the types of a commit.
    """
    lines = message.rstrip().split("\n")
    return _of_header(lines[0], allowed) or _of_body(lines[1:])


def _of_header(header: str, allowed: tuple[str, ...]) -> str | None:
    if not header.strip():
        return "the message is empty"
    if header.startswith(("fixup!", "squash!", "amend!")):
        return "it waits to be squashed: git rebase --autosquash"
    parts = _HEADER.fullmatch(header)
    if parts is None:
        return "it does not begin with a type and a colon, such as 'fix(app): …'"
    if parts["type"] not in allowed:
        return f"'{parts['type']}' is no type; allowed are {', '.join(allowed)}"
    if parts["scope"] is not None and not _SCOPE.fullmatch(parts["scope"]):
        return f"the scope {parts['scope']} is not lower-case letters, digits and hyphens in brackets"
    return _of_subject(parts["subject"], header)


def _of_subject(subject: str, header: str) -> str | None:
    if not subject.strip():
        return "nothing stands after the colon"
    if not re.match(r" \S", subject):
        return "one space stands after the colon"
    if subject.endswith((".", " ")):
        return "the first line ends with a full stop or a space"
    if len(header) > LENGTH:
        return f"the first line has {len(header)} characters, {LENGTH} are allowed: the rest goes below an empty line"
    return None


def _of_body(lines: list[str]) -> str | None:
    if lines and lines[0].strip():
        return "the second line is not empty"
    for line in lines:
        found = _BREAKING.match(line)
        # Prose that happens to begin so is no footer; without a colon or in other letters the changelog misses it.
        if found and (found["rest"].startswith(":") or not found["rest"]) and not _RIGHT.match(line):
            return f"'{line[:40]}' is not read as a breaking change: write 'BREAKING CHANGE: what and why'"
    return None
