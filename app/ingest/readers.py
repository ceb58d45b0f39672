"""What a file is, by its content, and the reader for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.ingest.archive import unpacked
from app.ingest.batch import Batch, Numbering, Source
from app.ingest.collection import FeatureCollection, read_collection
from app.ingest.document import NotJsonError, load_document, read_document
from app.ingest.errors import IngestError
from app.ingest.gdal import read_layers
from app.ingest.limits import MAX_WHOLE_BYTES
from app.ingest.lines import NEWLINE, RECORD_SEPARATOR, read_lines
from app.ingest.records import GEOMETRY_TYPES, Fault, parse
from app.ingest.text import Encoding, Record, RecordTooLargeError, detect_encoding, records

_HEAD = 4096
_BLANKS = " \t\r\n"  # str.lstrip() alone would take a record separator for one
_ACCEPTED = (
    "the farm's export (JSON lines), GeoJSON, newline-delimited GeoJSON, GeoPackage, Shapefile (plain or zipped),"
    " KML, FlatGeobuf"
)
_MAGIC = {
    b"SQLite format 3\x00": "GeoPackage",
    b"fgb\x03fgb": "FlatGeobuf",
    b"\x00\x00\x27\x0a": "Shapefile",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
}


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Recognise a file and open it for reading; what it unpacked is removed at the end.

    Raises:
        IngestError: missing, a directory, empty, unreadable, or of no accepted format.
    """
    numbering = Numbering()
    path = check_readable(path)
    if _recognise(path) != "zip":
        yield _open(path, numbering)
        return
    with unpacked(path) as members:
        warnings: list[str] = []
        parts = (_open(member, numbering, warnings) for member in members)
        yield Source(
            format="zip",
            total=sum(member.stat().st_size for member in members),
            batches=_one_after_another(parts),
            warnings=warnings,
        )


def check_readable(path: Path) -> Path:
    """Give the file to read (the .shp for any part of a Shapefile), or refuse it in one line."""
    if path.suffix.lower() in {".shx", ".dbf", ".prj", ".cpg"}:
        path = next((p for p in (path.with_suffix(".shp"), path.with_suffix(".SHP")) if p.is_file()), path)
    try:
        if path.is_dir():
            raise IngestError(f"{path}: is a directory; give one file ({_ACCEPTED})")
        if not path.exists():
            raise IngestError(f"{path}: no such file")
        if not path.is_file():
            raise IngestError(f"{path}: not a regular file")
        if path.stat().st_size == 0:
            raise IngestError(f"{path}: is empty (0 bytes)")
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise IngestError(f"{path}: cannot be read: {error.strerror}") from None
    return path


def _recognise(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    encoding = detect_encoding(head)
    text = head[encoding.bom :].decode(encoding.codec, "ignore").lstrip(_BLANKS)
    if text[:1] in {"{", "[", "\x1e"}:
        return "JSON"
    if text[:1] == "<" and "<kml" in text:
        return "KML"
    raise IngestError(f"{path}: unknown format; accepted are {_ACCEPTED}")


def _open(path: Path, numbering: Numbering, warnings: list[str] | None = None) -> Source:
    kind = _recognise(path)
    size = path.stat().st_size
    warnings = [] if warnings is None else warnings
    if kind == "zip":
        raise IngestError(f"{path}: a zip archive inside a zip archive; unpack it first")
    if kind != "JSON":
        return Source(kind, size, read_layers(path, kind, numbering, warnings), warnings)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    encoding = detect_encoding(head)
    if head[encoding.bom :].decode(encoding.codec, "ignore").lstrip(_BLANKS)[:1] == "\x1e":
        return Source("GeoJSON text sequence", size, read_lines(path, encoding, RECORD_SEPARATOR, numbering), warnings)
    return _open_json(path, encoding, numbering, warnings)


def _open_json(path: Path, encoding: Encoding, numbering: Numbering, warnings: list[str]) -> Source:
    """Tell records on lines from one document: by the first two lines, and by the whole where those do not say.

    A large file that begins like a FeatureCollection is one.
    """
    size = path.stat().st_size

    def lines(name: str) -> Source:
        return Source(name, size, read_lines(path, encoding, NEWLINE, numbering), warnings)

    if size > MAX_WHOLE_BYTES:
        collection = FeatureCollection(path, encoding)
        if collection.begun:
            return Source("GeoJSON", size, read_collection(path, collection, numbering), warnings)
    first, second = _first_two(path, encoding)
    parsed = Fault("") if first is None else parse(first.text)
    if _is_feature(parsed) or (isinstance(parsed, dict) and not _is_collection(parsed) and _is_feature(second)):
        return lines("GeoJSON lines" if isinstance(parsed, dict) and "type" in parsed else "farm export")
    try:
        document: Any = load_document(path, encoding)
    except NotJsonError:
        if _is_feature(second) and first is not None and b'"FeatureCollection"' not in first.text:
            return lines("GeoJSON lines")
        raise
    if not (isinstance(document, list) or _is_collection(document) or _is_feature(document)):
        raise IngestError(f"{path}: JSON, but neither GeoJSON nor the farm's export; accepted are {_ACCEPTED}")
    return Source("GeoJSON", size, read_document(path, document, numbering), warnings)


def _first_two(path: Path, encoding: Encoding) -> tuple[Record | None, Any]:
    """Give the first line and what the second parses to; None where a line is too long to be a record."""
    found = records(path, encoding)
    first: Record | None = None
    try:
        first = next(found, None)
        second = next(found, None)
    except RecordTooLargeError:
        second = None
    return first, None if second is None else parse(second.text)


def _is_feature(value: Any) -> bool:
    return isinstance(value, dict) and (
        "geometry" in value or value.get("type") == "Feature" or _is_geometry(value.get("type"))
    )


def _is_geometry(kind: Any) -> bool:
    return isinstance(kind, str) and kind in GEOMETRY_TYPES


def _is_collection(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "FeatureCollection"


def _one_after_another(sources: Iterator[Source]) -> Iterator[Batch]:
    before = 0
    for source in sources:
        for batch in source.batches:
            batch.consumed += before
            yield batch
        before += source.total
