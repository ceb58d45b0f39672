"""Line-delimited JSON: the farm's export, newline-delimited GeoJSON, and RFC 8142 text sequences."""

from collections.abc import Iterator
from pathlib import Path

import simdjson

from app.ingest.batch import Batch, Numbering
from app.ingest.errors import IngestError
from app.ingest.limits import BATCH_BYTES, BATCH_FEATURES
from app.ingest.records import Fault, parse_all, to_batch, unhurried_gc
from app.ingest.text import Encoding, Record, records

NEWLINE = b"\n"
RECORD_SEPARATOR = b"\x1e"


def read_lines(path: Path, encoding: Encoding, delimiter: bytes, numbering: Numbering) -> Iterator[Batch]:
    """Read a line-delimited file in batches of bounded size.

    A record that is not JSON is a reject when its delimiter follows: the file goes on and says where. Without the
    delimiter it is the end of a file that was cut off, and the whole file is refused.

    Raises:
        IngestError: cut off, wrong encoding, or a record too large; the text says the line.
    """
    parser = simdjson.Parser()
    held: list[Record] = []
    size = 0
    for record in records(path, encoding, delimiter):
        held.append(record)
        size += len(record.text)
        if len(held) >= BATCH_FEATURES or size >= BATCH_BYTES:
            yield _batch(path, held, numbering, parser)
            held = []
            size = 0
    if held:
        yield _batch(path, held, numbering, parser)


def _batch(path: Path, held: list[Record], numbering: Numbering, parser: simdjson.Parser) -> Batch:
    with unhurried_gc():
        parsed, ready = parse_all([record.text for record in held], parser)
        if isinstance(parsed[-1], Fault) and not held[-1].terminated:
            raise IngestError(
                f"{path}: cut off on line {held[-1].line} (the last line has no end and is not complete JSON);"
                " nothing was stored"
            )
        batch = to_batch(
            parsed,
            lambda i: held[i].text,
            first=numbering.take(len(held)),
            layer=path.stem,
            consumed=held[-1].consumed,
            ready=ready,
        )
        parsed.clear()  # before the collector, which would look at each of its lists
    return batch
