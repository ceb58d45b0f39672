"""The search over the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.db import Database, Row
    from app.models import SearchParameters

_SEARCH = """
SELECT id, nome, descricao, tipo, status, criado_em, atualizado_em, relevance_score, geom_count, valid_geometry_pct
FROM search_catalogo_indexed(
    %(query)s::text, %(tipo)s::text, %(only_geometric)s::boolean, %(limit)s::integer, %(offset)s::integer
)
"""


async def search(database: Database, asked: SearchParameters) -> dict[str, object]:
    """Return a page of entries (`items`, `limit`, `offset`, `next_offset`), best first."""
    query = asked.query.strip() if asked.query else None
    # One more than asked for tells whether there is a next page, without counting everything that matches.
    rows: list[Row] = await database.fetch(
        _SEARCH,
        {
            "query": query or None,
            "tipo": asked.tipo or None,
            "only_geometric": asked.only_geometric,
            "limit": asked.limit + 1,
            "offset": asked.offset,
        },
    )
    more = len(rows) > asked.limit
    return {
        "items": rows[: asked.limit],
        "limit": asked.limit,
        "offset": asked.offset,
        "next_offset": asked.offset + asked.limit if more else None,
    }
