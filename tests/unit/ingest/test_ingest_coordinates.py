"""Coordinates straight from their text: whatever the text, the outcome is that of reading it the long way."""

import json
from typing import Any

import pytest
import shapely
import simdjson
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ingest.coordinates import TOKEN, Numbers, cut, ewkb
from app.ingest.prepare import Identities, Rows, rows
from app.ingest.records import parse, parse_all, to_batch
from app.ingest.validate import validate

RING: list[list[float]] = [[0, 0], [1, 0], [1, 1.5], [0, 1], [0, 0]]
HOLE = [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2], [0.1, 0.1]]
ORDINARY: list[tuple[str, Any]] = [
    ("Point", [1, 2]),
    ("MultiPoint", [[1, 2], [-3e-1, 4]]),
    ("LineString", [[0, 0], [1, 1]]),
    ("MultiLineString", [[[0, 0], [1, 1]], [[2, 2], [3, 3], [4, 5]]]),
    ("Polygon", [RING]),
    ("Polygon", [RING, HOLE]),
    ("MultiPolygon", [[RING, HOLE], [[[x + 5, y] for x, y in RING]]]),
    ("MultiPolygon", [[RING]]),
]


def made(kind: str, coordinates: Any) -> bytes | None:
    (found,) = ewkb([Numbers(kind, json.dumps(coordinates).encode())], simdjson.Parser())
    return found


def stored(texts: list[bytes], *, straight: bool) -> Rows:
    """What becomes of records, with their coordinates taken straight from the text or the long way."""
    parsed, ready = parse_all(texts, simdjson.Parser()) if straight else ([parse(text) for text in texts], None)
    batch = to_batch(parsed, lambda i: texts[i], first=0, layer="camada", consumed=0, ready=ready)
    validate(batch)
    return rows(batch, Identities())


@pytest.mark.parametrize(("kind", "coordinates"), ORDINARY)
def test_ordinary_geometries_are_written_as_they_are(kind: str, coordinates: Any) -> None:
    found = made(kind, coordinates)
    assert found is not None
    geometry = shapely.from_wkb(found)
    expected = shapely.from_geojson(json.dumps({"type": kind, "coordinates": coordinates}))
    assert shapely.get_srid(geometry) == 4326
    assert geometry.geom_type == f"Multi{kind.removeprefix('Multi')}"
    assert shapely.get_coordinates(geometry).tolist() == shapely.get_coordinates(expected).tolist()
    assert geometry.equals(expected)


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [
        ("Point", [1, 2, 3]),
        ("Point", [1]),
        ("Point", [[1, 2]]),
        ("Point", [181, 2]),
        ("Point", [1, -90.01]),
        ("MultiPoint", []),
        ("LineString", [[0, 0]]),
        ("LineString", [[0, 0], [1]]),
        ("Polygon", RING),
        ("Polygon", [RING[:-1]]),
        ("Polygon", [RING[:2] + RING[:1]]),
        ("Polygon", [RING, []]),
        ("Polygon", [RING, HOLE[:-1]]),
        ("MultiPolygon", [[RING], []]),
        ("MultiPolygon", [[RING], RING]),
    ],
)
def test_others_are_left_to_the_reader_that_can_say_why(kind: str, coordinates: Any) -> None:
    assert made(kind, coordinates) is None


def test_one_that_is_no_json_costs_no_other() -> None:
    good = Numbers("Point", b"[1, 2]")
    # Its brackets are right and its numbers are not, so it takes part in the common reading.
    found = ewkb([good, Numbers("Point", b"[1, 02]"), Numbers("Point", b"[1e999, 2]"), good], simdjson.Parser())
    assert [item is None for item in found] == [False, True, True, False]
    assert found[0] == found[3]


def test_brackets_that_fit_together_over_two_records_are_not_taken() -> None:
    parts = [Numbers("MultiPoint", b"[[1, 2]], [[3, 4]"), Numbers("MultiPoint", b"[5, 6]]")]
    assert ewkb(parts, simdjson.Parser()) == [None, None]
    assert ewkb([], simdjson.Parser()) == []


