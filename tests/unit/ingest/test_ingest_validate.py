"""What is repaired, what is refused, and that nothing is ever lost."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.ingest.geojson import build
from tests.unit.ingest.conftest import Outcome, outcome_of

Load = Callable[[Path], Outcome]
Make = Callable[..., Path]

RING = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def feature(kind: str, coordinates: Any) -> str:
    return json.dumps({"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": coordinates}})


def one(load: Load, make: Make, *records: str) -> Outcome:
    return load(make("\n".join(records) + "\n"))


@pytest.mark.parametrize(
    ("kind", "coordinates", "stored"),
    [
        ("Point", [1, 2], "MULTIPOINT ((1 2))"),
        ("Point", [1, 2, 0], "MULTIPOINT ((1 2))"),
        ("MultiPoint", [[1, 2], [3, 4]], "MULTIPOINT ((1 2), (3 4))"),
        ("LineString", [[0, 0], [1, 1]], "MULTILINESTRING ((0 0, 1 1))"),
        ("MultiLineString", [[[0, 0], [1, 1]], [[2, 2], [3, 3, 0]]], "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))"),
        ("Polygon", [RING], "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 1, 0 0)))"),
        ("MultiPolygon", [[RING]], "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 1, 0 0)))"),
    ],
)
def test_good_geometries_are_only_promoted(load: Load, make: Make, kind: str, coordinates: Any, stored: str) -> None:
    found = one(load, make, feature(kind, coordinates))
    assert [g.wkt for g in found.geometries] == [stored]
    assert found.repairs == [None]
    assert not found.rejects
    assert shapely.get_srid(found.geometries[0]) == 4326


@pytest.mark.parametrize(
    ("kind", "coordinates", "repair"),
    [
        ("Polygon", [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]], "autointerseção em [0.5 0.5]; make_valid"),
        ("Polygon", [RING[:-1]], "anel aberto foi fechado"),
        ("Polygon", [[[*p, 7] for p in RING]], "altitude (Z) descartada"),
        ("Polygon", [RING, [[5, 5], [6, 5], [6, 6], [5, 5]]], "furo fora do contorno"),
        ("MultiPolygon", [[RING], [RING]], "make_valid"),
        ("MultiLineString", [[[0, 0], [0, 0]], [[0, 0], [1, 1]]], "pontos distintos de menos"),
    ],
)
def test_repairs_say_what_changed(load: Load, make: Make, kind: str, coordinates: Any, repair: str) -> None:
    found = one(load, make, feature(kind, coordinates))
    assert len(found.geometries) == 1
    assert found.geometries[0].is_valid
    assert not found.geometries[0].has_z
    assert repair in str(found.repairs[0])


@pytest.mark.parametrize(
    ("kind", "coordinates", "reason"),
    [
        ("Polygon", [], "polígono sem coordenadas"),
        ("Polygon", [[]], "anel sem coordenadas"),
        ("Polygon", [[[0, 0], [1, 1], [2, 2], [0, 0]]], "reparo não deixou geometria"),
        ("LineString", [[0, 0], [0, 0]], "reparo não deixou geometria"),
        ("LineString", [[0, 0]], "linha com uma só posição"),
        ("Point", [200, 0], "fora de lon"),
        ("Point", [0, 90.001], "fora de lon"),
        ("Point", [630000, 8070000], "projetada em metros"),
        ("Point", [1e300, -1e300], "fora de lon"),
        ("Point", [math.nan, 0], "NaN ou infinita"),
        ("Point", [0, math.inf], "NaN ou infinita"),
        ("Point", [1], "menos de dois números"),
        ("Point", ["1", "2"], "malformadas"),
        ("Point", None, "malformadas"),
        ("Point", {"x": 1, "y": 2}, "malformadas"),
        ("Polygon", RING, "malformadas"),
        ("Polygon", "abc", "m"),
        ("CircularString", [[0, 0], [1, 1], [2, 0]], "tipo de geometria não suportado: CircularString"),
    ],
)
def test_rejects_say_why(load: Load, make: Make, kind: str, coordinates: Any, reason: str) -> None:
    good = feature("Point", [1, 1])
    found = one(load, make, good, feature(kind, coordinates), good)
    assert len(found.geometries) == 2
    (reject,) = found.rejects
    assert reason in reject.reason
    assert reject.feature_index == 1
    assert kind in found.raws[0]


def test_null_geometry_and_records_that_are_none(load: Load, make: Make) -> None:
    found = one(
        load,
        make,
        feature("Point", [1, 1]),
        '{"type": "Feature", "properties": null, "geometry": null}',
        "[1, 2]",
        "7",
        '{"nome": "sem geometria"}',
        '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]',
        '{"geometry": {"coordinates": [' + "[" * 3000 + "]" * 3000 + "]}}",
        feature("Point", [1, 1]).replace("{}", '{"n": "\\ud800"}'),
        feature("Point", [math.nan, 1]).replace("{}", '{"name": "\\ud800"}'),
    )
    assert len(found.geometries) == 1
    assert [text.split(":")[0] for text in found.reasons] == [
        "geometria ausente (nula)",
        "o registro não é um objeto JSON",
        "o registro não é um objeto JSON",
        "o registro não tem geometria (campo geometry)",
        "JSON inválido na coluna 72",
        "JSON inválido",
        "JSON inválido na coluna 42",
        "atributos com texto ou número que não se pode guardar",
    ]
    assert all("\ud800" not in raw for raw in found.raws)


def test_collection_gives_its_parts_of_highest_dimension(load: Load, make: Make) -> None:
    square = {"type": "Polygon", "coordinates": [RING]}
    point = {"type": "Point", "coordinates": [5, 5]}
    nested = {
        "type": "GeometryCollection",
        "geometries": [point, {"type": "GeometryCollection", "geometries": [square]}],
    }
    found = one(load, make, json.dumps({"type": "Feature", "properties": {}, "geometry": nested}))
    assert found.geometries[0].geom_type == "MultiPolygon"
    assert found.repairs == ["GeometryCollection: 1 polígonos extraídos, 1 partes de outro tipo descartadas"]
    empty = {"type": "GeometryCollection", "geometries": []}
    deep: dict[str, Any] = point
    for _ in range(40):
        deep = {"type": "GeometryCollection", "geometries": [deep]}
    found = one(load, make, feature("Point", [1, 1]), json.dumps({"geometry": empty}), json.dumps({"geometry": deep}))
    assert found.reasons[0] == "geometria vazia"
    assert "aninhada demais" in found.reasons[1]


def test_nul_and_long_texts_are_cut_to_what_the_tables_hold(load: Load, make: Make) -> None:
    record = json.dumps(
        {
            "type": "Feature",
            "id": "x" * 5000,
            "properties": {"name": "a\x00b" + "c" * 1000, "category": "t" * 1000, "k\x00": ["\x00"]},
            "geometry": {"type": "Point", "coordinates": [1, 1]},
        }
    )
    found = one(load, make, record)
    assert found.names[0].startswith("abccc")
    assert len(found.names[0]) == 255
    assert len(found.kinds[0]) == 100
    assert found.ids == ["#0"]
    assert b"u0000" not in found.rows[0].origin[0][4]


def test_raw_record_of_a_reject_is_bounded(load: Load, make: Make) -> None:
    found = one(load, make, feature("Point", [1, 1]), feature("MultiPoint", [[999, 0]] * 100_000))
    assert len(found.raws[0]) < 9_000


coordinate = st.one_of(
    st.floats(-200, 200), st.floats(), st.integers(-(10**30), 10**30), st.none(), st.text(max_size=3)
)
position = st.one_of(
    st.lists(st.floats(-180, 180), min_size=2, max_size=3), st.lists(coordinate, max_size=4), coordinate
)
nest = st.recursive(st.lists(position, max_size=6), lambda inner: st.lists(inner, max_size=3), max_leaves=8)
json_value = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
geometry = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "Outro", 7]
        ),
        "coordinates": nest,
    }
)
shape = st.one_of(
    st.none(),
    json_value,
    geometry,
    st.builds(lambda parts: {"type": "GeometryCollection", "geometries": parts}, st.lists(geometry, max_size=3)),
)
record = st.one_of(
    st.builds(
        lambda g, p, i: json.dumps({"type": "Feature", "id": i, "properties": p, "geometry": g}),
        shape,
        st.dictionaries(st.sampled_from(["name", "tipo", "layer", "id", "x"]), json_value, max_size=4),
        json_value,
    ),
    st.builds(json.dumps, json_value),
    st.text(st.characters(exclude_characters="\n\x1e", exclude_categories=["Cs"]), max_size=30),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(record, max_size=12))
def test_read_is_stored_plus_rejected(tmp_path: Path, records: list[str]) -> None:
    path = tmp_path / "mix.geojsonl"
    content = [feature("Point", [1, 1]), *records]
    path.write_text("\n".join(content) + "\n", encoding="utf-8", newline="")
    found = outcome_of(path)
    read = sum(1 for item in content if item.encode().strip(b" \t\n\r\x0b\f"))
    indexes = [row[1] for part in found.rows for row in part.origin] + [item.feature_index for item in found.rejects]
    assert sorted(indexes) == list(range(read))
    assert len(set(found.ids)) == len(found.ids)
    for item in found.geometries:
        assert item.is_valid
        assert not item.is_empty
        assert item.geom_type in {"MultiPolygon", "MultiLineString", "MultiPoint"}
        west, south, east, north = item.bounds
        assert west >= -180
        assert east <= 180
        assert south >= -90
        assert north <= 90
    for part in found.rows:
        for row in part.origin:
            json.loads(row[4][1:])
        for _, raw in part.rejects:
            raw.encode()
            assert "\x00" not in raw


def test_one_bad_feature_costs_no_other() -> None:
    good = {"type": "Polygon", "coordinates": [RING]}
    bad = {"type": "Polygon", "coordinates": [[["x", 0]]]}
    geometries, faults, _ = build([good] * 500 + [bad] + [good] * 500)
    assert [i for i, fault in enumerate(faults) if fault] == [500]
    assert sum(item is not None for item in geometries) == 1000
