"""Pages for people: the map, the status page, the guides and the API's documentation, all served from here."""

import base64
import hashlib
import re
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.api.common import UseServices
from app.guides import GUIDES, HELP, content
from app.mapa.links import base
from app.modules import STATIC_URL, preloading

WEB = Path(__file__).parent.parent / "web"
DOCS_STATIC_URL = "/docs-static"

router = APIRouter(include_in_schema=False)

# Scripts and styles are files of this service, and what they ask for is here too.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
# The map reads its tiles in workers.
_MAP_POLICY = f"{_PAGE_POLICY}; worker-src 'self'"


def _page(file: str, path: str) -> bytes:
    """Put the header that all pages share into a page, where the link to itself says so, and name its modules."""
    header = (WEB / "header.html").read_text()
    link = f'\n<a href="{path}"'
    before, nav, links = header.partition("<nav")
    marked = links.replace(link, f'{link} aria-current="page"')
    page = (WEB / file).read_text().replace("<!-- header -->\n", f"{before}{nav}{marked}")
    return preloading(page, WEB / "static").encode()


_INDEX = _page("index.html", "/")
_STATUS = _page("status.html", "/status")
_HELP = _page("help.html", HELP).decode()
_GUIDES = {guide.path.removeprefix(HELP).removeprefix("/"): guide for guide in GUIDES}


@router.get("/")
async def index() -> Response:
    """Return the map."""
    return HTMLResponse(_INDEX, headers={"Content-Security-Policy": _MAP_POLICY})


@router.get("/status")
async def status() -> Response:
    """Return the page of the KPIs, alerts and services."""
    return HTMLResponse(_STATUS, headers={"Content-Security-Policy": _PAGE_POLICY})


@router.get(HELP)
@router.get(f"{HELP}/{{name}}")
async def guide(request: Request, services: UseServices, name: str = "") -> Response:
    """Return a guide; the map's is the one without a name."""
    found = _GUIDES.get(name)
    if found is None:
        raise HTTPException(404, f"there is no guide {name}: {HELP} is the map's, {HELP}/qgis that of map programs")
    text = content(found, base(request, services.settings))
    page = _HELP.replace("<!-- language -->", found.language).replace("<!-- guide -->\n", text)
    return HTMLResponse(page, headers={"Content-Security-Policy": _PAGE_POLICY})


@router.get("/favicon.ico")
async def favicon() -> Response:
    """Return the icon that browsers ask for by themselves."""
    return Response(_ICON, media_type="image/svg+xml")


_ICON = (WEB / "static" / "favicon.svg").read_bytes()


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Return Swagger UI."""
    page, policy = request.app.state.docs
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def prepare_docs(app: FastAPI) -> None:
    """Make the documentation page once; its one inline script is allowed by its hash, and nothing from elsewhere."""
    page = bytes(
        get_swagger_ui_html(
            openapi_url=app.openapi_url or "/openapi.json",
            title=f"{app.title} · API",
            swagger_js_url=f"{DOCS_STATIC_URL}/swagger-ui-bundle.js",
            swagger_css_url=f"{DOCS_STATIC_URL}/swagger-ui.css",
            swagger_favicon_url=f"{STATIC_URL}/favicon.svg",
            # Without null the page asks a validator on the internet.
            swagger_ui_parameters={"validatorUrl": None, "displayRequestDuration": True, "tryItOutEnabled": True},
        ).body
    )
    scripts = re.findall(rb"<script>(.*?)</script>", page, flags=re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in scripts)
    # Swagger UI sets style attributes and draws its icons from data URLs.
    policy = (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    app.state.docs = (page, policy)
