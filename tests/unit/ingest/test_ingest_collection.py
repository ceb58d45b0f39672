"""A large FeatureCollection, read feature by feature: the outcome is that of parsing it whole."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyproj
import pytest

from app.ingest.errors import IngestError
from tests.unit.ingest.conftest import Outcome, outcome_of

Make = Callable[..., Path]

SQUARE = [[[-44, -17], [-43.9, -17], [-43.9, -16.9], [-44, -17]]]
ODD = 'chaves {} [ ] aspas " barra \\ fim'
FEATURES: list[dict[str, Any]] = [
    {"type": "Feature", "id": 7, "properties": {"nome": ODD}, "geometry": {"type": "Polygon", "coordinates": SQUARE}},
    {"type": "Feature", "properties": {ODD: {"x": [{}]}}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
    {"type": "Feature", "properties": {"coordinates": ODD, "y": {"coordinates": [[ODD]]}}, "geometry": None},
]
COLLECTION = {"type": "FeatureCollection", "name": "camada", "x": [{"features": [1]}], "features": FEATURES, "n": 1}
COMPACT = json.dumps(COLLECTION, separators=(",", ":"))


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Outcome]:
    def load(path: Path) -> Outcome:
        with monkeypatch.context() as patch:
            patch.setattr("app.ingest.readers.MAX_WHOLE_BYTES", 0)
            patch.setattr("app.ingest.text.READ_BYTES", 13)
            return outcome_of(path)

    return load


def told(load: Callable[[Path], Outcome], path: Path) -> tuple[Any, ...]:
    """What becomes of a file; of a refused one in how many lines that is said."""
    try:
        found = load(path)
    except IngestError as error:
        return (len(str(error).splitlines()),)
    return found.names, found.kinds, found.ids, found.repairs, found.reasons, [g.wkt for g in found.geometries]


@pytest.mark.parametrize(
    "text",
    [
        COMPACT,
        json.dumps(COLLECTION, indent=2),
        json.dumps({**COLLECTION, "name": 5}).replace(", ", "\r\n,\t"),
        COMPACT.replace("[1,2]", "[1,NaN]"),
        COMPACT.replace("[1,2]", "[1,2,3]"),
        "\n \n" + COMPACT + "\n\n",
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_same_outcome(streamed: Callable[[Path], Outcome], make: Make, text: str, codec: str) -> None:
    path = make(text.encode(codec))
    found = told(streamed, path)
    assert found == told(outcome_of, path)
    assert found != (1,)
    assert streamed(path).format == "GeoJSON"


def test_reprojected_like_a_small_one(streamed: Callable[[Path], Outcome], make: Make) -> None:
    # Degrees of another datum lie inside the world too, and must not be taken as they are.
    for code, moved in ((4618, True), (4326, False)):
        crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}
        path = make(json.dumps({"type": "FeatureCollection", "crs": crs, "features": FEATURES[:1]}))
        found = told(streamed, path)
        assert found == told(outcome_of, path)
        west = streamed(path).geometries[0].bounds[0]
        expected = pyproj.Transformer.from_crs(code, 4326, always_xy=True).transform(-44, -17)[0]
        assert west == pytest.approx(expected, abs=1e-4)
        assert (west != -44) == moved


def test_whatever_is_missing_or_spoilt_is_seen_either_way(streamed: Callable[[Path], Outcome], make: Make) -> None:
    """Cut off at each byte, each byte left out, and each replaced by a brace, a bracket, a comma or a quote."""
    text = json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "geometry": None, "properties": {"a": "\\"}}] * 2,
        }
    )
    spoilt = {text[:at] for at in range(1, len(text))} | {text[:at] + text[at + 1 :] for at in range(len(text))}
    spoilt |= {text[:at] + mark + text[at + 1 :] for at in range(len(text)) for mark in '}],"'}
    for number, bad in enumerate(sorted(spoilt)):
        path = make(bad, f"{number}.json")
        assert told(streamed, path) == told(outcome_of, path), bad


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (COMPACT[:-1], "cut off on line 1"),
        (json.dumps(COLLECTION, indent=1)[:150], "cut off on line"),
        (COMPACT.replace('"n":1', '"n":'), "not valid JSON on line 1"),
        (COMPACT.replace(',{"type"', ',7,{"type"', 1), "not valid JSON on line 1"),
        (COMPACT.replace('"geometry":null', '"geometry":'), "not valid JSON on line 1"),
        (COMPACT.replace('"n":1', '"crs":{"properties":{"name":"EPSG:31983"}}'), "put it before them"),
        (COMPACT.replace('"n":1', '"features":[1]'), "not valid JSON on line 1"),
    ],
)
def test_refused_in_one_line(streamed: Callable[[Path], Outcome], make: Make, text: str, says: str) -> None:
    path = make(text)
    with pytest.raises(IngestError) as refusal:
        streamed(path)
    assert says in str(refusal.value)
    assert str(refusal.value).startswith(str(path))


def test_feature_too_large(streamed: Callable[[Path], Outcome], make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ingest.collection.MAX_RECORD_BYTES", 60)
    with pytest.raises(IngestError, match="the feature on line 1 is larger than"):
        streamed(make(COMPACT))


@pytest.mark.parametrize("text", ['[{"features": [{}]}]', json.dumps(FEATURES), '{"type": "Topology", "features": []}'])
def test_others_are_left_to_the_reader_of_documents(streamed: Callable[[Path], Outcome], make: Make, text: str) -> None:
    path = make(text)
    assert told(streamed, path) == told(outcome_of, path)


def test_batches_are_bounded(streamed: Callable[[Path], Outcome], make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ingest.collection.BATCH_FEATURES", 2)
    found = streamed(make(json.dumps({**COLLECTION, "features": FEATURES[:2] * 3})))
    assert [len(part.catalog) for part in found.rows] == [2, 2, 2]
    assert found.ids == ["7", "#1", "#2", "#3", "#4", "#5"]
