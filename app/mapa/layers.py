"""What is on the map, for the page that shows it: layers by category, how many features, and where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import DatabaseUnavailableError, QueryTooSlowError
from app.mapa.collections import ALL
from app.serial import dumps

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database
    from app.mapa.collections import Collection, Collections, Overview
    from app.mapa.version import Watch

_UPDATED = """
SELECT max(greatest(entry.last_updated, entry.atualizado_em)) AS atualizado_em
FROM catalogo_summary AS entry
WHERE entry.is_active AND entry.geom_count > 0
"""
_AWAY = (DatabaseUnavailableError, QueryTooSlowError)


class Layers:
    """The overview of the map as JSON, made anew when the data have changed."""

    def __init__(self, database: Database, watch: Watch, collections: Collections) -> None:
        """Nothing is read before somebody asks."""
        self._database = database
        self._watch = watch
        self._collections = collections
        self._seen: Overview | None = None
        self._made: tuple[Overview, bytes] | None = None

    async def overview(self) -> tuple[Overview, bool]:
        """Return the collections, and whether they may be old because Postgres is away."""
        if await self._watch.now() is None and self._seen is not None:
            return self._seen, True
        try:
            self._seen = await self._collections.overview()
        except _AWAY:
            if self._seen is None:
                raise
            return self._seen, True
        return self._seen, False

    async def get(self) -> tuple[bytes, bool]:
        """Return the overview of the map, and whether it may be old because Postgres is away."""
        overview, stale = await self.overview()
        made = self._made
        if made is not None and (stale or made[0] is overview):
            return made[1], stale
        try:
            row = await self._database.fetch_one(_UPDATED, {})
        except _AWAY:
            if made is None:
                raise
            return made[1], True
        body = _text(overview, row["atualizado_em"] if row else None)
        self._made = (overview, body)
        return body, stale


def _text(overview: Overview, updated: datetime | None) -> bytes:
    total = overview.collection(ALL)
    layers = [_layer(one) for one in overview.collections.values() if one.id != ALL]
    return dumps(
        {"extensao": total.extent, "total": total.features, "categorias": layers, "atualizado_em": updated},
    )


def _layer(one: Collection) -> dict[str, object]:
    spellings = one.categories or ()
    return {
        "id": one.id,
        "categoria": spellings[0],
        "grafias": spellings,
        "nome": one.title,
        "feicoes": one.features,
        "extensao": one.extent,
    }
