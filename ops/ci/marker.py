"""Marks by which a comment or an issue is found again, invisible where it is read."""

from __future__ import annotations

import re

from ops.errors import OpsError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def marked(name: str, text: str) -> str:
    """The text, with the mark as its first line.

    Raises:
        OpsError: the name could end the comment that hides it.
    """
    return f"{_mark(name)}\n{text}"


def carries(name: str, text: str | None) -> bool:
    """Whether the text begins with the mark: one that merely quotes it is somebody else's."""
    return (text or "").startswith(_mark(name))


def _mark(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise OpsError(f"marker '{name}': allowed are lower-case letters, digits and '-', such as preview-dev")
    return f"<!-- mundo:{name} -->"
