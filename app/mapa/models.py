"""What the map's own routes answer; these models are their OpenAPI description."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.mapa.feature_models import CatalogFeature, FeatureProperties

_NOW = "2026-03-01T12:00:00+00:00"
_BOX: list[JsonValue] = [-44.12, -17.35, -44.08, -17.31]

Extent = Annotated[list[float], Field(min_length=4, max_length=4)]


class MapLayer(BaseModel):
    """The features of a category."""

    id: str = Field(description="the id of its collection under `/ogc/collections`, and of its tiles")
    categoria: str = Field(description="the category as it stands in the features")
    grafias: list[str] = Field(description="every spelling of it that features have")
    nome: str = Field(description="the category for people")
    feicoes: int = Field(ge=0)
    extensao: Extent | None = Field(description="minx, miny, maxx, maxy in degrees")


class MapOverview(BaseModel):
    """What is on the map; without features `extensao` and `atualizado_em` are null."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "extensao": _BOX,
                "total": 1,
                "categorias": [
                    {
                        "id": "sem_categoria",
                        "categoria": "SEM_CATEGORIA",
                        "grafias": ["SEM_CATEGORIA"],
                        "nome": "Sem categoria",
                        "feicoes": 1,
                        "extensao": _BOX,
                    }
                ],
                "atualizado_em": _NOW,
            }
        }
    )

    extensao: Extent | None = Field(description="minx, miny, maxx, maxy in degrees")
    total: int = Field(ge=0)
    categorias: list[MapLayer]
    atualizado_em: datetime | None = Field(description="the latest change of an entry or of a geometry")


class MapFeatureProperties(FeatureProperties):
    """The same, and how large it is."""

    area_m2: float = Field(ge=0, description="area on the ellipsoid, square metres; 0 for lines and points")
    perimetro_m: float = Field(ge=0, description="perimeter of an area or length of a line on the ellipsoid, metres")


class MapFeature(CatalogFeature):
    """A GeoJSON feature (RFC 7946) with its box and its size."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "Feature",
                "id": 101,
                "bbox": _BOX,
                "geometry": {
                    "type": "MultiPolygon",
                    "coordinates": [
                        [[[-44.12, -17.35], [-44.12, -17.31], [-44.08, -17.31], [-44.08, -17.35], [-44.12, -17.35]]]
                    ],
                },
                "properties": {
                    "catalogo_id": 17,
                    "nome": "Talhão 3",
                    "descricao": None,
                    "tipo": "Pastagem",
                    "categoria": "SEM_CATEGORIA",
                    "camada": None,
                    "importacao_id": None,
                    "arquivo": None,
                    "feature_id": None,
                    "feature_index": None,
                    "importado_em": None,
                    "is_valid": True,
                    "validity_error_msg": None,
                    "created_at": _NOW,
                    "updated_at": _NOW,
                    "area_m2": 18813000.5,
                    "perimetro_m": 17349.4,
                },
            }
        }
    )

    bbox: Extent
    properties: MapFeatureProperties
