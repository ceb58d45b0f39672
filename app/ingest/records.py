"""JSON records (the farm's own, GeoJSON features, bare geometries) to batches."""

import gc
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson

from app.ingest.attributes import describe, encode
from app.ingest.batch import Batch, bounded, empty_geometries
from app.ingest.geojson import build

GEOMETRY_TYPES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
_DEEP = "JSON inválido: aninhamento profundo demais"
_UNSTORABLE = "atributos com texto ou número que não se pode guardar"


def to_batch(
    records: Sequence[Any], text: Callable[[int], str | bytes], *, first: int, layer: str, consumed: int
) -> Batch:
    """Make a batch of parsed records.

    A record is what its JSON gave, or a `Fault` where it gave nothing; `text(i)` is record i as the file has it and
    `first` is the position of the first in the file, counted from 0.
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
        faults=[],
        notes=[],
        raw=lambda i: bounded(_decoded(text(i))),
        consumed=consumed,
    )
    shapes: list[Any] = [None] * size
    own_faults: list[str | None] = [None] * size
    for i, record in enumerate(records):
        if isinstance(record, Fault):
            own_faults[i] = record.reason
        elif not isinstance(record, dict):
            own_faults[i] = "o registro não é um objeto JSON"
        else:
            shapes[i], own_faults[i] = _fill(batch, i, record, layer)
    batch.geometries, faults, batch.notes = build(shapes)
    batch.faults = [own or fault for own, fault in zip(own_faults, faults, strict=True)]
    return batch


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
