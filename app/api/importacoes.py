"""Imports: a file is sent, worked off in the background, and followed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api.common import CatalogoId, Responses, UseServices, problems
from app.errors import ServiceError
from app.imports.models import (
    EntryOrigin,
    ImportJob,
    ImportPage,
    ListParameters,
    RejectPage,
    RejectParameters,
    UploadParameters,
)
from app.imports.names import FileNameError, file_name
from app.imports.origin import origin
from app.imports.receive import UploadError
from app.imports.service import Imports
from app.imports.view import job_view, origin_view
from app.models import MAX_BIGINT, Problem
from app.serial import json_response

router = APIRouter(tags=["importacoes"])

_bearer = HTTPBearer(auto_error=False, scheme_name="importToken", description="the secret `importToken` of the stack")
_NEVER_KEPT = {"Cache-Control": "no-store"}
_LINGER_S = 2.0


class ImportsOffError(ServiceError):
    """This service takes no imports."""

    status = 503


def _hang_up(request: Request) -> None:
    """Give a client that is still sending a moment to read the answer; what it sends is read by nobody."""
    if extension := request.scope.get("extensions", {}).get("mundo.hang_up"):
        extension["after"](_LINGER_S)


def _allowed(
    request: Request,
    services: UseServices,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Imports:
    """Give the imports to whoever has the token; nothing of a body is read before."""
    imports = services.imports
    if imports is None or credentials is None or not imports.allowed(credentials.credentials):
        _hang_up(request)
    if imports is None:
        raise ImportsOffError("imports are not set up here: the service has no spool, token or password for them")
    if credentials is None:
        raise HTTPException(
            401, "an import token is needed: Authorization: Bearer TOKEN", {"WWW-Authenticate": 'Bearer realm="mundo"'}
        )
    if not imports.allowed(credentials.credentials):
        challenge = 'Bearer realm="mundo", error="invalid_token"'
        raise HTTPException(401, "the import token is wrong", {"WWW-Authenticate": challenge})
    return imports


UseImports = Annotated[Imports, Depends(_allowed)]
JobId = Annotated[int, Path(ge=1, le=MAX_BIGINT, description="the import's id, as `Location` gave it", examples=[7])]

_TEXTS = {
    400: "the upload was cut off, or has no valid length",
    408: "the upload took too long, or nothing came for too long",
    413: "the file is larger than is accepted",
    415: "a form or a compressed body: send the file itself as the body",
    422: "no usable file name, an empty file, or an unknown parameter",
    429: "too many imports wait; `Retry-After` says when to try again",
    507: "no space is left for uploads",
}


def _refusals(*statuses: int) -> Responses:
    return {status: {"model": Problem, "description": _TEXTS[status]} for status in statuses}


_UNAUTHORIZED: Responses = {
    401: {
        "model": Problem,
        "description": "no token, or a wrong one",
        "headers": {"WWW-Authenticate": {"description": "what is needed", "schema": {"type": "string"}}},
    }
}
_ACCEPTED: Responses = {
    202: {
        "description": "the file is safe, and its job waits; ask `Location` for what becomes of it",
        "headers": {"Location": {"description": "the job's path", "schema": {"type": "string"}}},
    }
}
_EXAMPLE = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","id":"C46A","properties":{"name":"Talhão 3"},"geometry":'
    '{"type":"Polygon","coordinates":[[[-44.1,-17.3],[-44.0,-17.3],[-44.0,-17.2],[-44.1,-17.3]]]}}]}'
)
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "the file itself: JSON lines, GeoJSON, GeoPackage, zipped Shapefile, KML or FlatGeobuf",
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "minLength": 1},
                "example": _EXAMPLE,
            }
        },
    }
}


@router.post(
    "/v1/importacoes",
    status_code=202,
    response_model=ImportJob,
    responses=_ACCEPTED | _UNAUTHORIZED | _refusals(400, 408, 413, 415, 422, 429, 507) | problems(503),
    openapi_extra=_BODY,
    summary="Send a file of features",
)
async def post_import(
    request: Request,
    imports: UseImports,
    parameters: Annotated[UploadParameters, Query()],
    content_disposition: Annotated[
        str | None,
        Header(
            description="`attachment; filename=NAME`, instead of `arquivo`",
            examples=["attachment; filename=levantamento_2026.geojson"],
        ),
    ] = None,
) -> Response:
    """Take a file for the catalogue: `curl -T fazenda.geojson -X POST '…/v1/importacoes?arquivo=fazenda.geojson'`.

    The body is the file itself (no multipart form). It is loaded in the background, wholly or not at all; the same
    content is loaded once, and `already_loaded` of the job says so.
    """
    try:
        name, size = _checked(request, parameters, content_disposition)
        request_id = str(request.state.request_id)
        job_id = await imports.accept(name, size, request.stream(), request_id)
    except ServiceError:
        _hang_up(request)
        raise
    job = job_view(await imports.jobs.one(job_id))
    return json_response(job, 202, {"Location": f"/v1/importacoes/{job_id}", **_NEVER_KEPT})


def _checked(request: Request, parameters: UploadParameters, disposition: str | None) -> tuple[str, int | None]:
    """Return the file's name and its size, if that is told; raises UploadError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("multipart/") or kind == "application/x-www-form-urlencoded":
        raise UploadError(415, "send the file itself as the body, not a form: curl -T FILE -X POST URL")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UploadError(415, "send the file without Content-Encoding; a zip archive is fine")
    try:
        name = file_name(parameters.arquivo, disposition)
    except FileNameError as error:
        raise UploadError(422, str(error)) from None
    length = request.headers.get("content-length")
    return name, int(length) if length and length.isascii() and length.isdigit() else None


