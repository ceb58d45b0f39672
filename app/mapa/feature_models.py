"""A feature of the map as every route shows it; these models are the OpenAPI description."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel


class FeatureProperties(BaseModel):
    """The properties of a feature: what the catalogue knows of it, and where it came from."""

    catalogo_id: int
    nome: str
    descricao: str | None
    tipo: str
    categoria: str
    camada: str | None
    importacao_id: int | None
    arquivo: str | None
    feature_id: str | None
    feature_index: int | None
    importado_em: datetime | None
    is_valid: bool
    validity_error_msg: str | None
    created_at: datetime
    updated_at: datetime


class CatalogFeature(BaseModel):
    """A GeoJSON feature (RFC 7946)."""

    type: Literal["Feature"]
    id: int
    geometry: dict[str, Any]
    properties: FeatureProperties
