"""What the routes share: services, path parameters, and the errors that the OpenAPI description names."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query
from starlette.requests import Request

from app.models import MAX_BIGINT, NoParameters, Problem
from app.services import Services, services_of


async def _services(request: Request) -> Services:
    return services_of(request)


UseServices = Annotated[Services, Depends(_services)]
CatalogoId = Annotated[int, Path(ge=1, le=MAX_BIGINT, description="the entry's id in the catalogue", examples=[17])]

CollectionId = Annotated[
    str, Path(max_length=200, description="the collection's id; `feicoes` holds all features", examples=["feicoes"])
]
Nothing = Annotated[NoParameters, Query()]

STALE = "X-Cache-Stale"
STALE_HEADER = {
    STALE: {
        "description": "present when the answer may be old because the database is away",
        "schema": {"type": "string", "enum": ["true"]},
    }
}

Responses = dict[int | str, dict[str, Any]]

_TEXTS = {
    404: "there is no such entry",
    422: "a parameter is missing, malformed, unknown or out of range",
    503: "the database is away or took too long; `Retry-After` says when to try again",
}


def problems(*statuses: int) -> Responses:
    """Describe the error answers of a route."""
    found: Responses = {status: {"model": Problem, "description": _TEXTS[status]} for status in statuses}
    if 503 in found:  # noqa: PLR2004 -- an HTTP status
        header = {"description": "seconds to wait", "schema": {"type": "integer"}}
        found[503]["headers"] = {"Retry-After": header}
    return found
