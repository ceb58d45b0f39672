"""The documents of OGC API Tiles: which tilesets there are, and how they are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.mapa.collections import ALL
from app.mapa.links import JSON, ROOT, collection_path, link
from app.mapa.ogc_parameters import CRS84
from app.mapa.tiles import LAST_ZOOM, LAYER, MATRIX_SET, MEDIA_TYPE
from app.mapa.view import SCHEMAS

if TYPE_CHECKING:
    from app.mapa.collections import Collection
    from app.mapa.view import Kind

MATRIX_SETS = f"{ROOT}/tileMatrixSets"
MATRIX_SET_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX_SET}"
SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"

_WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
# Half the equator of the sphere that the projection takes the earth for, metres; the pixel of OGC is 0.28 mm.
_HALF = 20_037_508.342789244
_PIXEL_M = 0.00028
_TILE_PIXELS = 256
_PROPERTIES: dict[str, Kind] = {"catalogo_id": "integer", "nome": "text", "categoria": "text", "area_m2": "integer"}


def tilesets(base: str, one: Collection) -> dict[str, Any]:
    """Return the list of the tilesets of a collection, which is of one."""
    return {"tilesets": [_summary(base, one)], "links": [link("self", f"{base}{_path(one.id)}")]}


def tileset(base: str, one: Collection) -> dict[str, Any]:
    """Return what there is to know of a tileset: where its tiles are, what is in them, and where they lie."""
    found = _summary(base, one)
    path = f"{base}{_path(one.id)}/{MATRIX_SET}"
    found["links"] = [
        link("self", path),
        link("item", f"{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", MEDIA_TYPE) | {"templated": True},
        link(SCHEME, f"{base}{MATRIX_SETS}/{MATRIX_SET}"),
    ]
    found["layers"] = [
        {
            "id": LAYER,
            "dataType": "vector",
            "minTileMatrix": "0",
            "maxTileMatrix": str(LAST_ZOOM),
            "propertiesSchema": {
                "type": "object",
                "properties": {name: SCHEMAS[kind] for name, kind in _PROPERTIES.items()},
            },
        }
    ]
    if one.extent is not None:
        west, south, east, north = one.extent
        found["boundingBox"] = {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84}
    return found


def matrix_sets(base: str) -> dict[str, Any]:
    """Return the list of the tile matrix sets, which is of one."""
    path = f"{base}{MATRIX_SETS}/{MATRIX_SET}"
    return {"tileMatrixSets": [{"id": MATRIX_SET, "uri": MATRIX_SET_URI, "links": [link("self", path)]}]}


def matrix_set() -> dict[str, Any]:
    """Return the definition of WebMercatorQuad (OGC 17-083r4, annex D.1), down to the last matrix that is served."""
    return {
        "id": MATRIX_SET,
        "title": "Google Maps Compatible for the World",
        "uri": MATRIX_SET_URI,
        "crs": _WEB_MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(LAST_ZOOM + 1)],
    }


def tiles_link(base: str, name: str) -> dict[str, str]:
    """Return the link that a collection has to its tilesets."""
    return link(TILESETS, f"{base}{_path(name)}", JSON, "blocos vetoriais")


def _path(name: str) -> str:
    return f"{ROOT}/tiles" if name == ALL else f"{collection_path(name)}/tiles"


def _summary(base: str, one: Collection) -> dict[str, Any]:
    return {
        "title": one.title,
        "dataType": "vector",
        "crs": _WEB_MERCATOR,
        "tileMatrixSetURI": MATRIX_SET_URI,
        "links": [link("self", f"{base}{_path(one.id)}/{MATRIX_SET}")],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    size = 2 * _HALF / _TILE_PIXELS / (1 << zoom)
    return {
        "id": str(zoom),
        "scaleDenominator": size / _PIXEL_M,
        "cellSize": size,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-_HALF, _HALF],
        "matrixWidth": 1 << zoom,
        "matrixHeight": 1 << zoom,
        "tileWidth": _TILE_PIXELS,
        "tileHeight": _TILE_PIXELS,
    }
