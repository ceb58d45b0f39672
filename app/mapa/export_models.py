"""What a download may be asked for."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.mapa.feature_models import CatalogFeature
from app.models import SearchParameters, Text

GEOPACKAGE_TYPE = "application/geopackage+sqlite3"
_NOW = "2026-03-01T12:00:00+00:00"


class ExportParameters(BaseModel):
    """Parameters of a download; without any, everything is in it."""

    model_config = ConfigDict(extra="forbid")

    categoria: Text | None = Field(
        None, description="only this category: the id of its collection, or as features have it", examples=["cercas"]
    )
    query: Text | None = Field(None, description="only what the catalogue's search finds", examples=["talhao"])
    tipo: Text | None = Field(None, description="only this type, spelt as the entries do", examples=["Pastagem"])

    def search(self, *, limit: int, offset: int) -> SearchParameters:
        """Return the search of the catalogue that this stands for."""
        return SearchParameters(query=self.query, tipo=self.tipo, only_geometric=True, limit=limit, offset=offset)


class Download(BaseModel):
    """A GeoJSON feature collection (RFC 7946); `numberReturned` comes last."""

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
                            "nome": "Talhão 3",
                            "descricao": None,
                            "tipo": "Pastagem",
                            "categoria": "PASTO",
                            "camada": "Pastos",
                            "importacao_id": 1,
                            "arquivo": "fazenda.json",
                            "feature_id": "42",
                            "feature_index": 41,
                            "importado_em": _NOW,
                            "is_valid": True,
                            "validity_error_msg": None,
                            "created_at": _NOW,
                            "updated_at": _NOW,
                        },
                    }
                ],
                "numberReturned": 1,
            }
        }
    )

    type: Literal["FeatureCollection"]
    features: list[CatalogFeature]
    numberReturned: int  # noqa: N815 -- the name OGC API Features gives it
