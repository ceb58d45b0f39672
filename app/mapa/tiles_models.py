"""What the documents of OGC API Tiles look like; these models are the OpenAPI description."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.mapa.collections import ALL, Collection
from app.mapa.ogc_models import HOST, Link
from app.mapa.tiles_documents import matrix_set, matrix_sets, tileset, tilesets

_FARM = Collection(ALL, "Todas as feições", None, 413, (-44.12, -17.35, -44.08, -17.31), None)


class TileLink(Link):
    """A link to another resource; `templated` where its address holds the place of a tile."""

    templated: bool | None = None


class TilesetItem(BaseModel):
    """A tileset, in short."""

    title: str
    dataType: Literal["vector"]  # noqa: N815 -- names of the standard, here and below
    crs: str
    tileMatrixSetURI: str  # noqa: N815
    links: list[TileLink]


class TilesetList(BaseModel):
    """The tilesets of a collection."""

    model_config = ConfigDict(json_schema_extra={"example": tilesets(HOST, _FARM)})

    tilesets: list[TilesetItem]
    links: list[TileLink]


class TileLayer(BaseModel):
    """A layer of the tiles."""

    id: str
    dataType: Literal["vector"]  # noqa: N815
    minTileMatrix: str  # noqa: N815
    maxTileMatrix: str  # noqa: N815
    propertiesSchema: dict[str, Any]  # noqa: N815


class TileBox(BaseModel):
    """Where the features lie, in degrees."""

    lowerLeft: Annotated[list[float], Field(min_length=2, max_length=2)]  # noqa: N815
    upperRight: Annotated[list[float], Field(min_length=2, max_length=2)]  # noqa: N815
    crs: str


class Tileset(TilesetItem):
    """A tileset: where its tiles are, what is in them, and where they lie; without features it has no box."""

    model_config = ConfigDict(json_schema_extra={"example": tileset(HOST, _FARM)})

    layers: list[TileLayer]
    boundingBox: TileBox | None = None  # noqa: N815


class TileMatrixSetItem(BaseModel):
    """A tile matrix set, in short."""

    id: str
    uri: str
    links: list[TileLink]


class TileMatrixSetList(BaseModel):
    """The tile matrix sets."""

    model_config = ConfigDict(json_schema_extra={"example": matrix_sets(HOST)})

    tileMatrixSets: list[TileMatrixSetItem]  # noqa: N815


class TileMatrix(BaseModel):
    """A zoom: its scale and how many tiles it has."""

    id: str
    scaleDenominator: float  # noqa: N815
    cellSize: float  # noqa: N815
    cornerOfOrigin: Literal["topLeft"]  # noqa: N815
    pointOfOrigin: Annotated[list[float], Field(min_length=2, max_length=2)]  # noqa: N815
    matrixWidth: int  # noqa: N815
    matrixHeight: int  # noqa: N815
    tileWidth: int  # noqa: N815
    tileHeight: int  # noqa: N815


class TileMatrixSet(BaseModel):
    """How the world is cut into tiles."""

    model_config = ConfigDict(json_schema_extra={"example": matrix_set()})

    id: str
    title: str
    uri: str
    crs: str
    orderedAxes: list[str]  # noqa: N815
    wellKnownScaleSet: str  # noqa: N815
    tileMatrices: list[TileMatrix]  # noqa: N815
