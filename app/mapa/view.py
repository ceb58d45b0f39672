"""What the map reads: the view v_mapa_feicoes, its columns declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["integer", "text", "boolean", "instant"]

VIEW = "v_mapa_feicoes"
GEOMETRY = "geom"
CATEGORY = "categoria"
INSTANT = "created_at"
"""The time that a request for features of a time means."""

NO_CATEGORY = "SEM_CATEGORIA"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a feature shows as a property: its name in the view, what it holds, and what it means."""

    name: str
    kind: Kind
    title: str
    nullable: bool = False


SCHEMAS: dict[Kind, dict[str, str]] = {
    "integer": {"type": "integer"},
    "text": {"type": "string"},
    "boolean": {"type": "boolean"},
    "instant": {"type": "string", "format": "date-time"},
}
"""What a column holds, as a JSON schema."""

IDENTITY = Column("id", "integer", "number of the geometry")
PROPERTIES = (
    Column("catalogo_id", "integer", "number of the catalogue entry"),
    Column("nome", "text", "name of the entry"),
    Column("descricao", "text", "description of the entry", nullable=True),
    Column("tipo", "text", "type of the entry"),
    Column(CATEGORY, "text", "category of the feature in its file"),
    Column("camada", "text", "layer of the feature in its file", nullable=True),
    Column("importacao_id", "integer", "number of the import that brought it", nullable=True),
    Column("arquivo", "text", "name of the file it came from", nullable=True),
    Column("feature_id", "text", "identifier of the feature in its file", nullable=True),
    Column("feature_index", "integer", "position of the feature in its file, from 0", nullable=True),
    Column("importado_em", "instant", "when the import was complete", nullable=True),
    Column("is_valid", "boolean", "whether the geometry is valid"),
    Column("validity_error_msg", "text", "why the geometry is not valid", nullable=True),
    Column(INSTANT, "instant", "when the geometry came to be"),
    Column("updated_at", "instant", "when the geometry was last changed"),
)
QUERYABLES = {column.name: column for column in (IDENTITY, *PROPERTIES)}

# Nine digits of a degree are a tenth of a millimetre.
SELECTED = ", ".join([*QUERYABLES, f"ST_AsGeoJSON({GEOMETRY}, 9) AS geometry"])
