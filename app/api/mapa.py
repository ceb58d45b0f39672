"""What the map page asks: an overview, and a feature that somebody clicked on."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.api.common import STALE, STALE_HEADER, Nothing, Responses, UseServices, problems
from app.api.geometrias import GeoJSON
from app.mapa.feature import measured
from app.mapa.models import MapFeature, MapOverview
from app.models import MAX_BIGINT
from app.serial import GEOJSON_TYPE, JSON_TYPE

router = APIRouter(prefix="/v1/mapa", tags=["mapa"])

FeatureId = Annotated[
    int, Path(ge=1, le=MAX_BIGINT, description="the feature's id: that of its geometry", examples=[101])
]

_OVERVIEW: Responses = {200: {"headers": STALE_HEADER}}
_NO_FEATURE: Responses = problems(404)
_NO_FEATURE[404]["description"] = "there is no such feature"


@router.get("", response_model=MapOverview, responses=_OVERVIEW | problems(422, 503), summary="What is on the map")
async def get_overview(_: Nothing, services: UseServices) -> Response:
    """Return how many features the map has, where they lie, and its layers, one for each category."""
    body, stale = await services.mapa.layers.get()
    return Response(body, headers={STALE: "true"} if stale else None, media_type=JSON_TYPE)


@router.get(
    "/feicoes/{feicao_id}",
    response_model=MapFeature,
    response_class=GeoJSON,
    responses=problems(422, 503) | _NO_FEATURE,
    summary="One feature of the map",
)
async def get_feature(feicao_id: FeatureId, _: Nothing, services: UseServices) -> Response:
    """Return a feature as GeoJSON with its entry, its origin, its validity, its area and its perimeter."""
    return Response(await measured(services.database, feicao_id), media_type=GEOJSON_TYPE)
