"""Addresses of the map's resources, and links between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.serial import GEOJSON_TYPE, JSON_TYPE

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.settings import Settings

ROOT = "/ogc"
COLLECTIONS = f"{ROOT}/collections"

JSON = JSON_TYPE
GEOJSON = GEOJSON_TYPE
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
HTML = "text/html"

FEATURES = "http://www.opengis.net/spec/ogcapi-features"
CQL2 = "http://www.opengis.net/spec/cql2"
CONFORMANCE = "conformance"
ITEMS = "items"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"

# A request names the host as it likes; what is none makes no link.
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)

Links = list[dict[str, str]]


def collection_path(name: str) -> str:
    """Return the path of a collection."""
    return f"{COLLECTIONS}/{name}"


def base(request: Request, settings: Settings) -> str:
    """Return the address of this service as clients know it: as it was told, or as the request names it.

    Links are whole addresses, since some clients, QGIS among them, do not resolve others.
    """
    if settings.public_url is not None:
        return settings.public_url
    host = request.headers.get("host", "")
    return f"{request.scope['scheme']}://{host}" if _HOST.fullmatch(host) else ""


def link(rel: str, href: str, kind: str = JSON, title: str | None = None) -> dict[str, str]:
    """Return a link."""
    found = {"rel": rel, "href": href, "type": kind}
    return found if title is None else {**found, "title": title}


def with_parameter(request: Request, name: str, value: object) -> str:
    """Return the query of a request with one parameter set anew."""
    others = [(key, text) for key, text in request.query_params.multi_items() if key != name]
    return urlencode([*others, (name, str(value))])
