"""Catalogue entries and their geometries, read from Postgres."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import orjson

from app.errors import NotFoundError, ServiceError
from app.serial import dumps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database, Row
    from app.models import GeometryParameters

logger = logging.getLogger(__name__)

# Features are fetched in pages: a client that reads slowly holds neither a connection nor more than one page.
_PAGE = 200

_ENTRY = """
SELECT
    c.id, c.nome, c.descricao, c.tipo, c.status, c.criado_em, c.atualizado_em,
    o.importacao_id, i.arquivo, i.digest, i.formato, i.concluida_em AS importado_em,
    o.feature_id, o.feature_index, o.camada, o.categoria, o.reparo, o.atributos
FROM catalogo AS c
LEFT JOIN catalogo_origem AS o ON o.catalogo_id = c.id
LEFT JOIN importacoes AS i ON i.id = o.importacao_id
WHERE c.id = %(id)s::bigint
"""
_ENTRY_COLUMNS = ("id", "nome", "descricao", "tipo", "status", "criado_em", "atualizado_em")

_EXISTS = "SELECT true AS found FROM catalogo WHERE id = %(id)s::bigint"

_FEATURES = """
SELECT g.id, g.is_valid, g.validity_error_msg, g.created_at, g.updated_at, ST_AsGeoJSON(g.geom, 9) AS geometry
FROM catalogo_geometrias_particionada AS g
WHERE g.catalogo_id = %(id)s::bigint AND g.id > %(after)s::bigint
ORDER BY g.id
LIMIT %(limit)s::integer
"""


async def entry(database: Database, catalogo_id: int) -> dict[str, object]:
    """Return one entry with its origin (None for entries that no import made); raises NotFoundError."""
    row = await database.fetch_one(_ENTRY, {"id": catalogo_id})
    if row is None:
        raise NotFoundError(catalogo_id)
    found: dict[str, object] = {name: row.pop(name) for name in _ENTRY_COLUMNS}
    found["origem"] = row if row["importacao_id"] is not None else None
    return found


async def feature_collection(database: Database, catalogo_id: int, asked: GeometryParameters) -> AsyncIterator[bytes]:
    """Return the entry's features as the parts of one GeoJSON text, ordered by id.

    The first page is fetched before this returns, so that NotFoundError and an absent database still become an answer
    of their own. A failure later on ends the text early, without its closing brackets.
    """
    first = await _page(database, catalogo_id, asked.after, asked.limit)
    if not first and await database.fetch_one(_EXISTS, {"id": catalogo_id}) is None:
        raise NotFoundError(catalogo_id)
    return _text(database, catalogo_id, asked, first)


async def _page(database: Database, catalogo_id: int, after: int, wanted: int) -> list[Row]:
    # One more than wanted tells whether a page follows.
    limit = min(wanted + 1, _PAGE)
    return await database.fetch(_FEATURES, {"id": catalogo_id, "after": after, "limit": limit})


async def _text(
    database: Database, catalogo_id: int, asked: GeometryParameters, rows: list[Row]
) -> AsyncIterator[bytes]:
    yield b'{"type":"FeatureCollection","features":['
    sent, last = 0, asked.after
    more = False
    while rows:
        part = rows[: asked.limit - sent]
        text = b",".join(_feature(catalogo_id, row) for row in part)
        yield b"," + text if sent else text
        sent += len(part)
        last = part[-1]["id"]
        if len(part) < len(rows):
            more = True
            break
        # A short page is the last one.
        if len(rows) < min(asked.limit - (sent - len(part)) + 1, _PAGE):
            break
        try:
            rows = await _page(database, catalogo_id, last, asked.limit - sent)
        except ServiceError as error:
            logger.warning("features cut off", extra={"catalogo_id": catalogo_id, "sent": sent, "error": error.detail})
            raise
        if sent == asked.limit:
            more = bool(rows)
            break
    yield b'],"numberReturned":%d,"next_after":%s}' % (sent, b"%d" % last if more else b"null")


def _feature(catalogo_id: int, row: Row) -> bytes:
    return dumps(
        {
            "type": "Feature",
            "id": row["id"],
            "geometry": orjson.Fragment(row["geometry"]),
            "properties": {
                "catalogo_id": catalogo_id,
                "is_valid": row["is_valid"],
                "validity_error_msg": row["validity_error_msg"],
                "created_at": row["created_at"],
                "updated_at": row["updated_at"],
            },
        }
    )
