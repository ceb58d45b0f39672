"""Bad files of every kind, made on the spot, each with what the ingest must say of it."""

from __future__ import annotations

import io
import json
import random
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.ingest.limits import MAX_RECORD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RING = [[-44.0, -17.0], [-43.9, -17.0], [-43.9, -16.9], [-44.0, -16.9], [-44.0, -17.0]]
BOW = [[-44.0, -17.0], [-43.9, -16.9], [-43.9, -17.0], [-44.0, -16.9], [-44.0, -17.0]]
DEEP = "[" * 5000 + "]" * 5000


@dataclass(frozen=True)
class Case:
    """A file and its fate.

    Attributes:
        name: of the case.
        content: the file's bytes, or what puts something else at the path.
        line: what the one line of the refusal holds; empty where the file is loaded.
        rejects: how the reasons of the rejected features begin, in their order.
        repairs: how the notes of the repaired features begin, in their order.
        stored: features stored.
        suffix: of the file's name.
    """

    name: str
    content: bytes | Callable[[Path], None]
    line: str = ""
    rejects: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    stored: int = 0
    suffix: str = ".geojson"

    def write(self, folder: Path) -> Path:
        """Puts the file into a folder."""
        path = folder / f"caso{self.suffix}"
        if callable(self.content):
            self.content(path)
        else:
            path.write_bytes(self.content)
        return path


def feature(coordinates: Any, kind: str = "Polygon", **members: Any) -> dict[str, Any]:
    """A feature of a ring, or of any coordinates with their kind."""
    geometry = {"type": kind, "coordinates": [coordinates] if kind == "Polygon" else coordinates}
    return {"type": "Feature", "properties": {"nome": "Talhão"}, "geometry": geometry, **members}


def lines(*records: Any) -> bytes:
    """Records, or their text, a line each."""
    texts = (text if isinstance(text, str) else json.dumps(text, ensure_ascii=False) for text in records)
    return "".join(f"{text}\n" for text in texts).encode()


