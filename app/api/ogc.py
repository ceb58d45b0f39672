"""OGC API Features: the farm's layers for QGIS, GDAL and whoever else speaks it."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.common import CollectionId, Nothing, Responses, UseServices, problems
from app.api.geometrias import GeoJSON
from app.mapa import documents, features
from app.mapa.conformance import CLASSES
from app.mapa.geojson import feature
from app.mapa.links import ROOT, SCHEMA, base
from app.mapa.oas30 import document
from app.mapa.ogc_models import (
    CollectionDescription,
    CollectionList,
    Conformance,
    Item,
    ItemPage,
    Landing,
    Queryables,
)
from app.mapa.ogc_parameters import CRS84, MAX_LIMIT, ItemsParameters
from app.models import MAX_BIGINT
from app.serial import GEOJSON_TYPE, dumps, json_response

router = APIRouter(prefix=ROOT, tags=["ogc"])

FeatureId = Annotated[int, Path(ge=1, le=MAX_BIGINT, description="the feature's id", examples=[101])]

# What the coordinates of an answer are, said in its header too.
_CRS = {"Content-Crs": f"<{CRS84}>"}
_UNKNOWN: Responses = problems(404, 422, 503)
_UNKNOWN[404]["description"] = "there is no such collection or feature"


class Schema(JSONResponse):
    """What the description says of an answer; the answers themselves come ready."""

    media_type = SCHEMA


@router.get("", response_model=Landing, responses=problems(422), summary="Landing page")
async def get_landing(_: Nothing, request: Request, services: UseServices) -> Response:
    """Return where everything else is found: this address is the one to give to QGIS and GDAL."""
    return json_response(documents.landing(base(request, services.settings)))


@router.get("/conformance", response_model=Conformance, responses=problems(422), summary="Conformance classes")
async def get_conformance(_: Nothing) -> Response:
    """Return what of the standards holds here; each class is tested."""
    return json_response({"conformsTo": CLASSES})


@router.get("/api", include_in_schema=False)
async def get_description(_: Nothing, request: Request, services: UseServices) -> Response:
    """Return the description of these routes in OpenAPI 3.0, which the clients of the standard read."""
    return document(request.app, base(request, services.settings))


@router.get(
    "/collections", response_model=CollectionList, responses=problems(422, 503), summary="Collections of features"
)
async def get_collections(_: Nothing, request: Request, services: UseServices) -> Response:
    """Return the collections: all features, and one collection for each category."""
    overview = await services.mapa.collections.overview()
    return json_response(documents.collections(base(request, services.settings), overview))


@router.get(
    "/collections/{collection_id}", response_model=CollectionDescription, responses=_UNKNOWN, summary="One collection"
)
async def get_collection(collection_id: CollectionId, _: Nothing, request: Request, services: UseServices) -> Response:
    """Return how many features a collection holds, where they lie, and since when."""
    overview = await services.mapa.collections.overview()
    one = overview.collection(collection_id)
    return json_response(documents.collection(base(request, services.settings), one))


@router.get(
    "/collections/{collection_id}/queryables",
    response_model=Queryables,
    response_class=Schema,
    responses=_UNKNOWN,
    summary="Properties to filter by",
)
async def get_queryables(collection_id: CollectionId, _: Nothing, request: Request, services: UseServices) -> Response:
    """Return a JSON schema of the properties that a filter may name."""
    overview = await services.mapa.collections.overview()
    found = documents.queryables(base(request, services.settings), overview.collection(collection_id))
    return Response(dumps(found), media_type=SCHEMA)


@router.get(
    "/collections/{collection_id}/items",
    response_model=ItemPage,
    response_class=GeoJSON,
    response_description="the features, ordered by id",
    responses=_UNKNOWN,
    summary="Features of a collection",
)
async def get_items(
    collection_id: CollectionId,
    parameters: Annotated[ItemsParameters, Query()],
    request: Request,
    services: UseServices,
) -> Response:
    """Return a page of features; the link `next` leads to the following one, and no page skips or repeats any.

    A page holds fewer features than asked for where they are large.
    """
    overview = await services.mapa.collections.overview()
    one = overview.collection(collection_id)
    query = features.Query.of(one, parameters)
    limit = min(parameters.limit, MAX_LIMIT)
    page = await features.page(services.database, query, after=parameters.after, limit=limit)
    if parameters.after == 0 and page.next_after is None:
        matched: int | None = len(page.features)
    elif query.whole:
        matched = one.features
    else:
        matched = await services.mapa.counts.matched(query.condition, query.values, overview.look)
    links = documents.items_links(request, base(request, services.settings), one, page)
    body = b'{"type":"FeatureCollection","features":[%b],%b"numberReturned":%d,"links":%b}' % (
        b",".join(page.features),
        b"" if matched is None else b'"numberMatched":%d,' % matched,
        len(page.features),
        orjson.dumps(links),
    )
    return Response(body, headers=_CRS, media_type=GEOJSON_TYPE)


@router.get(
    "/collections/{collection_id}/items/{feature_id}",
    response_model=Item,
    response_class=GeoJSON,
    responses=_UNKNOWN,
    summary="One feature",
)
async def get_item(
    collection_id: CollectionId, feature_id: FeatureId, _: Nothing, request: Request, services: UseServices
) -> Response:
    """Return a feature of a collection."""
    overview = await services.mapa.collections.overview()
    one = overview.collection(collection_id)
    row = await features.one(services.database, one, feature_id)
    links = documents.item_links(base(request, services.settings), one, feature_id)
    return Response(feature(row, links=links), headers=_CRS, media_type=GEOJSON_TYPE)
