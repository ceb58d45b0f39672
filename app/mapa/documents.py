"""The documents of OGC API Features about the features: landing page, collections, queryables, and pages of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.mapa.collections import ALL
from app.mapa.links import (
    COLLECTIONS,
    GEOJSON,
    HTML,
    ITEMS,
    JSON,
    OPENAPI,
    QUERYABLES,
    ROOT,
    SCHEMA,
    collection_path,
    link,
    with_parameter,
)
from app.mapa.ogc_parameters import CRS84
from app.mapa.tiles_documents import tiles_link
from app.mapa.view import GEOMETRY, SCHEMAS
from app.mapa.view import QUERYABLES as COLUMNS

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.mapa.collections import Collection, Overview
    from app.mapa.features import Page

_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


def landing(base: str) -> dict[str, Any]:
    """Return the landing page."""
    return {
        "title": "Mundo Virtual",
        "description": "As camadas da fazenda: feições do catálogo, com a origem de cada uma",
        "links": [
            link("self", f"{base}{ROOT}", JSON, "esta página"),
            link("service-desc", f"{base}{ROOT}/api", OPENAPI, "descrição da API"),
            link("service-doc", f"{base}/docs", HTML, "documentação da API"),
            link("conformance", f"{base}{ROOT}/conformance", JSON, "o que é atendido dos padrões"),
            link("data", f"{base}{COLLECTIONS}", JSON, "as coleções"),
            tiles_link(base, ALL),
        ],
    }


def collections(base: str, overview: Overview) -> dict[str, Any]:
    """Return the list of collections."""
    return {
        "links": [link("self", f"{base}{COLLECTIONS}")],
        "collections": [collection(base, one) for one in overview.collections.values()],
    }


def collection(base: str, one: Collection) -> dict[str, Any]:
    """Return the description of a collection."""
    path = f"{base}{collection_path(one.id)}"
    found: dict[str, Any] = {
        "id": one.id,
        "title": one.title,
        "description": f"{one.features} {'feição' if one.features == 1 else 'feições'}",
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            link("self", path),
            link(ITEMS, f"{path}/items", GEOJSON),
            link(QUERYABLES, f"{path}/queryables", SCHEMA),
            tiles_link(base, one.id),
        ],
    }
    if one.extent is not None:
        found["extent"] = {
            "spatial": {"bbox": [list(one.extent)], "crs": CRS84},
            "temporal": {"interval": [[one.since, None]], "trs": _GREGORIAN},
        }
    return found


def queryables(base: str, one: Collection) -> dict[str, Any]:
    """Return the schema of the properties that a filter may name."""
    properties: dict[str, Any] = {
        column.name: {**SCHEMAS[column.kind], "title": column.title} for column in COLUMNS.values()
    }
    properties[GEOMETRY] = {
        # Other references than to these schemas QGIS does not take for geometries.
        "$ref": "https://geojson.org/schema/Geometry.json",
        "title": "where it lies",
        "x-ogc-role": "primary-geometry",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}{collection_path(one.id)}/queryables",
        "type": "object",
        "title": one.title,
        "properties": properties,
        "additionalProperties": False,
    }


def items_links(request: Request, base: str, one: Collection, page: Page) -> list[dict[str, str]]:
    """Return the links of a page of features."""
    path = f"{base}{collection_path(one.id)}"
    query = request.url.query
    found = [
        link("self", f"{path}/items{'?' + query if query else ''}", GEOJSON),
        link("collection", path),
    ]
    if page.next_after is not None:
        found.append(link("next", f"{path}/items?{with_parameter(request, 'after', page.next_after)}", GEOJSON))
    return found


def item_links(base: str, one: Collection, number: int) -> list[dict[str, str]]:
    """Return the links of a feature."""
    path = f"{base}{collection_path(one.id)}"
    found = [link("self", f"{path}/items/{number}", GEOJSON), link("collection", path)]
    if one.id != ALL:
        found.append(link("canonical", f"{base}{collection_path(ALL)}/items/{number}", GEOJSON))
    return found
