"""OGC API Tiles: which tiles there are, and how they are cut."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.common import CollectionId, Nothing, Responses, UseServices, problems
from app.mapa import tiles_documents
from app.mapa.collections import ALL
from app.mapa.links import ROOT, base
from app.mapa.tiles import MATRIX_SET
from app.mapa.tiles_models import TileMatrixSet, TileMatrixSetList, Tileset, TilesetList
from app.serial import json_response

router = APIRouter(prefix=ROOT, tags=["tiles"])

_UNKNOWN: Responses = problems(404, 422, 503)
_UNKNOWN[404]["description"] = "there is no such collection"


async def _tilesets(request: Request, services: UseServices, collection_id: str) -> Response:
    one = (await services.mapa.collections.overview()).collection(collection_id)
    return json_response(tiles_documents.tilesets(base(request, services.settings), one))


async def _tileset(request: Request, services: UseServices, collection_id: str) -> Response:
    one = (await services.mapa.collections.overview()).collection(collection_id)
    return json_response(tiles_documents.tileset(base(request, services.settings), one))


@router.get("/tiles", response_model=TilesetList, responses=problems(422, 503), summary="Tilesets of all features")
async def get_tilesets(_: Nothing, request: Request, services: UseServices) -> Response:
    """Return the tilesets of all features: one, of vector tiles."""
    return await _tilesets(request, services, ALL)


@router.get(
    f"/tiles/{MATRIX_SET}",
    response_model=Tileset,
    response_model_exclude_none=True,
    responses=problems(422, 503),
    summary="The tileset of all features",
)
async def get_tileset(_: Nothing, request: Request, services: UseServices) -> Response:
    """Return where the tiles are, what is in them, and where the features lie."""
    return await _tileset(request, services, ALL)


@router.get(
    "/collections/{collection_id}/tiles",
    response_model=TilesetList,
    responses=_UNKNOWN,
    summary="Tilesets of a collection",
)
async def get_collection_tilesets(
    collection_id: CollectionId, _: Nothing, request: Request, services: UseServices
) -> Response:
    """Return the tilesets of a collection: one, of vector tiles."""
    return await _tilesets(request, services, collection_id)


@router.get(
    f"/collections/{{collection_id}}/tiles/{MATRIX_SET}",
    response_model=Tileset,
    response_model_exclude_none=True,
    responses=_UNKNOWN,
    summary="The tileset of a collection",
)
async def get_collection_tileset(
    collection_id: CollectionId, _: Nothing, request: Request, services: UseServices
) -> Response:
    """Return where the tiles of a collection are, what is in them, and where its features lie."""
    return await _tileset(request, services, collection_id)


@router.get("/tileMatrixSets", response_model=TileMatrixSetList, responses=problems(422), summary="Tile matrix sets")
async def get_matrix_sets(_: Nothing, request: Request, services: UseServices) -> Response:
    """Return the ways in which tiles are cut: one, that of maps on the web."""
    return json_response(tiles_documents.matrix_sets(base(request, services.settings)))


@router.get(f"/tileMatrixSets/{MATRIX_SET}", response_model=TileMatrixSet, responses=problems(422), summary=MATRIX_SET)
async def get_matrix_set(_: Nothing) -> Response:
    """Return the scales of the tiles, and how many there are of each."""
    return json_response(tiles_documents.matrix_set())
