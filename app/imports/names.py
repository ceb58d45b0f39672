"""The name of an uploaded file: from the query, else from Content-Disposition; never a path."""

from __future__ import annotations

import re
from email.message import Message

MAX_BYTES = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class FileNameError(ValueError):
    """No name, or one that cannot be used; the text says what is allowed."""


def file_name(asked: str | None, disposition: str | None) -> str:
    """Return the name, without the folders that a client may have sent along.

    Raises:
        FileNameError: there is none, or what is left is empty, a dot, too long or not printable.
    """
    given = asked if asked is not None else _from_header(disposition)
    if given is None:
        raise FileNameError(
            "the file has no name: send ?arquivo=NAME or Content-Disposition: attachment; filename=NAME"
        )
    name = re.split(r"[/\\]", given)[-1].strip()
    if _CONTROL.search(name) or not _encodable(name):
        raise FileNameError("the file's name has characters that cannot be printed")
    if not name.strip("."):
        raise FileNameError(f"{given[:MAX_BYTES]!r} is no name of a file")
    if len(name.encode()) > MAX_BYTES:
        raise FileNameError(f"the file's name is longer than {MAX_BYTES} bytes")
    return name


def _from_header(disposition: str | None) -> str | None:
    """Read `filename` or `filename*` (RFC 6266)."""
    if disposition is None:
        return None
    message = Message()
    message["Content-Disposition"] = disposition
    return message.get_filename()


def _encodable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
