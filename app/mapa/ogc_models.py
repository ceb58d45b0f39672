"""What the routes of OGC API Features answer; these models are the OpenAPI description."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.mapa.collections import ALL
from app.mapa.feature_models import CatalogFeature
from app.mapa.links import FEATURES, GEOJSON, ITEMS, JSON, OPENAPI, collection_path
from app.mapa.ogc_parameters import CRS84

Json = dict[str, Any]

_NOW = "2026-03-01T12:00:00+00:00"
HOST = "http://127.0.0.1:8080"
"""Of the examples."""
_ID = "cercas"
_PATH = HOST + collection_path(_ID)


def _link(rel: str, href: str, kind: str = JSON) -> Json:
    return {"rel": rel, "href": href, "type": kind}


class Link(BaseModel):
    """A link to another resource."""

    href: str
    rel: str
    type: str | None = None
    title: str | None = None


class Landing(BaseModel):
    """Where everything else is found."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "Mundo Virtual",
                "description": "The farm's layers",
                "links": [
                    _link("self", f"{HOST}/ogc"),
                    _link("service-desc", f"{HOST}/ogc/api", OPENAPI),
                    _link("data", f"{HOST}/ogc/collections"),
                ],
            }
        }
    )

    title: str
    description: str
    links: list[Link]


class Conformance(BaseModel):
    """The conformance classes of the standards that hold here, each of them tested."""

    model_config = ConfigDict(json_schema_extra={"example": {"conformsTo": [f"{FEATURES}-1/1.0/conf/core"]}})

    conformsTo: list[str]  # noqa: N815 -- the name the standard gives it


class SpatialExtent(BaseModel):
    """Where the features lie: west, south, east, north in degrees."""

    bbox: list[Annotated[list[float], Field(min_length=4, max_length=4)]]
    crs: str


class TemporalExtent(BaseModel):
    """Since when and until when; null is an open end."""

    interval: list[Annotated[list[datetime | None], Field(min_length=2, max_length=2)]]
    trs: str


class Extent(BaseModel):
    """Extent in space and time."""

    spatial: SpatialExtent
    temporal: TemporalExtent


_COLLECTION: Json = {
    "id": _ID,
    "title": "Cercas",
    "description": "139 feições",
    "extent": {
        "spatial": {"bbox": [[-44.12, -17.35, -44.08, -17.31]], "crs": CRS84},
        "temporal": {
            "interval": [[_NOW, None]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        },
    },
    "itemType": "feature",
    "crs": [CRS84],
    "links": [_link("self", _PATH), _link(ITEMS, f"{_PATH}/items", GEOJSON)],
}


class CollectionDescription(BaseModel):
    """A collection; `extent` is missing while it holds nothing."""

    model_config = ConfigDict(json_schema_extra={"example": _COLLECTION})

    id: str
    title: str
    description: str
    extent: Extent | None = None
    itemType: Literal["feature"]  # noqa: N815 -- the name the standard gives it
    crs: list[str]
    links: list[Link]


class CollectionList(BaseModel):
    """All collections."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"links": [_link("self", f"{HOST}/ogc/collections")], "collections": [_COLLECTION]}
        }
    )

    links: list[Link]
    collections: list[CollectionDescription]


_FEATURE: Json = {
    "type": "Feature",
    "id": 101,
    "geometry": {
        "type": "MultiLineString",
        "coordinates": [[[-44.1, -17.3], [-44.0, -17.3], [-44.0, -17.2]]],
    },
    "properties": {
        "catalogo_id": 17,
        "nome": "Cerca da divisa",
        "descricao": None,
        "tipo": "CERCAS",
        "categoria": "CERCAS",
        "camada": "Cercas",
        "importacao_id": 1,
        "arquivo": "fazenda.json",
        "feature_id": "42",
        "feature_index": 41,
        "importado_em": _NOW,
        "is_valid": True,
        "validity_error_msg": None,
        "created_at": _NOW,
        "updated_at": _NOW,
    },
}


class Item(CatalogFeature):
    """A GeoJSON feature (RFC 7946) with its links."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_FEATURE,
                "links": [_link("self", f"{_PATH}/items/101", GEOJSON), _link("collection", _PATH)],
            }
        }
    )

    links: list[Link] | None = None


class ItemPage(BaseModel):
    """A page of features (RFC 7946), in the order of their ids; on the last one no link says `next`.

    `numberMatched` is the number of all features that match, and missing where counting them takes too long.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "FeatureCollection",
                "features": [_FEATURE],
                "numberMatched": 139,
                "numberReturned": 1,
                "links": [
                    _link("self", f"{_PATH}/items?limit=1", GEOJSON),
                    _link("next", f"{_PATH}/items?limit=1&after=101", GEOJSON),
                ],
            }
        }
    )

    type: Literal["FeatureCollection"]
    features: list[Item]
    numberMatched: int | None = None  # noqa: N815 -- the name the standard gives it
    numberReturned: int  # noqa: N815 -- the name the standard gives it
    links: list[Link]


class Queryables(BaseModel):
    """A JSON schema: the properties that a filter may name."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": f"{HOST}{collection_path(ALL)}/queryables",
                "type": "object",
                "title": "Todas as feições",
                "properties": {
                    "nome": {"type": "string", "title": "name of the entry"},
                    "geom": {
                        "$ref": "https://geojson.org/schema/Geometry.json",
                        "title": "where it lies",
                        "x-ogc-role": "primary-geometry",
                    },
                },
                "additionalProperties": False,
            }
        }
    )

    schema_: str = Field(alias="$schema")
    id: str = Field(alias="$id")
    type: Literal["object"]
    title: str
    properties: dict[str, dict[str, Any]]
    additionalProperties: bool  # noqa: N815 -- JSON Schema's name
