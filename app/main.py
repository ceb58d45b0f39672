"""The ASGI application of the catalogue service."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi_offline import FastAPIOffline
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES

from app import errors, openapi
from app.api import (
    bounds,
    catalogo,
    exportacao,
    geometrias,
    health,
    importacoes,
    kpis,
    mapa,
    ogc,
    pages,
    tiles,
    tilesets,
)
from app.assets import Assets
from app.compression import Compression
from app.conditional import COMPRESSED_FROM_BYTES, Conditional
from app.fast import FastBounds
from app.journal import Journal
from app.mapa.export_models import GEOPACKAGE_TYPE
from app.middleware import Envelope
from app.modules import STATIC_URL
from app.services import Services
from app.settings import Settings, load_settings, unknown_variables

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

logger = logging.getLogger(__name__)

# A request is held against each in turn: first those that a map asks for by the dozen.
_ROUTES = (tiles, ogc, catalogo, bounds, geometrias, mapa, exportacao, importacoes, kpis, tilesets, health, pages)


def create_app(settings: Settings | None = None) -> FastBounds:
    """Build the app; settings are read from the process when none are given (SettingsError if they are wrong).

    Its attribute `api` is the FastAPI application behind the short way for bounds.
    """
    services = Services.make(settings or load_settings())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for name in unknown_variables():
            logger.warning("%s is no setting of this service: ignored", name)
        await services.start()
        try:
            yield
        finally:
            await services.stop()

    app: FastAPI = FastAPIOffline(
        docs_url=None,
        redoc_url=None,
        static_url=pages.DOCS_STATIC_URL,
        title="Mundo Virtual",
        version=services.settings.version,
        description=openapi.DESCRIPTION,
        openapi_tags=openapi.TAGS,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.services = services
    routers = [module.router for module in _ROUTES]
    for router in routers:
        app.include_router(router)
    app.mount(STATIC_URL, Assets(directory=pages.WEB / "static"), name="static")
    pages.prepare_docs(app)
    errors.install(app, routers)
    openapi.install(app, routers)
    app.add_middleware(Conditional)
    app.add_middleware(
        Compression,
        minimum_size=COMPRESSED_FROM_BYTES,
        compresslevel=5,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, GEOPACKAGE_TYPE),
    )
    journal = Journal(services.metrics)
    mounts = (STATIC_URL, pages.DOCS_STATIC_URL, str(app.openapi_url))
    app.add_middleware(Envelope, metrics=services.metrics, journal=journal, mounts=mounts)
    # Before everything of the framework, whose layers alone take longer than an answer from memory.
    return FastBounds(app, services, journal)
