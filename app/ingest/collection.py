"""A large GeoJSON FeatureCollection, feature by feature: parsed whole it would take ten times its size in memory."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson
import simdjson

from app.ingest.batch import Batch, Numbering
from app.ingest.crs import Reprojection
from app.ingest.document import NotJsonError, declared_crs
from app.ingest.errors import IngestError
from app.ingest.limits import BATCH_BYTES, BATCH_FEATURES, MAX_RECORD_BYTES, MIB
from app.ingest.records import Fault, parse, parse_all, to_batch, unhurried_gc
from app.ingest.text import Encoding, Record, RecordTooLargeError, pieces

_MARK: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}]', re.DOTALL)
_LIST_FOLLOWS: Final = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*\[")
_BLANK: Final = re.compile(rb"[ \t\r\n]+")
_COORDINATES: Final = b'"coordinates"'
_QUOTE: Final = ord('"')
_DEPTH: Final = {ord("{"): 1, ord("}"): -1}
_HEAD_BYTES: Final = MIB


class FeatureCollection:
    """The features of a file, and the members that stand before them."""

    def __init__(self, path: Path, encoding: Encoding) -> None:
        """Read up to the first feature; `begun` tells whether there is a FeatureCollection's list of features.

        Raises:
            IngestError: wrong encoding.
        """
        self._path = path
        self._further = pieces(path, encoding)
        self._consumed = 0
        self._buffer = b""
        self._at = 0
        self._line = 1
        self._head = b""
        self.members: dict[str, Any] = {}
        while not self._head and len(self._buffer) <= _HEAD_BYTES and self._more():
            start = _list_start(self._buffer)
            if start:
                self._head = self._take(start)[:-1]
        with suppress(orjson.JSONDecodeError):
            self.members = orjson.loads(self._head + b"[]}")
        self.begun = self.members.get("type") == "FeatureCollection"

    def records(self) -> Iterator[Record]:
        """Give each feature's text.

        Raises:
            NotJsonError: cut off, or no JSON between the features or behind them.
            RecordTooLargeError: a feature larger than MAX_RECORD_BYTES.
        """
        due = b"{]"
        while (mark := self._next()) != b"]":
            if mark == b"{" and mark in due:
                yield self._object()
                due = b",]"
            elif mark == b"," and mark in due:
                self._take(1)
                due = b"{"
            else:
                raise self._not_json()
        if mark not in due:
            raise self._not_json()
        self._take(1)
        self._check_tail()

    def _next(self) -> bytes:
        """Go to the next byte that is not blank."""
        while True:
            blank = _BLANK.match(self._buffer, self._at)
            self._take(0 if blank is None else blank.end() - self._at)
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more():
                raise self._cut_off()

    def _object(self) -> Record:
        """Take an object: to the brace that closes its first one."""
        depth = 0
        looked = 0  # bytes of it
        while True:
            while mark := _MARK.search(self._buffer, self._at + looked):
                first = self._buffer[mark.start()]
                if first == _QUOTE and mark.end() == mark.start() + 1:  # a string that does not end here
                    looked = mark.start() - self._at
                    break
                looked = self._behind(mark) - self._at
                depth += _DEPTH.get(first, 0)
                if depth == 0:
                    line = self._line
                    return Record(self._take(looked), line, terminated=True, consumed=self._consumed)
            if len(self._buffer) - self._at > MAX_RECORD_BYTES:
                raise RecordTooLargeError(
                    f"{self._path}: the feature on line {self._line} is larger than {MAX_RECORD_BYTES // MIB} MiB,"
                    " the most one may be"
                )
            if not self._more():
                raise self._cut_off()

    def _behind(self, mark: re.Match[bytes]) -> int:
        """Go on behind a mark: behind the numbers too, where it is the key of coordinates and only these follow."""
        start = mark.end()
        if mark.group() != _COORDINATES:
            return start
        end = self._buffer.find(b"}", start)
        only = end > 0 and self._buffer.find(b'"', start, end) < 0 and self._buffer.find(b"{", start, end) < 0
        return end if only else start

    def _check_tail(self) -> None:
        while len(self._buffer) - self._at <= _HEAD_BYTES and self._more():
            pass
        try:
            members: dict[str, Any] = orjson.loads(self._head + b"[]" + self._buffer[self._at :])
        except orjson.JSONDecodeError as error:
            raise (self._cut_off() if error.msg.startswith("unexpected end") else self._not_json()) from None
        if members.get("type") != "FeatureCollection" or members.get("features") != []:
            raise self._not_json()
        if members.get("crs") != self.members.get("crs"):
            raise IngestError(
                f"{self._path}: its 'crs' member stands behind the features; in a file of this size put it before them"
            )

    def _take(self, count: int) -> bytes:
        taken = self._buffer[self._at : self._at + count]
        self._at += count
        self._line += taken.count(b"\n")
        return taken

    def _more(self) -> bool:
        """Read on; what was taken is let go."""
        piece, self._consumed = next(self._further, (b"", self._consumed))
        self._buffer = self._buffer[self._at :] + piece
        self._at = 0
        return bool(piece)

    def _cut_off(self) -> NotJsonError:
        line = self._line + self._buffer.count(b"\n", self._at)
        return NotJsonError(f"{self._path}: cut off on line {line}; nothing was stored")

    def _not_json(self) -> NotJsonError:
        return NotJsonError(f"{self._path}: not valid JSON on line {self._line}; nothing was stored")


def read_collection(path: Path, collection: FeatureCollection, numbering: Numbering) -> Iterator[Batch]:
    """Read the features in batches of bounded size.

    Raises:
        IngestError: a feature that is not JSON (the document is none then), or see `FeatureCollection.records`.
    """
    name = collection.members.get("name")
    layer = name if isinstance(name, str) else path.stem
    reprojection = Reprojection(declared_crs(path, collection.members.get("crs")), str(path))
    parser = simdjson.Parser()
    for held in _held(collection):
        with unhurried_gc():
            texts = [record.text for record in held]
            ready: list[bytes | None] | None = None
            if reprojection.changes:
                parsed = [parse(text) for text in texts]
            else:
                parsed, ready = parse_all(texts, parser)
            for record, found in zip(held, parsed, strict=True):
                if isinstance(found, Fault):
                    raise NotJsonError(f"{path}: not valid JSON on line {record.line}; nothing was stored")
            batch = to_batch(
                parsed,
                lambda i, held=held: held[i].text,  # type: ignore[misc]  # mypy: a default in a lambda
                first=numbering.take(len(held)),
                layer=layer,
                consumed=held[-1].consumed,
                ready=ready,
            )
            parsed.clear()  # before the collector, which would look at each of its lists
        batch.geometries = reprojection.apply(batch.geometries)
        yield batch


def _list_start(text: bytes) -> int | None:
    """Find where the list of features begins, behind its bracket; None where it is not (yet) there."""
    depth = 0
    for mark in _MARK.finditer(text):
        token = mark.group()
        depth += _DEPTH.get(token[0], 0)
        if depth == 0 or (depth == 1 and token == b"{" and text[: mark.start()].strip(b" \t\r\n")):
            return None
        if depth == 1 and token == b'"features"':
            found = _LIST_FOLLOWS.match(text, mark.end())
            if found is not None:
                return found.end()
    return None


def _held(collection: FeatureCollection) -> Iterator[list[Record]]:
    held: list[Record] = []
    size = 0
    for record in collection.records():
        held.append(record)
        size += len(record.text)
        if len(held) >= BATCH_FEATURES or size >= BATCH_BYTES:
            yield held
            held = []
            size = 0
    if held:
        yield held
