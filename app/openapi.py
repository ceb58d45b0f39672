"""The OpenAPI description, with what FastAPI cannot say by itself."""

from __future__ import annotations

import http
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.errors import PROBLEM_TYPE, STANDARD_PATH, InvalidValueError, malformed_status
from app.serial import JSON_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import APIRouter, FastAPI

DESCRIPTION = """\
The catalogue of the farm Villa Canabrava: search, bounds and geometries of its layers.

Coordinates are longitude and latitude in degrees (EPSG:4326); times are RFC 3339 in UTC. Errors are problem details
(RFC 9457, `application/problem+json`). Every answer carries `X-Request-ID`, which leads to the request in the logs; a
caller may send its own. Answers to GET have an `ETag`: send it as `If-None-Match`, and an answer that is still the same
is a short 304. Routes under `/v1` stay compatible; changes that are not come under `/v2`.
"""

TAGS = [
    {"name": "catalogo", "description": "Search, and entries with their origin"},
    {"name": "bounds", "description": "Envelopes, from the nearest cache"},
    {"name": "geometrias", "description": "GeoJSON"},
    {"name": "importacoes", "description": "Files of features, loaded in the background; they need the import token"},
    {"name": "kpis", "description": "Targets and whether they are met, over time; alerts and services"},
    {"name": "mapa", "description": "What the map page shows"},
    {"name": "exportacao", "description": "Downloads with where each feature came from"},
    {
        "name": "ogc",
        "description": "OGC API Features, for QGIS, GDAL and the like: `/ogc` is the address to give to them",
    },
    {"name": "tiles", "description": "OGC API Tiles: the map as vector tiles"},
    {"name": "health", "description": "For operators: liveness, readiness, metrics"},
]

_PROBLEM = "#/components/schemas/Problem"
_VERSIONED = ("/v1/", STANDARD_PATH)
_FAULT = "an unexpected error; the request id leads to it in the logs"
_KEPT = {
    "ETag": {
        "description": "the answer's validator, for `If-None-Match`; large collections, which are streamed, have none",
        "schema": {"type": "string"},
    },
    "Cache-Control": {"description": "how long the answer holds without asking", "schema": {"type": "string"}},
}
_UNUSED = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Describe errors under their own media type with an example each, and what every answer has."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = describe()
            for path, item in schema["paths"].items():
                for method, operation in item.items():
                    if path.startswith(_VERSIONED):
                        _add_what_all_have(method, operation)
                        _rename_malformed(path, operation["responses"])
                    _correct(operation["responses"], _example_path(path, operation))
            _restore_examples(routers, schema["components"]["schemas"])
            for name in _UNUSED:
                schema["components"]["schemas"].pop(name, None)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _restore_examples(routers: Iterable[APIRouter], schemas: dict[str, Any]) -> None:
    """Put back what FastAPI leaves out of examples: every null."""
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute):
            for model in (route.response_model, *(answer.get("model") for answer in route.responses.values())):
                if isinstance(model, type) and issubclass(model, BaseModel):
                    extra = model.model_config.get("json_schema_extra")
                    if isinstance(extra, dict) and "example" in extra:
                        schemas[model.__name__]["example"] = extra["example"]


def _add_what_all_have(method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.setdefault("500", {"description": _FAULT, "content": {JSON_TYPE: {"schema": {"$ref": _PROBLEM}}}})
    if method == "get" and not operation.get("security"):
        responses["200"].setdefault("headers", {}).update(_KEPT)
        responses["304"] = {"description": "what the client has (`If-None-Match`) still holds", "headers": dict(_KEPT)}


def _rename_malformed(path: str, responses: dict[str, Any]) -> None:
    usual, here = str(InvalidValueError.status), str(int(malformed_status(path)))
    if usual in responses:
        responses[here] = responses.pop(usual)


def _correct(responses: dict[str, Any], path: str) -> None:
    for status, response in responses.items():
        content: dict[str, Any] = response.get("content", {})
        for kind in list(content):
            name = content[kind].get("schema", {}).get("$ref", "").rpartition("/")[2]
            if name == "Problem" or name in _UNUSED:
                del content[kind]
                example = _example(int(status), response["description"], path)
                content[PROBLEM_TYPE] = {"schema": {"$ref": _PROBLEM}, "example": example}


def _example_path(path: str, operation: dict[str, Any]) -> str:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["schema"]["examples"][0]))
    return path


def _example(status: int, detail: str, path: str) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": path,
        "request_id": "6f1f9d0c2b7e4c6f9d0c2b7e4c6f1f9d",
    }
    if status == malformed_status(path):
        value, rule = (
            ("0", "greater than or equal to 1")
            if path.startswith(STANDARD_PATH)
            else ("9999", "less than or equal to 500")
        )
        wrong = f"Input should be {rule}"
        example["detail"] = f"query.limit: {wrong}"
        example["errors"] = [{"where": "query.limit", "message": wrong, "value": value}]
    return example
