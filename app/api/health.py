"""Health of the service, and its metrics."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import Response

from app.api.common import Responses, UseServices
from app.models import Liveness, Readiness
from app.serial import json_response

router = APIRouter(tags=["health"])

_NEVER_KEPT = {"Cache-Control": "no-store"}
_WELL = {"ok", "degraded"}
_AWAY: Responses = {
    503: {"model": Readiness, "description": "Postgres is away, or the service ends: `unavailable`, `ending`"}
}
_ENDING: Responses = {503: {"model": Liveness, "description": "the service ends, and others are to be asked"}}
_TEXT: Responses = {
    200: {
        "description": "Prometheus' text format",
        "content": {
            "text/plain": {
                "schema": {"type": "string"},
                "example": '# TYPE mundo_bounds_lookups_total counter\nmundo_bounds_lookups_total{level="l1"} 1042.0\n',
            }
        },
    }
}


@router.get("/health/live", response_model=Liveness, responses=_ENDING, summary="The process runs")
async def live(services: UseServices) -> Response:
    """Say that the process answers, and whether it wants to be asked (503 `ending`); asks nobody else."""
    leaving = services.health.leaving
    answer = {"status": "ending" if leaving else "ok", "version": services.settings.version}
    return json_response(answer, 503 if leaving else 200, _NEVER_KEPT)


@router.get("/health/ready", response_model=Readiness, responses=_AWAY, summary="The service can answer")
async def ready(services: UseServices) -> Response:
    """Ask Postgres and Redis: 200 `ok`, 200 `degraded` (only Redis is away), 503 `unavailable` (Postgres is away).

    503 `ending` is said between the request to end and the end.
    """
    readiness = await services.health.readiness()
    return json_response(readiness.model_dump(), 200 if readiness.status in _WELL else 503, _NEVER_KEPT)


@router.get("/metrics", response_class=Response, responses=_TEXT, summary="Metrics for Prometheus")
async def metrics(services: UseServices) -> Response:
    """Return the service's metrics."""
    return Response(services.metrics.render(), media_type=CONTENT_TYPE_PLAIN_0_0_4, headers=_NEVER_KEPT)
