"""What can go wrong, as exceptions, and how a client is told: problem details (RFC 9457)."""

from __future__ import annotations

import http
from typing import TYPE_CHECKING, Any

import orjson
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.logs import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapi import APIRouter, FastAPI
    from starlette.requests import Request

PROBLEM_TYPE = "application/problem+json"
_SHOWN_CHARACTERS = 100
# Where what is malformed is 400 and not 422: there the standard says so (OGC API).
STANDARD_PATH = "/ogc"


class ServiceError(Exception):
    """A foreseeable failure with its HTTP status; `detail` is written for the client."""

    status = 500

    def __init__(self, detail: str, retry_after: int | None = None) -> None:
        """`retry_after` is in seconds."""
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class DatabaseUnavailableError(ServiceError):
    """Postgres cannot be asked now."""

    status = 503


class QueryTooSlowError(ServiceError):
    """A statement took longer than it may."""

    status = 503

    def __init__(self, retry_after: int) -> None:
        """The detail is always the same."""
        super().__init__("the query took too long; ask for less or try again later", retry_after)


class InvalidValueError(ServiceError):
    """Postgres refused a value."""

    status = 422


class NotFoundError(ServiceError):
    """There is no such catalogue entry."""

    status = 404

    def __init__(self, catalogo_id: int) -> None:
        """Name the id that was asked for."""
        super().__init__(f"no catalogue entry has the id {catalogo_id}")


def problem_body(
    status: int, detail: str, *, path: str, request_id: str, errors: Sequence[Mapping[str, str]] | None = None
) -> bytes:
    """Build the text of a problem."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": clean(detail),
        "instance": clean(path),
        "request_id": request_id,
    }
    if errors is not None:
        body["errors"] = errors
    return orjson.dumps(body)


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] | None = None,
) -> Response:
    """Build the problem response of a request."""
    request_id = getattr(request.state, "request_id", "")
    body = problem_body(status, detail, path=request.url.path, request_id=request_id, errors=errors)
    return Response(body, status, dict(headers or {}), PROBLEM_TYPE)


def problem_of(request: Request, error: ServiceError) -> Response:
    """Build the problem response of a foreseeable failure."""
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else None
    status = malformed_status(request.url.path) if isinstance(error, InvalidValueError) else error.status
    return problem(request, status, error.detail, headers=headers)


def malformed_status(path: str) -> int:
    """Return the status of a request that is malformed."""
    standard = path == STANDARD_PATH or path.startswith(f"{STANDARD_PATH}/")
    return http.HTTPStatus.BAD_REQUEST if standard else InvalidValueError.status


async def _service_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, ServiceError):
        raise error
    return problem_of(request, error)


class _HttpErrors:
    """Answers what the framework refuses; 405 names every method of the path, not only those of one of its routes."""

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        self._routes = [
            (route.path_regex, route.methods or set())
            for router in routers
            for route in router.routes
            if isinstance(route, APIRoute)
        ]

    async def __call__(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        headers = dict(error.headers or {})
        detail = str(error.detail)
        if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
            path = request.url.path
            allowed = {method for pattern, methods in self._routes if pattern.match(path) for method in methods}
            if allowed:
                headers["Allow"] = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
            detail = f"allowed here: {headers.get('Allow', 'nothing')}"
        return problem(request, error.status_code, detail, headers=headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = [
        {
            "where": ".".join(clean(str(part)) for part in detail["loc"]),
            "message": clean(str(detail["msg"])),
            "value": clean(str(detail.get("input", "")))[:_SHOWN_CHARACTERS],
        }
        for detail in error.errors()
    ]
    first = "; ".join(f"{item['where']}: {item['message']}" for item in found[:3])
    status = malformed_status(request.url.path)
    if status != InvalidValueError.status and any(detail["loc"][0] == "path" for detail in error.errors()):
        status = http.HTTPStatus.NOT_FOUND  # whatever has such a name, it is not there
    return problem(request, status, first or "invalid request", errors=found)


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Answer every error of the app as a problem; `routers` hold its routes."""
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(HTTPException, _HttpErrors(routers))
    app.add_exception_handler(RequestValidationError, _validation_error)
