"""The conformance classes that the map claims; tests/integration/test_ogc_conformance.py has a test for each."""

from __future__ import annotations

from app.mapa.links import CQL2, FEATURES

TILES = "http://www.opengis.net/spec/ogcapi-tiles"

CLASSES = (
    f"{FEATURES}-1/1.0/conf/core",
    f"{FEATURES}-1/1.0/conf/oas30",
    f"{FEATURES}-1/1.0/conf/geojson",
    f"{FEATURES}-3/1.0/conf/queryables",
    f"{FEATURES}-3/1.0/conf/filter",
    f"{FEATURES}-3/1.0/conf/features-filter",
    f"{CQL2}/1.0/conf/cql2-text",
    f"{CQL2}/1.0/conf/cql2-json",
    f"{CQL2}/1.0/conf/basic-cql2",
    f"{CQL2}/1.0/conf/advanced-comparison-operators",
    f"{CQL2}/1.0/conf/case-insensitive-comparison",
    f"{CQL2}/1.0/conf/accent-insensitive-comparison",
    f"{CQL2}/1.0/conf/basic-spatial-functions",
    f"{CQL2}/1.0/conf/basic-spatial-functions-plus",
    f"{CQL2}/1.0/conf/spatial-functions",
    f"{CQL2}/1.0/conf/temporal-functions",
    f"{CQL2}/1.0/conf/property-property",
    f"{TILES}-1/1.0/conf/core",
    f"{TILES}-1/1.0/conf/tileset",
    f"{TILES}-1/1.0/conf/tilesets-list",
    f"{TILES}-1/1.0/conf/dataset-tilesets",
    f"{TILES}-1/1.0/conf/geodata-tilesets",
    f"{TILES}-1/1.0/conf/mvt",
)
