"""The name of an uploaded file: from the query, else from Content-Disposition; never a path."""

from __future__ import annotations

import re
from email.message import Message

MAX_BYTES = 200
UNNAMED = "sem-nome"
"""The name of a file that came without one."""
# What the description says of a name: after the last separator stands something other than dots and blanks.
PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f./\\\s][^\x00-\x1f\x7f-\x9f/\\]*$"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST_SUFFIX = 20


class FileNameError(ValueError):
    """A name that cannot be used; the text says what is allowed."""


def file_name(asked: str | None, disposition: str | None) -> str:
    """Return the name, without the folders that a client may have sent along, and cut to `MAX_BYTES`.

    Raises:
        FileNameError: what is left is empty, a dot, or not printable.
    """
    given = asked if asked is not None else _from_header(disposition)
    if given is None:
        return UNNAMED
    name = re.split(r"[/\\]", given)[-1].strip()
    if _CONTROL.search(name) or not _encodable(name):
        raise FileNameError("the file's name has characters that cannot be printed")
    if not name.strip(". "):
        raise FileNameError(f"{given[:MAX_BYTES]!r} is no name of a file")
    return _cut(name)


def usable(asked: str) -> str:
    """Return the name as it was sent; raises FileNameError as `file_name` does."""
    file_name(asked, None)
    return asked


def _cut(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    suffix = f"{dot}{suffix}" if stem and len(suffix.encode()) <= _LONGEST_SUFFIX else ""
    return name.encode()[: MAX_BYTES - len(suffix.encode())].decode(errors="ignore") + suffix


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