def test_only_the_geometry_of_the_record_itself_is_taken() -> None:
    inner = '{"type": "Point", "coordinates": [9, 9]}'
    own = '{"type": "Point", "coordinates": [1, 2]}'
    texts = [
        f'{{"type": "Feature", "properties": {{"geometry": {inner}}}, "geometry": {own}}}'.encode(),
        f'{{"type": "Feature", "geometry": {own}, "properties": {{"geometry": {inner}}}}}'.encode(),
        f'{{"geometry": {inner}, "geometry": {own}}}'.encode(),
        f'{{"geometry": {inner}, "geometry": null}}'.encode(),
        own.encode(),
    ]
    found = stored(texts, straight=True)
    assert [shapely.from_wkb(wkb).wkt for wkb in found.geometries] == ["MULTIPOINT ((1 2))"] * 4
    assert [reject.feature_index for reject, _ in found.rejects] == [3]
    assert all(TOKEN.encode() not in origin[4] for origin in found.origin)
    assert all(TOKEN not in raw for _, raw in found.rejects)


def test_cut() -> None:
    assert cut(b'{"nome": "x"}') is None
    assert cut(b'"coordinates" 1}') is None
    assert cut(b'"coordinates": [1, 2]') is None
    assert cut(b'{"coordinates" :[1]}') == (b'{"coordinates" :"' + TOKEN.encode() + b'"}', b"[1]")


number = st.one_of(st.integers(-90, 90), st.floats(-90, 90), st.sampled_from([0, 1, 2, 181, 1e300]))
position = st.lists(number, min_size=2, max_size=2)
loop = st.lists(position, min_size=3, max_size=6).map(lambda points: [*points, points[0]])
coordinates = st.one_of(
    st.tuples(st.just("Point"), position),
    st.tuples(st.just("MultiPoint"), st.lists(position, max_size=3)),
    st.tuples(st.just("LineString"), st.lists(position, max_size=4)),
    st.tuples(st.just("MultiLineString"), st.lists(st.lists(position, max_size=3), max_size=3)),
    st.tuples(st.just("Polygon"), st.lists(loop, max_size=3)),
    st.tuples(st.just("MultiPolygon"), st.lists(st.lists(loop, max_size=2), max_size=3)),
    st.sampled_from(ORDINARY),
)
slip = st.tuples(st.integers(0, 400), st.integers(0, 3), st.sampled_from([*'[],.-+e09 "{}', "", "NaN"]))


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """A record, in most cases spoilt in a few places."""
    kind, numbers = draw(coordinates)
    record = {"id": draw(st.integers(0, 3)), "name": "x", "geometry": {"type": kind, "coordinates": numbers}}
    text = json.dumps(record, separators=draw(st.sampled_from([(",", ":"), (", ", ": ")])))
    for at, gone, new in draw(st.lists(slip, max_size=2)):
        text = text[:at] + new + text[at + gone :]
    return text.encode()


@settings(max_examples=200, deadline=None)
@given(st.lists(texts(), min_size=1, max_size=8))
def test_the_outcome_is_that_of_the_long_way(records: list[bytes]) -> None:
    straight, long = stored(records, straight=True), stored(records, straight=False)
    assert straight.catalog == long.catalog
    # GEOS repairs a polygon and a multipolygon of one part to the same parts in another order.
    assert _normal(straight) == _normal(long)
    assert straight.origin == long.origin
    assert straight.rejects == long.rejects
    assert straight.repaired == long.repaired


def _normal(found: Rows) -> list[str]:
    notes = [origin[5] for origin in found.origin]
    return [
        wkb.hex() if note is None else shapely.normalize(shapely.from_wkb(wkb)).wkt
        for wkb, note in zip(found.geometries, notes, strict=True)
    ]
