"""The description of the OGC routes in OpenAPI 3.0: the framework writes 3.1, which its clients do not read.

Paths are those of the standard, beside a server that ends in `/ogc`: GDAL looks there for what it may filter by.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from app.mapa.links import OPENAPI, ROOT
from app.mapa.ogc_parameters import MAX_LIMIT
from app.serial import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

Json = dict[str, Any]

_NAMES = {"collection_id": "collectionId", "feature_id": "featureId"}
_REFERENCE = "#/components/schemas/"
_LISTS = ("allOf", "anyOf", "oneOf")
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def document(app: FastAPI, base: str) -> Response:
    """Return the description, for a service at that address."""
    return Response(dumps(described(app.openapi(), base)), media_type=OPENAPI)


def described(whole: Mapping[str, Any], base: str) -> Json:
    """Return the part of an OpenAPI 3.1 description that is under `/ogc`, in OpenAPI 3.0."""
    paths = {
        _renamed(path.removeprefix(ROOT)) or "/": _item(item)
        for path, item in whole["paths"].items()
        if path == ROOT or path.startswith(f"{ROOT}/")
    }
    return {
        "openapi": "3.0.3",
        "info": whole["info"],
        "servers": [{"url": f"{base}{ROOT}"}],
        "tags": [tag for tag in whole.get("tags", ()) if _used(tag["name"], paths)],
        "paths": paths,
        "components": {
            "schemas": _needed(paths, whole["components"]["schemas"]),
            # QGIS looks here for how large its pages may be.
            "parameters": {"limit": _limit(paths)},
        },
    }


def _used(tag: str, paths: Json) -> bool:
    return any(tag in operation.get("tags", ()) for item in paths.values() for operation in item.values())


def _renamed(text: str) -> str:
    for ours, theirs in _NAMES.items():
        text = text.replace(f"{{{ours}}}", f"{{{theirs}}}")
    return text


def _item(item: Mapping[str, Any]) -> Json:
    return {method: _operation(operation) for method, operation in item.items()}


def _operation(operation: Mapping[str, Any]) -> Json:
    found = copy.deepcopy(dict(operation))
    for parameter in found.get("parameters", ()):
        parameter["name"] = _NAMES.get(parameter["name"], parameter["name"])
        parameter["schema"] = schema(parameter["schema"])
    for answer in found["responses"].values():
        for media in answer.get("content", {}).values():
            media["schema"] = schema(media.get("schema", {}))
        for header in answer.get("headers", {}).values():
            header["schema"] = schema(header.get("schema", {}))
    return found


def _limit(paths: Json) -> Json:
    parameters = paths["/collections/{collectionId}/items"]["get"]["parameters"]
    limit: Json = copy.deepcopy(next(one for one in parameters if one["name"] == "limit"))
    limit["schema"]["maximum"] = MAX_LIMIT
    return limit


def _needed(paths: Json, schemas: Mapping[str, Any]) -> Json:
    """Return the schemas that the paths lead to."""
    found: Json = {}
    wanted = _references(paths)
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = schema(schemas[name])
            wanted |= _references(found[name])
    return dict(sorted(found.items()))


def _references(node: object) -> set[str]:
    if isinstance(node, list):
        return set[str]().union(*(_references(part) for part in node))
    if not isinstance(node, dict):
        return set()
    found = set[str]().union(*(_references(part) for name, part in node.items() if name != "example"))
    reference = node.get("$ref")
    return found | {reference.removeprefix(_REFERENCE)} if isinstance(reference, str) else found


def schema(node: Json) -> Json:
    """Return a schema of OpenAPI 3.1 (JSON Schema) in the words of OpenAPI 3.0."""
    if "$ref" in node:
        others = schema({name: part for name, part in node.items() if name != "$ref"})
        alone = {"$ref": node["$ref"]}
        return {"allOf": [alone], **others} if others else alone
    found = _words(node)
    for name in _LISTS:
        if name in found:
            _without_null(found, name)
    if isinstance(found.get("properties"), dict):
        found["properties"] = {name: schema(part) for name, part in found["properties"].items()}
    for name in ("items", "additionalProperties", "not"):
        if isinstance(found.get(name), dict):
            found[name] = schema(found[name])
    return found


def _words(node: Json) -> Json:
    found = {name: part for name, part in node.items() if name not in {"examples", "const", *_BOUNDS}}
    if "const" in node:
        found["enum"] = [node["const"]]
    if node.get("examples"):
        found.setdefault("example", node["examples"][0])
    for ours, theirs in _BOUNDS.items():
        if ours in node:
            found |= {theirs: node[ours], ours: True}
    return found


def _without_null(found: Json, name: str) -> None:
    """Put `nullable` in the place of a choice that is null, and a lone choice in the place of the list."""
    given = found.pop(name)
    choices = [schema(part) for part in given if part != {"type": "null"}]
    if len(choices) < len(given):
        found["nullable"] = True
    if len(choices) == 1 and "$ref" not in choices[0]:
        for key, part in choices[0].items():
            found.setdefault(key, part)
    elif choices:
        found["allOf" if len(choices) == 1 else name] = choices
