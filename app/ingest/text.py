"""A JSON file as UTF-8 in bounded pieces, whatever encoding it is in, and as delimited records."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.ingest.errors import IngestError
from app.ingest.limits import MAX_RECORD_BYTES, MIB, READ_BYTES

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class RecordTooLargeError(IngestError):
    """A record is longer than MAX_RECORD_BYTES."""


@dataclass(slots=True, frozen=True)
class Encoding:
    """How a text file is encoded: Python's codec name and the length of the byte order mark before the text."""

    codec: str
    bom: int


class Record(NamedTuple):
    """One delimited record: its UTF-8 text, the line it begins on, whether its delimiter follows, and bytes read."""

    text: bytes
    line: int
    terminated: bool
    consumed: int


def detect_encoding(head: bytes) -> Encoding:
    """Tell the encoding from a byte order mark, else from where the zero bytes of the first characters stand."""
    for bom, codec in _BOMS:
        if head.startswith(bom):
            return Encoding(codec, len(bom))
    if head[:1] != b"\0" and head[1:2] == b"\0":
        return Encoding("utf-32-le" if head[1:4] == b"\0\0\0" else "utf-16-le", 0)
    if head[:1] == b"\0" and len(head) > 1:
        return Encoding("utf-32-be" if head[:3] == b"\0\0\0" else "utf-16-be", 0)
    return Encoding("utf-8", 0)


def pieces(path: Path, encoding: Encoding) -> Iterator[tuple[bytes, int]]:
    """Read a file as pieces of valid UTF-8, each with the bytes of the file read so far.

    Raises:
        IngestError: a byte that the encoding does not allow, or a file that ends inside a character.
    """
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    line = 1
    with path.open("rb") as file:
        file.seek(encoding.bom)
        consumed = encoding.bom
        while True:
            chunk = file.read(READ_BYTES)
            try:
                text = decoder.decode(chunk, final=not chunk).encode()
            except UnicodeError as error:
                raise _wrong_encoding(path, encoding, error, line) from None
            consumed += len(chunk)
            line += text.count(b"\n")
            if text:
                yield text, consumed
            if not chunk:
                return


def records(path: Path, encoding: Encoding, delimiter: bytes = b"\n") -> Iterator[Record]:
    r"""Split a file at newlines (or, for RFC 8142, at record separators), skipping blank records.

    Raises:
        RecordTooLargeError: a record longer than MAX_RECORD_BYTES.
        IngestError: wrong encoding.
    """
    held: list[bytes] = []
    held_bytes = 0
    line = 1
    consumed = 0
    for text, consumed in pieces(path, encoding):
        whole = text.split(delimiter)
        rest = whole.pop()
        if whole:
            whole[0] = b"".join([*held, whole[0]])
            held.clear()
            held_bytes = 0
        for record in whole:
            _check_length(path, len(record), line)
            if record and not record.isspace():
                yield Record(record, line + _leading_lines(record), terminated=True, consumed=consumed)
            line += 1 if delimiter == b"\n" else record.count(b"\n")
        held.append(rest)
        held_bytes += len(rest)
        _check_length(path, held_bytes, line)
    record = b"".join(held)
    if record and not record.isspace():
        terminated = delimiter != b"\n" and record.endswith(b"\n")
        yield Record(record, line + _leading_lines(record), terminated=terminated, consumed=consumed)


def _leading_lines(record: bytes) -> int:
    if not record[:1].isspace():
        return 0
    return record[: len(record) - len(record.lstrip())].count(b"\n")


def _check_length(path: Path, length: int, line: int) -> None:
    if length > MAX_RECORD_BYTES:
        raise RecordTooLargeError(
            f"{path}: the record on line {line} is larger than {MAX_RECORD_BYTES // MIB} MiB, the most one may be"
        )


def _wrong_encoding(path: Path, encoding: Encoding, error: UnicodeError, line: int) -> IngestError:
    data = error.object if isinstance(error, UnicodeDecodeError) else b""
    start = error.start if isinstance(error, UnicodeDecodeError) else 0
    if isinstance(error, UnicodeDecodeError) and error.reason in {"truncated data", "unexpected end of data"}:
        return IngestError(f"{path}: cut off inside a character on line {line}; nothing was stored")
    at = line + data[:start].count(b"\n")
    return IngestError(
        f"{path}: not valid {encoding.codec.upper()} on line {at} (byte 0x{data[start : start + 1].hex()}):"
        " save the file as UTF-8 or UTF-16"
    )
