"""Search, and single entries."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app import catalog, search
from app.api.common import CatalogoId, UseServices, problems
from app.models import CatalogEntry, FoundPage, SearchParameters
from app.serial import json_response

router = APIRouter(prefix="/v1/catalogo", tags=["catalogo"])


@router.get("", response_model=FoundPage, responses=problems(422, 503), summary="Search the catalogue")
async def search_catalogo(parameters: Annotated[SearchParameters, Query()], services: UseServices) -> Response:
    """Find active entries by words, type and whether they have geometries: best first, then newest."""
    return json_response(await search.search(services.database, parameters))


@router.get(
    "/{catalogo_id}", response_model=CatalogEntry, responses=problems(404, 422, 503), summary="One catalogue entry"
)
async def get_entry(catalogo_id: CatalogoId, services: UseServices) -> Response:
    """Return an entry and where it came from: file, feature, and what was repaired."""
    return json_response(await catalog.entry(services.database, catalogo_id))
