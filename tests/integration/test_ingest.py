"""The ingest against a real Postgres: everything or nothing, once, traceable, and soon in the API's views."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app.ingest.errors import IngestError
from app.ingest.pipeline import ingest
from app.ingest.report import Progress, Stage
from app.ingest.sample import write_sample
from ops.ingest import ingest_file, sample
from tests.integration.ingest_parts import ROOT, counts, quiet, value


def farm_file() -> Path:
    folder = Path(os.environ.get("MUNDO_REAL_DATA") or ROOT.parent / "shared" / "data")
    path = folder if folder.is_file() else folder / "villa_canabrava_full_export.json"
    if not path.is_file():
        pytest.skip(f"the farm's real export is not here ({path}); MUNDO_REAL_DATA says where it is")
    return path


def test_real_export(catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path) -> None:
    # A blank line more: other content to the digest, the same features; whoever loaded the file itself is left alone.
    path = tmp_path / "villa.json"
    path.write_bytes(farm_file().read_bytes() + "\r\n".encode("utf-16-le"))
    before = counts(catalogue)
    last = value(catalogue, "SELECT coalesce(max(id), 0) FROM catalogo_geometrias_particionada")
    report = ingest(owner, path)
    assert (report.read, report.stored, report.rejected, report.repaired) == (413, 413, 0, 0)
    assert not report.warnings
    by_type = catalogue.execute(
        "SELECT geometrytype(geom), count(*), bool_and(st_isvalid(geom)), bool_and(is_valid), "
        " sum(st_npoints(geom)), min(st_srid(geom)), max(st_ndims(geom)) FROM catalogo_geometrias_particionada"
        " WHERE catalogo_id IN (SELECT catalogo_id FROM catalogo_origem WHERE importacao_id = %s)"
        " GROUP BY 1 ORDER BY 1",
        (report.import_id,),
    ).fetchall()
    assert [row[:4] for row in by_type] == [("MULTILINESTRING", 2, True, True), ("MULTIPOLYGON", 411, True, True)]
    assert sum(row[4] for row in by_type) == 45_788
    assert {row[5:] for row in by_type} == {(4326, 2)}
    area, perimeter = report.comparisons
    assert (area.measure, area.compared, perimeter.measure, perimeter.compared) == ("area_ha", 411, "perimeter_km", 413)
    assert area.largest_absolute.absolute < 1e-6
    assert area.largest_relative.relative < 1e-5
    assert perimeter.largest_absolute.absolute < 1e-8
    assert perimeter.largest_relative.relative < 1e-8

    records = [json.loads(line) for line in path.read_text("utf-16").splitlines()[:413]]
    assert_every_geometry_leads_back(catalogue, path, records, last)
    source = {str(record["id"]): record for record in records}
    stored = catalogue.execute(
        "SELECT o.feature_id, c.nome, c.tipo, o.camada, o.categoria, o.atributos,"
        " st_asgeojson(st_geometryn(g.geom, 1), 9)"
        " FROM catalogo_origem AS o JOIN catalogo AS c ON c.id = o.catalogo_id"
        " JOIN catalogo_geometrias_particionada AS g USING (catalogo_id) WHERE o.importacao_id = %s",
        (report.import_id,),
    ).fetchall()
    assert len(stored) == len(source) == 413
    for feature_id, name, kind, layer, category, attributes, geometry in stored:
        record = source[feature_id]
        assert (name, kind, layer, category) == (
            record["name"],
            record["category"],
            record["layer_name"],
            record["category"],
        )
        assert attributes == {key: item for key, item in record.items() if key != "geometry"}
        assert json.loads(geometry)["coordinates"] == record["geometry"]["coordinates"]

    after = counts(catalogue)
    again = ingest(owner, path)
    assert again.already_loaded
    assert (again.read, again.stored, again.import_id) == (413, 413, report.import_id)
    assert counts(catalogue) == after != before


def assert_every_geometry_leads_back(
    catalogue: psycopg.Connection[Any], path: Path, records: list[dict[str, Any]], last: int
) -> None:
    """From each geometry after `last` to its run, from there to the file and to the very feature drawn there."""
    found = catalogue.execute(
        "SELECT r.arquivo, r.digest, r.lidas, o.feature_index, o.feature_id, st_asgeojson(st_geometryn(g.geom, 1), 9)"
        " FROM catalogo_geometrias_particionada AS g"
        " LEFT JOIN catalogo_origem AS o USING (catalogo_id) LEFT JOIN importacoes AS r ON r.id = o.importacao_id"
        " WHERE g.id > %s",
        (last,),
    ).fetchall()
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    assert {row[:3] for row in found} == {(path.name, content, 413)}
    assert sorted(row[3] for row in found) == list(range(413))
    for *_, index, feature_id, geometry in found:
        assert feature_id == str(records[index]["id"])
        assert json.loads(geometry)["coordinates"] == records[index]["geometry"]["coordinates"]


def test_views_and_bounds_answer_at_once(catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path) -> None:
    path = tmp_path / "a.geojsonl"
    write_sample(path, 301)
    events: list[Progress] = []
    report = ingest(owner, path, events.append)
    assert not report.warnings
    assert list(dict.fromkeys(event.stage for event in events)) == list(get_args(Stage))
    size = path.stat().st_size
    # From nothing to everything: what a rate and the time left are computed from.
    loading = [(event.done, event.total, event.features) for event in events if event.stage == "load"]
    assert (loading[0], loading[-1]) == ((0, size, 0), (size, size, 301))
    origin = "SELECT catalogo_id FROM catalogo_origem WHERE importacao_id = %s"
    for table, key in (
        ("mv_catalogo_geometrias_stats", "catalogo_id"),
        ("mv_catalogo_search_indexed", "id"),
        ("catalogo_bounds_cache", "catalogo_id"),
    ):
        assert value(catalogue, f"SELECT count(*) FROM {table} WHERE {key} IN ({origin})", report.import_id) == 301  # noqa: S608
    differences = value(
        catalogue,
        "SELECT count(*) FROM catalogo_bounds_cache AS c CROSS JOIN LATERAL catalogo_bounds(c.catalogo_id) AS b"
        " JOIN catalogo_origem AS o ON o.catalogo_id = c.catalogo_id"
        " WHERE o.importacao_id = %s AND (c.min_lat, c.max_lat, c.min_lon, c.max_lon, c.centroid_lon,"
        " c.centroid_lat, c.bounds_wkt, c.is_validated, c.updated_at) IS DISTINCT FROM (b.min_lat, b.max_lat,"
        " b.min_lon, b.max_lon, b.centroid_lon, b.centroid_lat, b.bounds_wkt, b.is_validated, b.updated_at)",
        report.import_id,
    )
    assert differences == 0


def test_rejects_and_repairs_are_kept(catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path) -> None:
    path = tmp_path / "ruins.geojsonl"
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    records = [
        {"type": "Feature", "id": 7, "properties": {"nome": "Laço"}, "geometry": bow},
        {"type": "Feature", "id": 7, "properties": {"nome": "Repetido"}, "geometry": bow},
        *({"type": "Feature", "id": f"r{i}", "properties": {}, "geometry": None} for i in range(30)),
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records) + '{"quebrada\n', encoding="utf-8")
    console = quiet()
    assert ingest_file(owner, path, console) == 0
    text = console.export_text()
    assert re.search(r"rejected +│ +31 ", text)
    assert "11 more; all, with their source text, in table importacao_rejeitos" in text
    (run, read, stored, rejected, repaired) = (
        catalogue.execute(
            "SELECT id, lidas, armazenadas, rejeitadas, reparadas FROM importacoes ORDER BY id DESC LIMIT 1"
        ).fetchone()
        or (0,) * 5
    )
    assert (read, stored, rejected, repaired) == (33, 2, 31, 2)
    kept = catalogue.execute(
        "SELECT feature_index, feature_id, motivo, bruto FROM importacao_rejeitos WHERE importacao_id = %s ORDER BY 1",
        (run,),
    ).fetchall()
    assert kept[0] == (2, "r0", "geometria ausente (nula)", json.dumps(records[2]))
    assert kept[-1] == (32, None, "JSON inválido na coluna 11", '{"quebrada')
    repairs = catalogue.execute(
        "SELECT feature_id, reparo FROM catalogo_origem WHERE importacao_id = %s ORDER BY feature_index", (run,)
    ).fetchall()
    assert [row[0] for row in repairs] == ["7", "#1"]
    assert all("autointerseção em [0.5 0.5]" in row[1] for row in repairs)


def test_nothing_storable_is_an_error_that_keeps_its_reasons(
    catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path
) -> None:
    path = tmp_path / "nada.geojsonl"
    path.write_text('{"type": "Feature", "geometry": null}\n', encoding="utf-8")
    console = quiet()
    assert ingest_file(owner, path, console) == 1
    assert "no feature could be stored" in console.export_text()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b'{"type": "FeatureCollection", "features": []}', "has no features"),
        (
            b'{"geometry": {"type": "Point", "coordinates": [1, 1]}}\n' * 9000 + b'{"geometry": {"ty',
            "cut off on line 9001",
        ),
        (
            b'{"geometry": {"type": "Point", "coordinates": [1, 1]}}\n' * 9000 + b'{"n": "\xe7"}\n',
            "not valid UTF-8 on line 9001",
        ),
    ],
)
def test_refused_files_leave_nothing(
    catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path, content: bytes, says: str
) -> None:
    before = counts(catalogue)
    path = tmp_path / "x.json"
    path.write_bytes(content)
    console = quiet()
    assert ingest_file(owner, path, console) == 1
    (line,) = [text for text in console.export_text().splitlines() if text.strip()]
    assert says in line
    assert counts(catalogue) == before


def test_sample_command(catalogue: psycopg.Connection[Any], owner: str) -> None:
    before = counts(catalogue)
    console = quiet()
    assert sample(owner, 1234, console) == 0
    assert counts(catalogue)["catalogo"] == before["catalogo"] + 1234
    assert sample(owner, 1234, console) == 0
    assert "this content was loaded before" in console.export_text()
    assert counts(catalogue)["catalogo"] == before["catalogo"] + 1234
    for n in (0, 5_000_001):
        console = quiet()
        assert sample(owner, n, console) == 1
        assert "N must be from 1 to 5000000" in console.export_text()


def test_database_without_the_schema_is_said_in_one_line(
    owner: str, catalogue: psycopg.Connection[Any], tmp_path: Path
) -> None:
    path = tmp_path / "a.geojsonl"
    write_sample(path, 1)
    bare = make_conninfo(owner, options="-c search_path=pg_catalog")
    with pytest.raises(IngestError, match="no catalogue yet"):
        ingest(bare, path)
