"""The geometries of an entry."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response, StreamingResponse

from app.api.common import CatalogoId, UseServices, problems
from app.catalog import feature_collection
from app.models import FeatureCollection, GeometryParameters
from app.serial import GEOJSON_TYPE

router = APIRouter(prefix="/v1/catalogo", tags=["geometrias"])

# Up to this size an answer is made as a whole: it has an ETag, and a fault half way is an error, not a text cut off.
_WHOLE_BYTES = 256 * 1024


class GeoJSON(JSONResponse):
    """What the description says of an answer; the answers themselves come ready."""

    media_type = GEOJSON_TYPE


@router.get(
    "/{catalogo_id}/geometrias",
    response_model=FeatureCollection,
    response_class=GeoJSON,
    response_description="the features, ordered by id",
    responses=problems(404, 422, 503),
    summary="Geometries of an entry",
)
async def get_geometrias(
    catalogo_id: CatalogoId, parameters: Annotated[GeometryParameters, Query()], services: UseServices
) -> Response:
    """Return an entry's geometries as GeoJSON, page by page (`next_after` of one page is `after` of the next)."""
    parts = await feature_collection(services.database, catalogo_id, parameters)
    begun: list[bytes] = []
    size = 0
    async for part in parts:
        begun.append(part)
        size += len(part)
        if size > _WHOLE_BYTES:
            return StreamingResponse(_chain(begun, parts), media_type=GEOJSON_TYPE)
    return Response(b"".join(begun), media_type=GEOJSON_TYPE)


async def _chain(begun: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for part in begun:
        yield part
    begun.clear()
    async for part in rest:
        yield part