@router.get(
    "/v1/importacoes",
    response_model=ImportPage,
    responses=_UNAUTHORIZED | problems(422, 503),
    summary="The latest imports",
)
async def get_imports(imports: UseImports, parameters: Annotated[ListParameters, Query()]) -> Response:
    """Return the jobs of uploads, newest first, page by page."""
    rows = await imports.jobs.latest(parameters.limit + 1, parameters.before)
    items = [job_view(row) for row in rows[: parameters.limit]]
    more = items[-1]["id"] if len(rows) > parameters.limit else None
    return json_response({"items": items, "next_before": more}, headers=_NEVER_KEPT)


@router.get(
    "/v1/importacoes/{import_id}",
    response_model=ImportJob,
    responses=_UNAUTHORIZED | problems(404, 422, 503),
    summary="What becomes of an import",
)
async def get_import(import_id: JobId, imports: UseImports) -> Response:
    """Return a job: its state, how far it is, and what became of the file's features."""
    return json_response(job_view(await imports.jobs.one(import_id)), headers=_NEVER_KEPT)


@router.get(
    "/v1/importacoes/{import_id}/rejeitos",
    response_model=RejectPage,
    responses=_UNAUTHORIZED | problems(404, 422, 503),
    summary="Features that an import could not store",
)
async def get_rejects(
    import_id: JobId, imports: UseImports, parameters: Annotated[RejectParameters, Query()]
) -> Response:
    """Return the rejected features in the order of the file, each with its reason in Portuguese, page by page."""
    rows = await imports.jobs.rejects(import_id, parameters.after, parameters.limit + 1)
    items = rows[: parameters.limit]
    more = items[-1]["feature_index"] if len(rows) > parameters.limit else None
    return json_response({"items": items, "next_after": more}, headers=_NEVER_KEPT)


@router.get(
    "/v1/catalogo/{catalogo_id}/origem",
    response_model=EntryOrigin,
    responses=problems(404, 422, 503),
    summary="Where an entry came from",
)
async def get_origin(catalogo_id: CatalogoId, services: UseServices) -> Response:
    """Return the way back from an entry, and so from each of its geometries: feature, file, import and upload."""
    return json_response(origin_view(await origin(services.database, catalogo_id)))
