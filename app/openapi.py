"""The OpenAPI description, with what FastAPI cannot say by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.errors import PROBLEM_TYPE
from app.serial import JSON_TYPE

if TYPE_CHECKING:
    from fastapi import FastAPI

DESCRIPTION = """\
The catalogue of the farm Villa Canabrava: search, bounds and geometries of its layers.

Coordinates are longitude and latitude in degrees (EPSG:4326); times are RFC 3339 in UTC. Errors are problem details
(RFC 9457, `application/problem+json`). Every answer carries `X-Request-ID`, which leads to the request in the logs; a
caller may send its own. Routes under `/v1` stay compatible; changes that are not come under `/v2`.
"""

TAGS = [
    {"name": "catalogo", "description": "Search, and entries with their origin"},
    {"name": "bounds", "description": "Envelopes, from the nearest cache"},
    {"name": "geometrias", "description": "GeoJSON"},
    {"name": "importacoes", "description": "Files of features, loaded in the background; they need the import token"},
    {"name": "health", "description": "For operators: liveness, readiness, metrics"},
]

_PROBLEM = "#/components/schemas/Problem"
_UNUSED = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    """Describe errors under their own media type."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = describe()
            for path in schema["paths"].values():
                for operation in path.values():
                    _correct(operation["responses"])
            for name in _UNUSED:
                schema["components"]["schemas"].pop(name, None)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _correct(responses: dict[str, Any]) -> None:
    for response in responses.values():
        content: dict[str, Any] = response.get("content", {})
        for kind in list(content):
            if content[kind].get("schema", {}).get("$ref") == _PROBLEM:
                content[PROBLEM_TYPE] = content.pop(kind)
    content = responses.get("422", {}).get("content", {})
    if JSON_TYPE in content:
        content[PROBLEM_TYPE] = content.pop(JSON_TYPE)
        content[PROBLEM_TYPE] = {"schema": {"$ref": _PROBLEM}}
