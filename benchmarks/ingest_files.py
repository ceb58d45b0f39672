"""The file that the ingest benchmarks load: the farm's real export over and over, as newline-delimited GeoJSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from app.ingest.sample import write_sample

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = "villa_canabrava_full_export.json"
_CHUNK = 1000


def write(path: Path, count: int, on_written: Callable[[int], None] = lambda _: None) -> str:
    """Writes `count` features with ids of their own; gives what they are, for a reader of the page."""
    export = _export()
    if export is None:
        write_sample(path, count)
        return f"a synthetic farm of {count} features (`make sample`), since the real export is not on this machine"
    records = [json.loads(line) for line in export.read_text("utf-16").splitlines() if line.strip()]
    with path.open("wb") as file:
        for first in range(0, count, _CHUNK):
            numbers = range(first, min(first + _CHUNK, count))
            file.write(b"".join(_feature(records[number % len(records)], number) for number in numbers))
            on_written(len(numbers))
    return (
        f"the {len(records)} features of the farm's real export over and over to {count}, each with an id of its own,"
        f" {path.stat().st_size / 2**20:.0f} MiB"
    )


def _export() -> Path | None:
    """The real export, where MUNDO_REAL_DATA says or beside the checkout; None without one."""
    folder = Path(os.environ.get("MUNDO_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    path = folder if folder.is_file() else folder / _NAME
    return path if path.is_file() else None


def _feature(record: dict[str, Any], number: int) -> bytes:
    properties = {key: value for key, value in record.items() if key != "geometry"}
    return orjson.dumps(
        {"type": "Feature", "properties": {**properties, "id": number + 1}, "geometry": record["geometry"]},
        option=orjson.OPT_APPEND_NEWLINE,
    )
