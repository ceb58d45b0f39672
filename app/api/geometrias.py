"""The geometries of an entry."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from app.api.common import CatalogoId, UseServices, problems
from app.api.streams import whole_or_streamed
from app.catalog import feature_collection
from app.models import FeatureCollection, GeometryParameters
from app.serial import GEOJSON_TYPE

router = APIRouter(prefix="/v1/catalogo", tags=["geometrias"])


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
    return await whole_or_streamed(parts, GEOJSON_TYPE)
