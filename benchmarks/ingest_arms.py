"""The ways of loading a file that the ingest benchmark compares, each giving the seconds until all is committed."""

from __future__ import annotations

import itertools
import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import shapely
from shapely.geometry import shape

from app.ingest.pipeline import ingest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shapely.geometry.base import BaseGeometry

    from app.ingest.report import Progress
    from benchmarks.server import Connection

_BATCH: Final = 1000
_AFTER_THE_COMMIT: Final = "analyze"
_ENTRY: Final = "INSERT INTO catalogo (id, nome, descricao, tipo) VALUES (%s, %s, %s, %s)"
_GEOMETRY: Final = (
    "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid)"
    " VALUES (%s, ST_GeomFromWKB(%s, 4326), true)"
)
_KEYS: Final = "SELECT nextval('catalogo_id_seq') FROM generate_series(1, %s)"
_PROMOTED: Final[dict[str, Callable[[list[Any]], BaseGeometry]]] = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": shapely.MultiPolygon,
}


class _StoredError(Exception):
    """Ends an ingest as soon as all is committed."""


def empty(connection: Connection) -> None:
    """Nothing stored, as before each round."""
    connection.execute("TRUNCATE catalogo, catalogo_change_queue, importacoes RESTART IDENTITY CASCADE")


def project(conninfo: str, path: Path) -> float:
    """The project's ingest, digest and all, until the commit.

    Raises:
        RuntimeError: it ended without one.
    """

    def show(event: Progress) -> None:
        if event.stage == _AFTER_THE_COMMIT:
            raise _StoredError

    started = time.perf_counter()
    try:
        ingest(conninfo, path, show)
    except _StoredError:
        return time.perf_counter() - started
    raise RuntimeError(f"{path.name} was loaded before: nothing was measured")


def newcomer(connection: Connection, path: Path) -> float:
    """A loop of shape(), is_valid and make_valid, and executemany in portions of a thousand, in one transaction."""
    started = time.perf_counter()
    with path.open(encoding="utf-8") as file, connection.transaction(), connection.cursor() as cursor:
        for lines in _portions(file):
            features = [json.loads(line) for line in lines]
            keys = [row[0] for row in cursor.execute(_KEYS, (len(features),)).fetchall()]
            cursor.executemany(
                _ENTRY, [_entry(key, item["properties"]) for key, item in zip(keys, features, strict=True)]
            )
            cursor.executemany(
                _GEOMETRY, [(key, _storable(item["geometry"])) for key, item in zip(keys, features, strict=True)]
            )
    return time.perf_counter() - started


def _portions(lines: Iterator[str]) -> Iterator[list[str]]:
    while portion := list(itertools.islice(lines, _BATCH)):
        yield portion


def _entry(key: int, properties: dict[str, Any]) -> tuple[int, str, str, str]:
    return key, properties["name"], properties["layer_name"].replace("_", " "), properties["category"]


def _storable(geometry: dict[str, Any]) -> bytes:
    found = shape(geometry)
    if not found.is_valid:
        found = shapely.make_valid(found)
    if found.geom_type in _PROMOTED:
        found = _PROMOTED[found.geom_type]([found])
    wkb: bytes = found.wkb
    return wkb


def _main() -> None:
    """A process of its own: the login comes by standard input, what was measured goes to standard output."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = project(sys.stdin.read(), Path(sys.argv[1]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"before": before, "peak": peak, "seconds": seconds}))


if __name__ == "__main__":
    _main()