def collection(*features: Any, **members: Any) -> bytes:
    """A FeatureCollection."""
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def archive(**members: bytes) -> bytes:
    """A zip archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return content.getvalue()


def _bomb() -> bytes:
    """A kilobyte that says of itself that it unpacks to 18 GiB."""
    content = bytearray(archive(**{f"{number}.geojson": b" " * 100_000 for number in range(6)}))
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + 24 : at + 28] = (3 << 30).to_bytes(4, "little")
        at += 4
    return bytes(content)


def _long_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(lines(GOOD))
        file.write(b'{"type": "Feature", "properties": {"nome": "')
        file.write(b"x" * MAX_RECORD_BYTES)
        file.write(b'"}, "geometry": null}\n')


def _projected(name: str) -> dict[str, Any]:
    return {"crs": {"type": "name", "properties": {"name": name}}}


GOOD = feature(RING)
_TEXT = json.dumps(GOOD)
_NOISE = random.Random(1973).randbytes(5000)  # noqa: S311 - the same garbage each time

CASES = (
    Case("cut off", lines(GOOD, GOOD)[:-30], "cut off on line 2"),
    Case("cut off inside a character", lines(GOOD).decode().encode("utf-16")[:-1], "cut off inside a character"),
    Case("collection cut off", collection(GOOD, GOOD)[:-40], "cut off on line 1"),
    Case("wrong encoding", lines(GOOD, GOOD).decode().encode("latin-1"), "not valid UTF-8 on line 1 (byte 0xe3)"),
    Case("garbage behind a brace", b"{" + _NOISE, "not valid UTF-8 on line 1"),
    Case("garbage", b"\x00\x01" + _NOISE, "unknown format"),
    Case("nothing but zeros", bytes(5000), "unknown format"),
    Case("blanks only", b" \r\n\t\n", "unknown format"),
    Case("0 bytes", b"", "is empty (0 bytes)"),
    Case("a table", b"nome;area\nC46A;9,5\n", "unknown format"),
    Case("JSON of another kind", b'{"type": "Topology", "objects": {}}', "neither GeoJSON nor the farm's export"),
    Case("empty collection", collection(), "has no features"),
    Case("no list of features", b'{"type": "FeatureCollection", "features": 7}', "'features' is not a list"),
    Case("unknown system of coordinates", collection(GOOD, **_projected("EPSG:0")), "cannot be turned into EPSG:4326"),
    Case("document nested too deeply", b'{"type": "FeatureCollection", "x": ' + DEEP.encode(), "nested too deeply"),
    Case("line of 64 MiB", _long_line, "the record on line 2 is larger than 64 MiB"),
    Case("directory", lambda path: path.mkdir(), "is a directory"),
    Case("not there", lambda _: None, "no such file"),
    Case("zip bomb", _bomb(), "unpacks to more than 4096 MiB", suffix=".zip"),
    Case("zip in a zip", archive(**{"a.geojson": archive(**{"b.geojson": lines(GOOD)})}), "zip archive inside a zip"),
    Case("zip of nothing to load", archive(**{"leia-me.txt": b"x"}), "zip archive with no Shapefile"),
    Case("damaged zip", archive(**{"a.geojson": lines(GOOD)})[:-30], "damaged zip archive"),
    Case("good and bad in one zip", archive(**{"a.geojson": lines(GOOD), "b.geojson": b"{"}), "b.geojson: cut off"),
    Case("members that lead out of a zip", archive(**{"../../a.geojson": lines(GOOD)}), stored=1, suffix=".zip"),
    Case("UTF-16 without its mark", lines(GOOD).decode().encode("utf-16-le"), stored=1),
    Case("a broken line", lines(GOOD, _TEXT[:60], GOOD), rejects=("JSON inválido na coluna 61",), stored=2),
    Case(
        "coordinates nested deeply",
        lines(GOOD, _TEXT.replace(json.dumps([RING]), DEEP), GOOD),
        rejects=("JSON inválido: aninhamento profundo demais",),
        stored=2,
    ),
    Case(
        "brackets in the wrong place",
        lines(GOOD, _TEXT.replace("[[[-44.0, -17.0]", "[-44.0[[, -17.0]"), _TEXT.replace("-43.9,", "-43.9")),
        rejects=("JSON inválido na coluna", "JSON inválido na coluna"),
        stored=1,
    ),
    Case(
        "numbers that are none",
        lines(
            GOOD, *(_TEXT.replace("-17.0", bad, 1) for bad in ("NaN", "-Infinity", "1e999", "017", "1.", "+1", "1 2"))
        ),
        rejects=("coordenada NaN ou infinita", "coordenada NaN ou infinita", *("JSON inválido na coluna",) * 5),
        stored=1,
    ),
    Case(
        "coordinates outside the world",
        lines(GOOD, feature([[1e300, -1e300]] * 4), feature([x[::-1] for x in RING]), feature([630_000, 8e6], "Point")),
        rejects=("coordenada fora de lon", "coordenada fora de lon"),
        stored=2,
    ),
    Case("numbers too long for a double", lines(GOOD, _TEXT.replace("-17.0", "9" * 400, 1)), rejects=("J",), stored=1),
    Case("self-crossing", lines(GOOD, feature(BOW)), repairs=("autointerseção em",), stored=2),
    Case("open ring", lines(GOOD, feature(RING[:-1])), repairs=("anel aberto foi fechado",), stored=2),
    Case("heights", lines(feature([[*p, 7.5] for p in RING])), repairs=("altitude (Z) descartada",), stored=1),
    Case(
        "nothing to draw",
        lines(
            GOOD,
            {**GOOD, "geometry": None},
            {**GOOD, "geometry": {"type": "GeometryCollection", "geometries": []}},
            feature([]),
            feature([RING[0]] * 5),
            feature([[]], "MultiPolygon"),
            {"nome": "sem geometria"},
            "7",
        ),
        rejects=(
            "geometria ausente",
            "geometria vazia",
            "anel sem coordenadas",
            "pontos distintos de menos",
            "polígono sem coordenadas",
            "o registro não tem geometria",
            "o registro não é um objeto JSON",
        ),
        stored=1,
    ),
    Case(
        "systems of coordinates mixed",
        collection(GOOD, feature([630_000.0, 8_070_000.0], "Point", **_projected("EPSG:31983"))),
        rejects=("a feição declara um sistema de coordenadas próprio",),
        stored=1,
    ),
    Case("lone surrogate", lines(GOOD, _TEXT.replace("Talh", "\\ud800")), rejects=("JSON inválido",), stored=1),
    Case("ids twice", lines({**GOOD, "id": 1}, {**GOOD, "id": 1}), stored=2),
    Case(
        "keys twice",
        lines(_TEXT.replace('"geometry"', '"geometry": {"type": "Point", "coordinates": [9, 9]}, "geometry"')),
        stored=1,
    ),
)
