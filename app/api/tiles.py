"""OGC API Tiles: the map as vector tiles, of all features or of one collection."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from app.api.common import STALE, STALE_HEADER, CollectionId, Responses, UseServices, problems
from app.mapa.links import ROOT
from app.mapa.tiles import LAST_ZOOM, MATRIX_SET, MEDIA_TYPE, Answer, Key
from app.models import MAX_INTEGER
from app.services import Services

router = APIRouter(prefix=ROOT, tags=["tiles"])


# The examples are of a tile on which the farm lies.
async def _key(
    z: Annotated[int, Path(ge=0, le=99, description=f"the tile matrix (zoom), 0 to {LAST_ZOOM}", examples=[12])],
    row: Annotated[int, Path(ge=0, le=MAX_INTEGER, description="row of the tile, from the north", examples=[2248])],
    col: Annotated[int, Path(ge=0, le=MAX_INTEGER, description="column of the tile, from the west", examples=[1546])],
) -> Key:
    return Key(z, row, col)


TileKey = Annotated[Key, Depends(_key)]

_TILE = f"/tiles/{MATRIX_SET}/{{z}}/{{row}}/{{col}}"
_ETAG = {"description": "the tile's validator, for `If-None-Match`", "schema": {"type": "string"}}
_CACHE = {
    "description": "where the tile was: in memory, or made by the database",
    "schema": {"type": "string", "enum": ["l1", "postgres"]},
}
_CONTROL = {"description": "how long the tile holds without asking", "schema": {"type": "string"}}
_HEADERS = {"ETag": _ETAG, "Cache-Control": _CONTROL, "X-Cache": _CACHE, **STALE_HEADER}
_ANSWERS: Responses = {
    200: {
        "description": "the tile, a Mapbox vector tile with the one layer `feicoes`",
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        "headers": _HEADERS,
    },
    204: {"description": "nothing is there", "headers": {"X-Cache": _CACHE, **STALE_HEADER}},
    304: {"description": "what the client has (`If-None-Match`) still holds", "headers": _HEADERS},
    **problems(404, 422, 503),
}
_ANSWERS[404]["description"] = "there is no such tile or collection"


class VectorTile(Response):
    """What the description says of an answer."""

    media_type = MEDIA_TYPE


@router.get(_TILE, response_class=VectorTile, responses=_ANSWERS, summary="A vector tile of all features")
async def get_tile(key: TileKey, request: Request, services: UseServices) -> Response:
    """Return a tile of the map.

    Features have their id, `catalogo_id`, `nome`, `categoria` and `area_m2`. Dense tiles are thinned: of features too
    small to be told apart only the largest are in them, without a name.
    """
    return _response(request, services, await services.mapa.tiles.get(key))


@router.get(
    f"/collections/{{collection_id}}{_TILE}",
    response_class=VectorTile,
    responses=_ANSWERS,
    summary="A vector tile of a collection",
)
async def get_collection_tile(
    collection_id: CollectionId, key: TileKey, request: Request, services: UseServices
) -> Response:
    """Return a tile with the features of one collection only."""
    of_collection = key._replace(categories=await services.mapa.categories(collection_id))
    return _response(request, services, await services.mapa.tiles.get(of_collection))


def _response(request: Request, services: Services, answer: Answer) -> Response:
    services.metrics.tile("stale" if answer.stale else answer.level)
    headers: dict[str, str] = {"X-Cache": answer.level}
    if answer.stale:
        headers[STALE] = "true"
    tile = answer.tile
    if tile.empty:
        # Nothing may come to be there: as with other answers, it is to be asked again.
        return Response(status_code=204, headers={**headers, "Cache-Control": "no-cache"})
    headers["ETag"] = tile.etag
    if tile.packed and "gzip" in request.headers.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return VectorTile(tile.data, headers=headers)
    return VectorTile(tile.raw(), headers=headers)
