"""Sections between markers: what stands between them is replaced, and not a byte beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKER: Final = re.compile(r"^<!-- (begin|end) ([a-z-]+)(?:: .*)? -->\r?$", re.MULTILINE)


def sections(text: str) -> dict[str, tuple[int, int]]:
    """Name → where the section's text begins and ends: after its first marker's line, before its last marker.

    Raises:
        OpsError: a marker has no partner, stands in another section, or a name stands twice.
    """
    found: dict[str, tuple[int, int]] = {}
    opened: tuple[str, int] | None = None
    for marker in _MARKER.finditer(text):
        kind, name = marker.groups()
        if kind == "begin":
            if opened:
                raise OpsError(f"the section '{opened[0]}' has no end before '{name}' begins")
            if name in found:
                raise OpsError(f"the section '{name}' stands twice")
            # The line's end belongs to the marker; without one the file ends here, and so does not the section.
            opened = name, min(marker.end() + 1, len(text))
        else:
            if opened is None or opened[0] != name:
                raise OpsError(f"the section '{name}' ends without having begun")
            found[name] = opened[1], marker.start()
            opened = None
    if opened:
        raise OpsError(f"the section '{opened[0]}' has no end")
    return found


def replaced(text: str, made: Mapping[str, str]) -> str:
    """`text` with each section as `made` has it.

    Raises:
        OpsError: the markers are broken, or the sections are not those of `made`.
    """
    places = sections(text)
    if unknown := sorted(places.keys() ^ made.keys()):
        raise OpsError(f"sections without a text, or texts without a section: {', '.join(unknown)}")
    parts: list[str] = []
    done = 0
    for name, (first, last) in sorted(places.items(), key=lambda place: place[1]):
        parts += [text[done:first], made[name]]
        done = last
    return "".join([*parts, text[done:]])


def stale(text: str, made: Mapping[str, str]) -> list[str]:
    """Names of the sections whose text is another one than `made` has.

    Raises:
        OpsError: the markers are broken, or the sections are not those of `made`.
    """
    replaced(text, made)
    return [name for name, (first, last) in sections(text).items() if text[first:last] != made[name]]
