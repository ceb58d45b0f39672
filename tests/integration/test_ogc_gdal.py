"""What GDAL's driver for OGC API Features, which `ogrinfo` uses, makes of the running app."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyogrio
import pytest

from app.ingest.pipeline import ingest
from app.mapa.collections import collection_id
from app.mapa.view import PROPERTIES
from tests.integration.app_parts import wait_until
from tests.integration.ogc_parts import AREAS, LINES, WELLS
from tests.integration.test_ingest import farm_file

if TYPE_CHECKING:
    import psycopg

    from tests.integration.ogc_parts import Asker

pytest_plugins = ["tests.integration.conftest_ogc"]

ROOT = Path(__file__).parents[2]
CRS = {"OGC:CRS84", "EPSG:4326"}


def gdal(ask: Asker, *reads: dict[str, Any]) -> dict[str, Any]:
    """What GDAL tells of the layers, and what it reads."""
    assert "OAPIF" in pyogrio.list_drivers(), "the GDAL of this pyogrio lacks the driver"
    asked = json.dumps({"url": f"{ask.client.base_url}".rstrip("/") + "/ogc", "reads": reads})
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.integration.ogc_reader", asked],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def test_layers_counts_attributes_and_bounds(ask: Asker) -> None:
    farm = ask.farm
    box = (-43.97, -17.0, -43.95, -16.9)
    reads: list[dict[str, Any]] = [
        {"layer": farm.lines},
        {"layer": farm.areas},
        {"layer": farm.lines, "bbox": box},
        {"layer": farm.lines, "where": f"nome LIKE 'Cerca 1_ {farm.word}' OR nome = 'Cerca 7 {farm.word}'"},
        {"layer": farm.areas, "where": f"nome = 'O''Brien {farm.word}'"},
        {"layer": farm.areas, "where": "descricao IS NULL AND is_valid = 1"},
        {"layer": farm.lines, "where": "created_at >= '2026/02/02 12:00:00'"},
        {"layer": farm.wells, "where": "updated_at >= '2020/01/01 00:00:00'"},
        {"layer": farm.areas, "where": "nome ILIKE 'pastagem%'"},
    ]
    told = gdal(ask, *reads)
    for name, number in ((farm.lines, LINES), (farm.areas, AREAS), (farm.wells, WELLS), ("feicoes", None)):
        layer = told["layers"][name]
        assert layer["features"] == (len(ask.rows("true")) if number is None else number)
        assert set(layer["fields"]) == {column.name for column in PROPERTIES}
        west, south, east, north = layer["bounds"]
        row = ask.connection.execute(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM ("
            "SELECT ST_Extent(geom) AS e FROM v_mapa_feicoes"
            " WHERE categoria = %s OR %s) AS all_of_it",
            (ask.farm.category(name), number is None),
        ).fetchone()
        assert (west, south, east, north) == pytest.approx(row)
    fields = told["layers"][farm.lines]["fields"]
    assert {fields[name] for name in ("nome", "tipo", "categoria")} == {"OFTString"}
    assert {fields[name] for name in ("created_at", "updated_at", "importado_em")} == {"OFTDateTime"}
    assert {fields[name] for name in ("catalogo_id", "importacao_id", "feature_index")} <= {
        "OFTInteger",
        "OFTInteger64",
    }

    lines, areas, boxed, *filtered = told["reads"]
    assert lines["fids"] == ask.within(farm.lines)
    assert lines["crs"] in CRS
    assert areas["columns"]["nome"] == [
        row[0]
        for row in ask.connection.execute(
            "SELECT nome FROM v_mapa_feicoes WHERE categoria = %s ORDER BY id", (farm.category(farm.areas),)
        )
    ]
    assert set(lines["columns"]["categoria"]) == {farm.category(farm.lines)}
    assert boxed["fids"] == ask.within(
        farm.lines, "geom && ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4326)", **dict(zip("wsen", box, strict=True))
    )
    wheres = [
        (farm.lines, "nome ~ '^Cerca (1.|7) '"),
        (farm.areas, "nome LIKE 'O''Brien%%'"),
        (farm.areas, "descricao IS NULL AND is_valid"),
        (farm.lines, "created_at >= '2026-02-02T12:00:00Z'"),
        # Had the server not taken the filter, GDAL would ask for the time of another attribute.
        (farm.wells, "updated_at >= '2020-01-01Z'"),
        (farm.areas, "lower(nome) LIKE 'pastagem%%'"),
    ]
    for read, (collection, where) in zip(filtered, wheres, strict=True):
        assert read["fids"] == ask.within(collection, where), where


def test_the_real_farm(ask: Asker, catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path) -> None:
    path = tmp_path / "villa.json"
    path.write_bytes(farm_file().read_bytes() + "\r\n\n".encode("utf-16-le"))
    report = ingest(owner, path)
    catalogue.execute("SELECT fold_catalogo_changes(NULL, true)")
    rows = catalogue.execute(
        "SELECT categoria, count(*), min(ST_XMin(geom)), min(ST_YMin(geom)), max(ST_XMax(geom)), max(ST_YMax(geom))"
        " FROM v_mapa_feicoes WHERE importacao_id = %s GROUP BY 1",
        (report.import_id,),
    ).fetchall()
    assert sum(row[1] for row in rows) == report.stored == 413
    wait_until(lambda: ask.client.get(f"/ogc/collections/{collection_id(rows[-1][0])}").status_code == 200)
    told = gdal(ask, *({"layer": collection_id(row[0])} for row in rows))
    for (category, number, *bounds), read in zip(rows, told["reads"], strict=True):
        layer = told["layers"][collection_id(category)]
        mine = [n for n, run in enumerate(read["columns"]["importacao_id"]) if int(float(run)) == report.import_id]
        assert len(mine) == number
        assert layer["features"] == len(read["fids"])
        if len(read["fids"]) == number:
            assert layer["bounds"] == pytest.approx(bounds)
            assert read["bounds"] == pytest.approx(bounds)
        assert {read["columns"]["arquivo"][n] for n in mine} == {"villa.json"}
