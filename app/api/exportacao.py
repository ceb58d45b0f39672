"""Downloads: the map's features, or some of them, as GeoJSON, CSV or GeoPackage."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api.common import Responses, UseServices, problems
from app.api.geometrias import GeoJSON
from app.api.streams import whole_or_streamed
from app.db import Row
from app.mapa.collections import collection_id
from app.mapa.export import Selection, pages, select
from app.mapa.export_file import WKB_GEOMETRY, chunks
from app.mapa.export_models import GEOPACKAGE_TYPE, Download, ExportParameters
from app.mapa.export_text import GEOJSON_GEOMETRY, WKT_GEOMETRY, comma_separated, geojson
from app.serial import GEOJSON_TYPE
from app.services import Services

router = APIRouter(prefix="/v1", tags=["exportacao"])

CSV_TYPE = "text/csv"

Asked = Annotated[ExportParameters, Query()]


def _file(kind: str) -> Responses:
    return {
        200: {
            "description": "the file; one that is cut off on its way ends without the end of its transfer",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}}},
            "headers": {"Content-Disposition": {"description": "a name for it", "schema": {"type": "string"}}},
        },
        **problems(422, 503),
    }


class Csv(Response):
    """What the description says of an answer; the answers themselves come in parts."""

    media_type = CSV_TYPE


class GeoPackage(Response):
    """As above."""

    media_type = GEOPACKAGE_TYPE


@router.get(
    "/exportacao.geojson",
    response_model=Download,
    response_class=GeoJSON,
    response_description="the features; an answer that is cut off on its way lacks its closing brackets",
    responses=problems(422, 503),
    summary="Download as GeoJSON",
)
async def get_geojson(asked: Asked, services: UseServices) -> Response:
    """Return features of the map as GeoJSON (RFC 7946) with where each came from, sent while it is read."""
    found = await _found(services, asked, GEOJSON_GEOMETRY)
    return await whole_or_streamed(geojson(found), GEOJSON_TYPE, _name(asked, "geojson"))


@router.get("/exportacao.csv", response_class=Csv, responses=_file(CSV_TYPE), summary="Download as CSV")
async def get_csv(asked: Asked, services: UseServices) -> Response:
    """Return features of the map as CSV (RFC 4180, UTF-8, a header), their geometry as WKT.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    found = await _found(services, asked, WKT_GEOMETRY)
    return await whole_or_streamed(comma_separated(found), CSV_TYPE, _name(asked, "csv"))


@router.get(
    "/exportacao.gpkg",
    response_class=GeoPackage,
    responses=_file(GEOPACKAGE_TYPE),
    summary="Download as GeoPackage",
)
async def get_geopackage(asked: Asked, services: UseServices) -> Response:
    """Return features of the map as a GeoPackage with one layer, `feicoes`; a few are made at once."""
    desk = services.mapa.desk
    with contextlib.ExitStack() as held:
        held.enter_context(desk.place())
        selection = await _select(services, asked)
        file = held.enter_context(await desk.write(pages(services.database, selection, WKB_GEOMETRY)))
        file.seek(0, 2)
        headers = {**_name(asked, "gpkg"), "Content-Length": str(file.tell())}
        file.seek(0)
        return _Sent(held.pop_all(), chunks(file), headers=headers, media_type=GEOPACKAGE_TYPE)


class _Sent(StreamingResponse):
    """An answer that gives back what it holds, however its sending ends."""

    def __init__(self, held: contextlib.ExitStack, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            await super().__call__(scope, receive, send)


async def _select(services: Services, asked: ExportParameters) -> Selection:
    return await select(services.database, services.mapa.collections, asked, services.settings.export_features)


async def _found(services: Services, asked: ExportParameters, geometry: str) -> AsyncIterator[list[Row]]:
    return pages(services.database, await _select(services, asked), geometry)


def _name(asked: ExportParameters, ending: str) -> dict[str, str]:
    name = collection_id(asked.categoria) if asked.categoria else "feicoes"
    return {"Content-Disposition": f'attachment; filename="{name[:80]}.{ending}"'}
