"""JSON records (the farm's own, GeoJSON features, bare geometries) to batches."""

import gc
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import orjson
import shapely
import simdjson

from app.ingest.attributes import describe, encode
from app.ingest.batch import Batch, bounded, empty_geometries
from app.ingest.coordinates import TOKEN, Numbers, cut, ewkb
from app.ingest.geojson import build
from app.ingest.reasons import OWN_SYSTEM

SIMPLE_TYPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})
GEOMETRY_TYPES = SIMPLE_TYPES | {"GeometryCollection"}
_DEEP = "JSON inválido: aninhamento profundo demais"
_UNSTORABLE = "atributos com texto ou número que não se pode guardar"


def to_batch(
    records: Sequence[Any],
    text: Callable[[int], str | bytes],
    *,
    first: int,
    layer: str,
    consumed: int,
    ready: list[bytes | None] | None = None,
) -> Batch:
    """Make a batch of parsed records.

    A record is what its JSON gave, or a `Fault` where it gave nothing; `text(i)` is record i as the file has it,
    `first` the position of the first in the file, counted from 0, and `ready` what `parse_all` gave.
    """
    size = len(records)
    batch = Batch(
        indexes=list(range(first, first + size)),
        ids=[None] * size,
        names=[""] * size,
        kinds=[""] * size,
        layers=[layer] * size,
        categories=[None] * size,
        descriptions=[None] * size,
        attributes=[b"{}"] * size,
        geometries=empty_geometries(size),
        faults=[None] * size,
        notes=[None] * size,
        raw=lambda i: bounded(_decoded(text(i))),
        ready=ready or [None] * size,
        consumed=consumed,
    )
    shapes: list[Any] = [None] * size
    for i, record in enumerate(records):
        if isinstance(record, Fault):
            batch.faults[i] = record.reason
        elif not isinstance(record, dict):
            batch.faults[i] = "o registro não é um objeto JSON"
        else:
            shapes[i], batch.faults[i] = _fill(batch, i, record, layer)
    made = [i for i, wkb in enumerate(batch.ready) if wkb is not None]
    batch.geometries[made] = shapely.from_wkb([batch.ready[i] for i in made])
    rest = [i for i, wkb in enumerate(batch.ready) if wkb is None]
    if rest:
        batch.geometries[rest], faults, notes = build([shapes[i] for i in rest])
        for i, fault, remark in zip(rest, faults, notes, strict=True):
            batch.faults[i] = batch.faults[i] or fault
            batch.notes[i] = remark
    return batch


def parse_all(texts: Sequence[bytes], parser: simdjson.Parser) -> tuple[list[Any], list[bytes | None]]:
    """Parse records; gives what each is, as `parse` would, and the EWKB of those whose geometry is ordinary.

    The coordinates of these are not among what was parsed. For `parser` see `coordinates.ewkb`.
    """
    parsed: list[Any] = [None] * len(texts)
    ready: list[bytes | None] = [None] * len(texts)
    numbers: list[Numbers] = []
    places: list[int] = []
    for i, text in enumerate(texts):
        parts = cut(text)
        if parts is None:
            continue
        kind = None
        with suppress(orjson.JSONDecodeError):
            parsed[i] = orjson.loads(parts[0])
            kind = _kind_without_coordinates(parsed[i])
        if kind is not None:
            numbers.append(Numbers(kind, parts[1]))
            places.append(i)
    for i, wkb in zip(places, ewkb(numbers, parser), strict=True):
        ready[i] = wkb
    for i, wkb in enumerate(ready):
        if wkb is None:
            parsed[i] = parse(texts[i])
    return parsed, ready


def _kind_without_coordinates(record: Any) -> str | None:
    """Give the type of a record's geometry if it is the one whose coordinates were cut out."""
    shape = record.get("geometry") if isinstance(record, dict) else None
    if not isinstance(shape, dict) or shape.get("coordinates") != TOKEN:
        return None
    kind = shape.get("type")
    return kind if isinstance(kind, str) and kind in SIMPLE_TYPES else None


def parse(text: bytes) -> Any:
    """Parse one record; a `Fault` where it is not JSON.

    NaN and Infinity are let through, though JSON has no such words: the geometry check then names them.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if b"NaN" in text or b"Infinity" in text:
            try:
                return json.loads(text)
            except RecursionError:
                return Fault(_DEEP)
            except ValueError:
                pass
        return Fault(_DEEP if "depth limit" in error.msg else f"JSON inválido na coluna {error.colno}")


class Fault:
    """Stands for a record that could not be parsed, with the reason in pt-BR."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


@contextmanager
def unhurried_gc() -> Iterator[None]:
    """Keep the cyclic collector still while a batch is parsed: its lists hold no cycles and would be scanned often."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _fill(batch: Batch, i: int, record: dict[str, Any], layer: str) -> tuple[Any, str | None]:
    """Set feature i's words; give its geometry object and why it cannot be stored, if that is so."""
    kind = record.get("type")
    fault = None
    identity = None
    if kind == "Feature":
        properties = record.get("properties")
        attributes = properties if isinstance(properties, dict) else {}
        identity = record.get("id")
        shape = record.get("geometry")
        if record.get("crs") is not None:
            fault = OWN_SYSTEM
    elif "geometry" in record:
        attributes = {key: value for key, value in record.items() if key != "geometry"}
        shape = record["geometry"]
    elif kind in GEOMETRY_TYPES:
        attributes, shape = {}, record
    else:
        attributes, shape = record, None
        fault = "o registro não tem geometria (campo geometry)"
    try:
        batch.attributes[i] = encode(attributes)
    except (TypeError, RecursionError):
        return None, _UNSTORABLE
    found = describe(attributes, identity, layer, batch.indexes[i])
    batch.ids[i] = found.identity
    batch.names[i] = found.name
    batch.kinds[i] = found.kind
    batch.layers[i] = found.layer
    batch.categories[i] = found.category
    batch.descriptions[i] = found.description
    return shape, fault


def _decoded(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "replace")
