"""JSON documents: a GeoJSON FeatureCollection, one Feature, one geometry, or a list of records."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from app.ingest.batch import Batch, Numbering
from app.ingest.crs import Reprojection
from app.ingest.errors import IngestError
from app.ingest.limits import BATCH_FEATURES, MAX_DOCUMENT_BYTES, MIB
from app.ingest.records import to_batch, unhurried_gc
from app.ingest.text import Encoding, pieces


class NotJsonError(IngestError):
    """The file as a whole is not one JSON document; the text says where it stops being one."""


def load_document(path: Path, encoding: Encoding) -> Any:
    """Parse a whole file as one JSON document.

    Raises:
        NotJsonError: it is not, or it is cut off; the text says the line.
        IngestError: it is larger than MAX_DOCUMENT_BYTES, or nested too deeply.
    """
    if path.stat().st_size > MAX_DOCUMENT_BYTES:
        raise IngestError(
            f"{path}: one JSON document of more than {MAX_DOCUMENT_BYTES // MIB} MiB;"
            " save it as newline-delimited GeoJSON (one feature a line), which may be of any size"
        )
    text = b"".join(piece for piece, _ in pieces(path, encoding))
    with unhurried_gc():
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            if "depth limit" in error.msg:
                raise IngestError(f"{path}: nested too deeply (line {error.lineno})") from None
            if b"NaN" in text or b"Infinity" in text:
                try:
                    return json.loads(text)
                except (ValueError, RecursionError):
                    pass
            if error.msg.startswith("unexpected end"):
                raise NotJsonError(f"{path}: cut off on line {error.lineno}; nothing was stored") from None
            raise NotJsonError(
                f"{path}: not valid JSON on line {error.lineno}, column {error.colno}; nothing was stored"
            ) from None


def read_document(path: Path, document: Any, numbering: Numbering) -> Iterator[Batch]:
    """Read the features of a parsed document in batches.

    Raises:
        IngestError: it holds no list of features, or declares a reference system that cannot be used.
    """
    records, layer, crs = _features(path, document)
    size = path.stat().st_size
    reprojection = Reprojection(crs, str(path))
    for start in range(0, len(records), BATCH_FEATURES):
        part = records[start : start + BATCH_FEATURES]
        with unhurried_gc():
            batch = to_batch(
                part,
                lambda i, part=part: _dump(part[i]),  # type: ignore[misc]  # mypy: a default in a lambda
                first=numbering.take(len(part)),
                layer=layer,
                consumed=size * (start + len(part)) // len(records),
            )
        batch.geometries = reprojection.apply(batch.geometries)
        yield batch


def _features(path: Path, document: Any) -> tuple[list[Any], str, str | None]:
    """Find the records, the layer's name and the declared reference system."""
    if isinstance(document, list):
        return document, path.stem, None
    if document.get("type") != "FeatureCollection":
        return [document], path.stem, None
    features = document.get("features")
    if not isinstance(features, list):
        raise IngestError(f"{path}: a FeatureCollection whose 'features' is not a list")
    name = document.get("name")
    return features, name if isinstance(name, str) else path.stem, declared_crs(path, document.get("crs"))


def declared_crs(path: Path, member: Any) -> str | None:
    """Read the crs member of GeoJSON as it was before RFC 7946."""
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        raise IngestError(f"{path}: its 'crs' member does not name a coordinate system (properties.name)")
    return name


def _dump(record: Any) -> str:
    try:
        return json.dumps(record, ensure_ascii=False)
    except RecursionError:
        return "(aninhamento profundo demais)"
