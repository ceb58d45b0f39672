"""What each accepted format gives."""

import codecs
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from app.ingest.attributes import encode

Load = Callable[[Path], Any]
Make = Callable[..., Path]

SQUARE: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[-44, -17], [-43.9, -17], [-43.9, -16.9], [-44, -16.9], [-44, -17]]],
}
FARM = {
    "id": 28,
    "name": "C46A",
    "layer_name": "CASA_DE_COLONO_04",
    "category": "CASA",
    "subcategory": "DE_COLONO_04",
    "area_ha": 9.5,
    "perimeter_km": 2.6,
    "geometry": SQUARE,
}
FEATURE = {"type": "Feature", "id": "a1", "properties": {"nome": "Açude", "tipo": "LAGOA"}, "geometry": SQUARE}


KINDS = {"GPKG": "GeoPackage", "ESRI Shapefile": "Shapefile", "FlatGeobuf": "FlatGeobuf", "KML": "KML"}


def lines(*records: Any) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\r\n" for record in records)


@pytest.mark.parametrize(
    ("codec", "bom"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_farm_export_in_every_encoding(load: Load, make: Make, codec: str, bom: bytes) -> None:
    text = lines({**FARM, "name": "Açude do João \U0001f404"}, FARM)
    found = load(make(bom + text.encode(codec)))
    assert found.format == "farm export"
    assert found.names == ["Açude do João \U0001f404", "C46A"]
    assert found.kinds == ["CASA", "CASA"]
    assert found.ids == ["28", "#1"]
    assert all(g.equals(shapely.from_geojson(json.dumps(SQUARE))) for g in found.geometries)
    (_, description, _) = found.rows[0].catalog[1]
    assert description == "CASA DE COLONO 04"
    attributes = json.loads(found.rows[0].origin[1][4][1:])
    assert attributes == {key: value for key, value in FARM.items() if key != "geometry"}


def test_chunk_borders_split_no_character_and_no_record(
    load: Load, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ingest.text.READ_BYTES", 7)
    text = lines(*({**FARM, "id": i, "name": f"ção {i} \U0001f404"} for i in range(9)))
    for codec, bom in (("utf-8", b""), ("utf-16-le", codecs.BOM_UTF16_LE)):
        found = load(make(bom + text.encode(codec)))
        assert found.names == [f"ção {i} \U0001f404" for i in range(9)]


def test_feature_collection_and_pretty_printed(load: Load, make: Make) -> None:
    collection = {"type": "FeatureCollection", "name": "camada um", "features": [FEATURE, {**FEATURE, "id": None}]}
    for text in (json.dumps(collection), json.dumps(collection, indent=2), json.dumps(collection, ensure_ascii=False)):
        found = load(make(text))
        assert found.format == "GeoJSON"
        assert found.names == ["Açude", "Açude"]
        assert found.ids == ["a1", "#1"]
        assert found.rows[0].origin[0][2] == "camada um"


def test_single_feature_and_bare_geometry(load: Load, make: Make) -> None:
    for text in (json.dumps(FEATURE), json.dumps(FEATURE, indent=1)):
        assert load(make(text)).names == ["Açude"]
    found = load(make(json.dumps(SQUARE), "talhao.json"))
    assert found.kinds == ["talhao"]
    assert found.names == ["talhao #0"]


def test_lines_without_final_newline_and_blank_lines(load: Load, make: Make) -> None:
    found = load(make("\n\n" + lines(FEATURE) + "\r\n\n" + json.dumps(FEATURE)))
    assert found.format == "GeoJSON lines"
    assert len(found.names) == 2


def test_json_text_sequence(load: Load, make: Make) -> None:
    text = "".join("\x1e" + json.dumps({**FEATURE, "id": i}, indent=2) + "\n" for i in range(3))
    found = load(make(text))
    assert found.format == "GeoJSON text sequence"
    assert found.ids == ["0", "1", "2"]


def test_legacy_crs_member_is_reprojected(load: Load, make: Make) -> None:
    utm = pyproj.Transformer.from_crs(4326, 31983, always_xy=True)
    ring = [list(utm.transform(x, y)) for x, y in SQUARE["coordinates"][0]]
    collection = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31983"}},
        "features": [{**FEATURE, "geometry": {"type": "Polygon", "coordinates": [ring]}}],
    }
    (geometry,) = load(make(json.dumps(collection))).geometries
    assert np.allclose(geometry.bounds, (-44, -17, -43.9, -16.9), atol=1e-6)


def gdal_file(
    path: Path, driver: str, crs: str = "EPSG:4326", layer: str | None = None, *, append: bool = False
) -> Path:
    geometries = shapely.from_geojson([json.dumps(SQUARE)] * 3)
    if crs != "EPSG:4326":
        move = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
        geometries = shapely.transform(geometries, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(geometries),
        field_data=[np.array(["um", "dois", "três"], dtype=object), np.array([1.5, np.nan, 3.0])],
        fields=["nome", "area_ha"],
        geometry_type="Polygon",
        crs=crs,
        driver=driver,
        layer=layer,
        append=append,
    )
    return path


@pytest.mark.parametrize(
    ("driver", "name", "crs"),
    [
        ("KML", "x.kml", "EPSG:4326"),  # KML knows no other
        *(
            (driver, name, crs)
            for driver, name in (("GPKG", "x.gpkg"), ("ESRI Shapefile", "x.shp"), ("FlatGeobuf", "x.fgb"))
            for crs in ("EPSG:4326", "EPSG:31983", "EPSG:4674")
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:.*non conformant file extension")
def test_gdal_formats(load: Load, tmp_path: Path, driver: str, name: str, crs: str) -> None:
    kind = KINDS[driver]
    path = gdal_file(tmp_path / name, driver, crs)
    renamed = path.rename(path.with_suffix(".dat")) if kind != "Shapefile" else path
    found = load(renamed)
    assert found.format == kind
    assert len(found.names) == 3
    if kind != "KML":
        assert found.names == ["um", "dois", "três"]
        assert json.loads(found.rows[0].origin[1][4][1:])["area_ha"] is None
    for geometry in found.geometries:
        assert geometry.geom_type == "MultiPolygon"
        assert np.allclose(geometry.bounds, (-44, -17, -43.9, -16.9), atol=1e-5)
    assert found.repairs == [None] * 3


def test_all_layers_of_a_geopackage(load: Load, tmp_path: Path) -> None:
    path = gdal_file(tmp_path / "x.gpkg", "GPKG", layer="pastos")
    gdal_file(path, "GPKG", "EPSG:31983", layer="matas", append=True)
    found = load(path)
    assert found.kinds == ["pastos"] * 3 + ["matas"] * 3
    assert found.ids == ["pastos.1", "pastos.2", "pastos.3", "matas.1", "matas.2", "matas.3"]


def test_small_gdal_steps_read_every_feature_once(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ingest.gdal._READ_FEATURES", 2)
    assert load(gdal_file(tmp_path / "x.gpkg", "GPKG")).ids == ["1", "2", "3"]


def test_zip_of_everything(load: Load, tmp_path: Path) -> None:
    gdal_file(tmp_path / "x.shp", "ESRI Shapefile", "EPSG:31983")
    gdal_file(tmp_path / "y.gpkg", "GPKG")
    archive = tmp_path / "tudo.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in tmp_path.glob("[xy].*"):
            packed.write(part, f"pasta/{part.name}")
        packed.writestr("linhas.geojsonl", lines(FEATURE))
        packed.writestr("leia-me.txt", "nada")
        packed.writestr("__MACOSX/._x.shp", b"\0")
    found = load(archive)
    assert sorted(found.names) == sorted(["um", "dois", "três"] * 2 + ["Açude"])
    assert len(set(found.ids)) == 7
    assert sorted(row[1] for part in found.rows for row in part.origin) == list(range(7))


def test_shapefile_by_any_of_its_parts(load: Load, tmp_path: Path) -> None:
    path = gdal_file(tmp_path / "x.shp", "ESRI Shapefile")
    assert len(load(path.with_suffix(".dbf")).names) == 3


@pytest.mark.filterwarnings("ignore:Registering non-standard")
def test_geometries_of_every_kind_in_a_geopackage(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    polygon = shapely.from_wkt("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))")
    curve = bytes.fromhex("010800000003000000") + np.array([0, 0, 1, 1, 2, 0], dtype="<f8").tobytes()
    triangle = bytes.fromhex("01110000000100000004000000") + np.array([0, 0, 1, 0, 1, 1, 0, 0], "<f8").tobytes()
    open_ring = bytes.fromhex("01030000000100000004000000") + np.array([0, 0, 1, 0, 1, 1, 0, 1], "<f8").tobytes()
    wkb: Any = np.array(
        [
            shapely.to_wkb(polygon),
            shapely.to_wkb(shapely.Point(1, 2, 30)),
            None,
            curve,
            bytes.fromhex("010700000001000000") + curve,
            triangle,
            open_ring,
            shapely.to_wkb(shapely.Point(999, 2)),
        ],
        dtype=object,
    )
    when = np.array(["2026-01-02T03:04:05"] * 7 + ["NaT"], dtype="datetime64[ms]")
    pyogrio.raw.write(
        path,
        geometry=wkb,
        field_data=[when],
        fields=["visto_em"],
        geometry_type="Unknown",
        crs="EPSG:4326",
        driver="GPKG",
        layer="pontos",
    )
    pyogrio.raw.write(
        path,
        geometry=None,
        field_data=[np.array(["a"], dtype=object)],
        fields=["nome"],
        geometry_type=None,
        crs=None,
        driver="GPKG",
        layer="tabela",
        append=True,
    )
    found = load(path)
    assert found.warnings == ["layer tabela has no geometries and was left out"]
    assert [(item.feature_index, item.reason.split(":")[0]) for item in found.rejects] == [
        (2, "geometria ausente (nula)"),
        (4, "geometria ilegível ou de tipo não suportado"),
        (5, "geometria ilegível ou de tipo não suportado"),
        (7, "coordenada fora de lon [-180, 180] e lat [-90, 90]"),
    ]
    assert [str(text).split(" em [")[0] for text in found.repairs] == [
        "autointerseção",
        "altitude (Z) descartada",
        "None",  # GDAL itself turns a curve into a line
        "anel aberto foi fechado",
    ]
    assert json.loads(found.rows[0].origin[0][4][1:]) == {"visto_em": "2026-01-02T03:04:05"}
    assert all(json.loads(raw)["visto_em"] in {"2026-01-02T03:04:05", None} for raw in found.raws)


def test_attributes_beyond_json() -> None:
    values = {"foto": b"\x01\xff", "lista": np.array(["a", "b"], dtype=object), "n": None}
    assert json.loads(encode(values)) == {"foto": "01ff", "lista": ["a", "b"], "n": None}


def test_document_with_words_that_json_has_not(load: Load, make: Make) -> None:
    bad = {**FEATURE, "geometry": {"type": "Point", "coordinates": [float("nan"), 1]}}
    found = load(make(json.dumps({"type": "FeatureCollection", "features": [FEATURE, bad]})))
    assert found.names == ["Açude"]
    assert found.reasons == ["coordenada NaN ou infinita"]
    assert "NaN" in found.raws[0]


def test_list_of_the_farms_records(load: Load, make: Make) -> None:
    assert load(make(json.dumps([FARM, FARM], indent=1))).names == ["C46A", "C46A"]


def test_no_crs_is_said(load: Load, tmp_path: Path) -> None:
    path = gdal_file(tmp_path / "x.shp", "ESRI Shapefile")
    path.with_suffix(".prj").unlink()
    found = load(path)
    assert len(found.names) == 3
    assert found.warnings == ["layer x declares no coordinate system; taken as EPSG:4326"]
