"""JSON as the service writes it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_TYPE = "application/json"
GEOJSON_TYPE = "application/geo+json"


def dumps(value: object) -> bytes:
    """Return the value as JSON: times in RFC 3339, Postgres' numeric as a number."""
    return orjson.dumps(value, default=_default)


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return the value as a JSON response."""
    return Response(dumps(value), status, headers, media_type=JSON_TYPE)


def _default(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
