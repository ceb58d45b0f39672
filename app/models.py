"""What requests may hold and answers look like; these models are the OpenAPI description."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_BIGINT = 2**63 - 1
MAX_INTEGER = 2**31 - 1
_NOW = "2026-03-01T12:00:00+00:00"


def _storable(text: str) -> str:
    """Refuse what a Postgres text value cannot hold."""
    if "\x00" in text:
        raise ValueError("must not contain the character U+0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must not contain lone surrogates") from None
    return text


Text = Annotated[str, Field(max_length=200), AfterValidator(_storable)]


class SearchParameters(BaseModel):
    """Parameters of the search."""

    model_config = ConfigDict(extra="forbid")

    query: Text | None = Field(None, description="Portuguese words; accents may be left out", examples=["talhao"])
    tipo: Text | None = Field(None, description="only this type, spelt as the entries do", examples=["Pastagem"])
    only_geometric: bool = Field(default=False, description="only entries that have geometries", examples=[True])
    limit: int = Field(50, ge=1, le=500, description="the most entries to return", examples=[50])
    offset: int = Field(0, ge=0, le=MAX_INTEGER, description="how many entries to pass over", examples=[0])


class GeometryParameters(BaseModel):
    """Parameters of an entry's geometries."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(1000, ge=1, le=10_000, description="the most features to return", examples=[1000])
    after: int = Field(
        0,
        ge=0,
        le=MAX_BIGINT,
        description="only features with a greater id (`next_after` of the page before)",
        examples=[0],
    )


class Found(BaseModel):
    """A catalogue entry as the search finds it."""

    id: int
    nome: str
    descricao: str | None
    tipo: str
    status: str
    criado_em: datetime
    atualizado_em: datetime
    relevance_score: float | None
    geom_count: int
    valid_geometry_pct: float | None


class FoundPage(BaseModel):
    """A page of found entries, best first, then newest; `next_offset` is null on the last one."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "id": 17,
                        "nome": "Talhão 3",
                        "descricao": None,
                        "tipo": "Pastagem",
                        "status": "ativo",
                        "criado_em": _NOW,
                        "atualizado_em": _NOW,
                        "relevance_score": 0.61,
                        "geom_count": 1,
                        "valid_geometry_pct": 100.0,
                    }
                ],
                "limit": 50,
                "offset": 0,
                "next_offset": None,
            }
        }
    )

    items: list[Found]
    limit: int
    offset: int
    next_offset: int | None


class Origin(BaseModel):
    """Where an entry came from (rastreabilidade): the file, the feature in it, and what was repaired."""

    importacao_id: int
    arquivo: str
    digest: str = Field(description="SHA-256 of the file, in hexadecimal digits")
    formato: str
    importado_em: datetime | None
    feature_id: str
    feature_index: int
    camada: str | None
    categoria: str | None
    reparo: str | None = Field(description="what was repaired in the geometry, or null")
    atributos: dict[str, Any] | None


class CatalogEntry(BaseModel):
    """A catalogue entry with its origin; `origem` is null for entries that no import made."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 17,
                "nome": "Talhão 3",
                "descricao": None,
                "tipo": "Pastagem",
                "status": "ativo",
                "criado_em": _NOW,
                "atualizado_em": _NOW,
                "origem": {
                    "importacao_id": 1,
                    "arquivo": "fazenda.json",
                    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "formato": "ndjson",
                    "importado_em": _NOW,
                    "feature_id": "42",
                    "feature_index": 41,
                    "camada": "Pastos",
                    "categoria": "Pastagem",
                    "reparo": None,
                    "atributos": {"area_ha": 12.5},
                },
            }
        }
    )

    id: int
    nome: str
    descricao: str | None
    tipo: str
    status: str
    criado_em: datetime
    atualizado_em: datetime
    origem: Origin | None


class Bounds(BaseModel):
    """The envelope of all geometries of an entry, in degrees of EPSG:4326; null without geometries."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "catalogo_id": 17,
                "bbox": [-44.12, -17.35, -44.08, -17.31],
                "centroid": [-44.1, -17.33],
                "geometries": 1,
                "updated_at": _NOW,
            }
        }
    )

    catalogo_id: int
    bbox: Annotated[list[float], Field(min_length=4, max_length=4)] | None = Field(description="minx, miny, maxx, maxy")
    centroid: Annotated[list[float], Field(min_length=2, max_length=2)] | None = Field(description="lon, lat")
    geometries: int = Field(ge=0)
    updated_at: datetime | None


class NoParameters(BaseModel):
    """Routes that take none say so of a misspelt one."""

    model_config = ConfigDict(extra="forbid")


class Feature(BaseModel):
    """A GeoJSON feature (RFC 7946)."""

    type: Literal["Feature"]
    id: int
    geometry: dict[str, Any]
    properties: dict[str, Any]


class FeatureCollection(BaseModel):
    """A GeoJSON feature collection (RFC 7946); `next_after` is null on the last page."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "id": 101,
                        "geometry": {
                            "type": "MultiPolygon",
                            "coordinates": [[[[-44.1, -17.3], [-44.0, -17.3], [-44.0, -17.2], [-44.1, -17.3]]]],
                        },
                        "properties": {
                            "catalogo_id": 17,
                            "is_valid": True,
                            "validity_error_msg": None,
                            "created_at": _NOW,
                            "updated_at": _NOW,
                        },
                    }
                ],
                "numberReturned": 1,
                "next_after": None,
            }
        }
    )

    type: Literal["FeatureCollection"]
    features: list[Feature]
    numberReturned: int  # noqa: N815 -- the name OGC API Features gives it
    next_after: int | None


class Check(BaseModel):
    """What one part answered."""

    status: Literal["ok", "away"]
    milliseconds: float
    detail: str


class Readiness(BaseModel):
    """Whether the service can answer: `degraded` works on, slower, without Redis; `ending` is asked by nobody else."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ok",
                "checks": {
                    "postgres": {"status": "ok", "milliseconds": 0.8, "detail": "answers"},
                    "redis": {"status": "ok", "milliseconds": 0.3, "detail": "answers"},
                },
            }
        }
    )

    status: Literal["ok", "degraded", "unavailable", "ending"]
    checks: dict[str, Check]


class Liveness(BaseModel):
    """The process runs, and takes requests until it is `ending`."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok", "version": "1.0.0"}})

    status: Literal["ok", "ending"]
    version: str


class Mistake(BaseModel):
    """One refused value."""

    where: str
    message: str
    value: str


class Problem(BaseModel):
    """Problem details (RFC 9457); `request_id` finds the request in the logs."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Unprocessable Content",
                "status": 422,
                "detail": "query.limit: Input should be less than or equal to 500",
                "instance": "/v1/catalogo",
                "request_id": "6f1f9d0c2b7e4c6f9d0c2b7e4c6f1f9d",
                "errors": [
                    {
                        "where": "query.limit",
                        "message": "Input should be less than or equal to 500",
                        "value": "9999",
                    }
                ],
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[Mistake] | None = None
