"""What a request for features may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from app.mapa.boxes import boxes
from app.mapa.times import span
from app.models import MAX_BIGINT

if TYPE_CHECKING:
    from collections.abc import Callable

Crs84 = Literal["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
CRS84: Crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
MAX_FILTER = 8192

# GDAL says "cql-text", the draft's name, and means what both have in common.
FilterLanguage = Literal["cql2-text", "cql2-json", "cql-text"]


def _readable(read: Callable[[str], object]) -> Callable[[str], str]:
    def check(text: str) -> str:
        read(text)
        return text

    return check


def _short(text: str) -> str:
    if len(text) > MAX_FILTER:
        raise ValueError(f"is longer than {MAX_FILTER} characters")
    return text


def _text(name: str) -> WithJsonSchema:
    # What such a text may be, no schema says; those who make them up know it by this name.
    return WithJsonSchema({"type": "string", "format": name})


Bbox = Annotated[str, AfterValidator(_readable(boxes)), _text("ogc-bbox")]
Datetime = Annotated[str, AfterValidator(_readable(span)), _text("ogc-datetime")]
Filter = Annotated[str, AfterValidator(_short), _text("ogc-cql2")]


class ItemsParameters(BaseModel):
    """Parameters of a page of features."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(
        DEFAULT_LIMIT,
        ge=1,
        description=f"the most features to return; above {MAX_LIMIT} it counts as {MAX_LIMIT}",
        examples=[100],
    )
    after: int = Field(
        0, ge=0, le=MAX_BIGINT, description="only features with a greater id: what the link `next` holds", examples=[0]
    )
    bbox: Bbox | None = Field(
        None,
        description="only features that meet the box: west,south,east,north in degrees",
        examples=["-44.2,-17.4,-43.9,-17.1"],
    )
    datetime: Datetime | None = Field(
        None,
        description="only features whose `created_at` lies in the time: an instant, a day, or an interval `from/to`"
        " with `..` for an open end",
        examples=["2026-01-01T00:00:00Z/.."],
    )
    filter: Filter | None = Field(
        None,
        description=f"only features for which this CQL2 expression is true; {MAX_FILTER} characters at most",
        examples=["tipo = 'Pastagem' AND is_valid = TRUE"],
    )
    filter_lang: FilterLanguage = Field(
        "cql2-text",
        alias="filter-lang",
        description="language of the filter; `cql-text` is read as `cql2-text`",
        examples=["cql2-text"],
    )
    filter_crs: Crs84 = Field(
        CRS84, alias="filter-crs", description="coordinates of the filter's geometries", examples=[CRS84]
    )
    bbox_crs: Crs84 = Field(CRS84, alias="bbox-crs", description="coordinates of the box", examples=[CRS84])
    crs: Crs84 = Field(CRS84, description="coordinates of the answer", examples=[CRS84])
