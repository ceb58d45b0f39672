"""Files that are refused as a whole: one clear line, whatever is wrong with them."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.ingest.digest import parts, sha256
from app.ingest.errors import IngestError
from app.ingest.pipeline import ingest
from app.ingest.sample import write_sample
from tests.unit.ingest.test_ingest_readers import FARM, FEATURE, gdal_file, lines

Load = Callable[[Path], Any]
Make = Callable[..., Path]

GOOD = lines(FARM, FARM)
COLLECTION = json.dumps({"type": "FeatureCollection", "features": [FEATURE, FEATURE]}, indent=1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty (0 bytes)"),
        (b"   \n ", "unknown format"),
        (b"nome;area\nC1;3\n", "unknown format"),
        (b"\x89PNG\r\n\x1a\n", "unknown format"),
        (b"<html><body>", "unknown format"),
        (b'{"type": "Topology", "objects": {}}', "neither GeoJSON nor the farm's export"),
        (b'{"a": 1}\n{"b": 2}\n', "not valid JSON on line 2"),
        (b'{"type": "FeatureCollection", "features": {}}', "'features' is not a list"),
        (b'{"type": "FeatureCollection", "crs": 5, "features": []}', "'crs' member"),
        (b'{"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:0"}}, "features": []}', "EPSG:4326"),
        (GOOD[:-40].encode(), "cut off on line 2"),
        (GOOD.encode("utf-16")[:-41], "cut off inside a character on line 2"),
        (GOOD.encode("utf-16")[:-40], "cut off on line 2"),
        (lines(FARM)[:-40].encode(), "cut off on line 1"),
        (COLLECTION[:-60].encode(), "cut off on line"),
        (COLLECTION.replace('Feature"', "Feature", 1).encode(), "not valid JSON on line"),
        (lines({**FARM, "name": "Açude"}).encode("latin-1"), "not valid UTF-8 on line 1 (byte 0xe7)"),
        ((GOOD + lines({**FARM, "name": "Açude"})).encode("cp1252"), "not valid UTF-8 on line 3"),
        (b'{"features": ' + b"[" * 5000, "nested too deeply"),
        (b"SQLite format 3\x00" + b"\0" * 200, "cannot be read as GeoPackage"),
        (b"fgb\x03fgb\x00" + b"\x07" * 50, "cannot be read as FlatGeobuf"),
        (b"\x00\x00\x27\x0a" + b"\x00" * 10, "cannot be read as Shapefile"),
        (b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Docu', "KML"),
        (b'<!--<kml--><OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>', "KML"),
        (b"PK\x03\x04" + b"\x00" * 100, "damaged zip archive"),
    ],
)
def test_refused_in_one_line(load: Load, make: Make, content: bytes, says: str) -> None:
    path = make(content)
    with pytest.raises(IngestError) as refusal:
        load(path)
    text = str(refusal.value)
    assert says in text
    assert path.name in text
    assert "\n" not in text


def test_record_too_large(load: Load, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ingest.text.MAX_RECORD_BYTES", 1000)
    monkeypatch.setattr("app.ingest.text.READ_BYTES", 64)
    path = make(lines(FARM, {**FARM, "name": "x" * 2000}, FARM))
    with pytest.raises(IngestError, match="record on line 2 is larger than"):
        load(path)


def test_document_too_large_says_what_to_do(load: Load, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ingest.document.MAX_DOCUMENT_BYTES", 100)
    with pytest.raises(IngestError, match="newline-delimited"):
        load(make(COLLECTION))


def test_missing_directory_and_special_files(load: Load, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tubo")
    for path, says in (
        (tmp_path / "nada.json", "no such file"),
        (tmp_path, "is a directory"),
        (tmp_path / "tubo", "not a regular file"),
    ):
        with pytest.raises(IngestError, match=says):
            load(path)


def test_unreadable(load: Load, make: Make) -> None:
    path = make(GOOD)
    path.chmod(0)
    user = os.geteuid()
    if user == 0:  # root reads everything
        os.seteuid(65534)
    try:
        with pytest.raises(IngestError, match="cannot be read: Permission denied"):
            load(path)
    finally:
        os.seteuid(user)


def test_cut_off_files_of_gdal(load: Load, tmp_path: Path) -> None:
    for driver, name in (("GPKG", "x.gpkg"), ("FlatGeobuf", "x.fgb"), ("ESRI Shapefile", "x.shp")):
        path = gdal_file(tmp_path / name, driver)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
        with pytest.raises(IngestError, match=r"cut off|cannot be read"):
            load(path)


def test_file_that_makes_gdal_open_another_is_refused(load: Load, make: Make, tmp_path: Path) -> None:
    other = gdal_file(tmp_path / "outro.gpkg", "GPKG")
    vrt = (
        f'<!--<kml--><OGRVRTDataSource><OGRVRTLayer name="outro"><SrcDataSource>{other}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    with pytest.raises(IngestError, match="looks like KML but is OGR_VRT"):
        load(make(vrt))


def test_zip_bomb_and_strange_zips(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ingest.archive.MAX_UNPACKED_BYTES", 1_000_000)
    bomb = tmp_path / "bomba.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x.geojson", b" " * 5_000_000)
    with pytest.raises(IngestError, match="unpacks to more than"):
        load(bomb)
    assert bomb.stat().st_size < 10_000
    lying = bytearray(bomb.read_bytes())
    at = lying.index(b"PK\x01\x02") + 24
    lying[at : at + 4] = (10).to_bytes(4, "little")
    bomb.write_bytes(lying)
    with pytest.raises(IngestError, match=r"unpacks to more than|damaged"):
        load(bomb)
    for name, content, says in (
        ("a.zip", {"leia.txt": b"x"}, "no Shapefile"),
        ("b.zip", {"dentro.geojson": bomb.read_bytes()}, "zip archive inside"),
    ):
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            for member, data in content.items():
                packed.writestr(member, data)
        with pytest.raises(IngestError, match=says):
            load(tmp_path / name)


def test_zip_members_stay_inside(load: Load, tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../fora.geojson", GOOD)
        packed.writestr("/raiz.geojson", GOOD)
        packed.writestr("metadata.json", "{}")
    assert len(load(archive).names) == 4
    assert not (tmp_path.parent / "fora.geojson").exists()
    assert not Path("/raiz.geojson").exists()


def test_broken_line_among_good_ones_is_a_reject(load: Load, make: Make) -> None:
    broken = GOOD.splitlines()[0][:50]
    for text in (lines(FARM) + broken + "\n" + lines(FARM), broken + "\n" + lines(FARM, FARM)):
        found = load(make(text))
        assert len(found.names) == 2
        assert found.reasons == ["JSON inválido na coluna 51"]


def test_no_database_is_one_line(make: Make) -> None:
    with pytest.raises(IngestError, match="database not available") as refusal:
        ingest("host=127.0.0.1 port=9 dbname=x user=x password=segredo connect_timeout=2", make(GOOD))
    assert "\n" not in str(refusal.value)
    assert "segredo" not in str(refusal.value)


def test_digest_covers_all_parts_of_a_shapefile(tmp_path: Path) -> None:
    path = gdal_file(tmp_path / "x.shp", "ESRI Shapefile")
    assert {item.suffix for item in parts(path)} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    before = sha256(path, lambda _: None)
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"um", b"UM"))
    assert sha256(path, lambda _: None) != before


def test_sample_is_deterministic_and_bounded(tmp_path: Path, load: Load) -> None:
    first, second = tmp_path / "a.geojsonl", tmp_path / "b.geojsonl"
    write_sample(first, 3000)
    write_sample(second, 3000)
    assert first.read_bytes() == second.read_bytes()
    found = load(first)
    assert len(found.names) == 3000
    assert not found.rejects
    assert 5 < sum(text is not None for text in found.repairs) < 100
    assert {"CERCAS", "MATA", "POCO", "AREA", "PIVO", "CURRAL"} <= set(found.kinds)
    assert {g.geom_type for g in found.geometries} == {"MultiPolygon", "MultiLineString", "MultiPoint"}
    for count in (0, -1, 5_000_001):
        with pytest.raises(IngestError, match="N must be from 1 to 5000000"):
            write_sample(first, count)
