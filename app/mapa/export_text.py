"""Downloads as text, made while they are sent: GeoJSON and CSV."""

from __future__ import annotations

import csv
import io
import logging
import re
from typing import TYPE_CHECKING

from app.errors import ServiceError
from app.mapa.export import COLUMNS
from app.mapa.geojson import feature
from app.mapa.view import GEOMETRY
from app.serial import dumps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Row

logger = logging.getLogger(__name__)

# Rings as RFC 7946 has them; 15 digits give back each coordinate as it is stored.
GEOJSON_GEOMETRY = f"ST_AsGeoJSON(ST_ForcePolygonCCW({GEOMETRY}), 15)"
WKT_GEOMETRY = f"ST_AsText({GEOMETRY}, 15)"
WKT = "WKT"
"""The column of the geometry in CSV; under this name GDAL and QGIS take it for one."""

_PIECE_BYTES = 64 * 1024
# A spreadsheet runs a cell that begins so; where `;` separates cells, as in Brazil, one may begin after that too.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=')")


async def geojson(pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """Give a feature collection (RFC 7946); what fails on the way ends it without its closing brackets."""
    yield b'{"type":"FeatureCollection","features":['
    sent = 0
    async for rows in _told(pages):
        text = b",\n".join([feature(row) for row in rows])
        for piece in _pieces(b",\n" + text if sent else text):
            yield piece
        sent += len(rows)
    yield b'],"numberReturned":%d}\n' % sent


async def comma_separated(pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """Give CSV (RFC 4180, UTF-8) with a header; times are RFC 3339, what is not known is empty.

    Texts that a spreadsheet would take for a formula have an apostrophe before it, and so have those that begin with
    one, so that it can be taken away again.
    """
    yield _lines([[*(column.name for column in COLUMNS), WKT]])
    async for rows in _told(pages):
        lines = [[*(_cell(row[column.name]) for column in COLUMNS), row["geometry"]] for row in rows]
        for piece in _pieces(_lines(lines)):
            yield piece


def safe(text: str) -> str:
    """Return the text as one that no spreadsheet runs."""
    return _FORMULA.sub(r"\1'", text)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe(value)
    # Numbers and instants as in JSON.
    return dumps(value).decode().strip('"')


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _pieces(text: bytes) -> list[bytes]:
    """Cut a text so that compressing a piece takes no longer than others may wait."""
    return [text[first : first + _PIECE_BYTES] for first in range(0, len(text), _PIECE_BYTES)]


async def _told(pages: AsyncIterator[list[Row]]) -> AsyncIterator[list[Row]]:
    """Pass the pages on, and log what ends them early: the client only sees its connection cut."""
    sent = 0
    try:
        async for rows in pages:
            yield rows
            sent += len(rows)
    except ServiceError as error:
        logger.warning("download cut off", extra={"sent": sent, "error": error.detail})
        raise
