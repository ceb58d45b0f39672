"""The bounds of an entry."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.common import STALE, STALE_HEADER, CatalogoId, Responses, UseServices, problems
from app.models import Bounds
from app.serial import JSON_TYPE

router = APIRouter(prefix="/v1/catalogo", tags=["bounds"])

_ANSWER: Responses = {
    200: {
        "headers": {
            "X-Cache": {
                "description": "the level that had the answer",
                "schema": {"type": "string", "enum": ["l1", "redis", "postgres"]},
            },
            **STALE_HEADER,
        }
    }
}


@router.get(
    "/{catalogo_id}/bounds",
    response_model=Bounds,
    responses=_ANSWER | problems(404, 422, 503),
    summary="Bounds of an entry",
)
async def get_bounds(catalogo_id: CatalogoId, services: UseServices) -> Response:
    """Return the envelope and centre of all geometries of an entry; `bbox` is null when it has none."""
    answer = await services.bounds.get_bounds(catalogo_id)
    headers: dict[str, str] = {"X-Cache": answer.level, "ETag": answer.entry.etag.decode()}
    if answer.stale:
        headers[STALE] = "true"
    return Response(answer.entry.body, headers=headers, media_type=JSON_TYPE)
