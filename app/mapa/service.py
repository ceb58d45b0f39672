"""The parts of the map, which its routes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.mapa.collections import ALL, Collections
from app.mapa.counts import Counts
from app.mapa.export_file import Desk, Limits
from app.mapa.layers import Layers
from app.mapa.tiles import Tiles
from app.mapa.version import Watch

if TYPE_CHECKING:
    from app.db import Database
    from app.settings import Settings

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MapService:
    """The version of the data, and what is kept while it stays; and the desk of the downloads."""

    watch: Watch
    collections: Collections
    counts: Counts
    layers: Layers
    tiles: Tiles
    desk: Desk

    @classmethod
    def make(cls, settings: Settings, database: Database) -> MapService:
        """Put the parts together; nothing is read before somebody asks."""
        watch = Watch(database)
        collections = Collections(database, watch)
        folder = None if settings.imports_dir is None else settings.imports_dir / "exportacao"
        return cls(
            watch,
            collections,
            Counts(database),
            Layers(database, watch, collections),
            Tiles(database, watch, settings.tiles_cache_mb * _MIB),
            Desk(folder, Limits(settings.export_features, settings.export_mb, settings.export_at_once)),
        )

    async def categories(self, collection_id: str) -> tuple[str, ...] | None:
        """Return the categories of a collection, None for all there are; raises UnknownCollectionError."""
        if collection_id == ALL:
            return None
        overview, _ = await self.layers.overview()
        return overview.collection(collection_id).categories

    async def stop(self) -> None:
        """End what still runs."""
        await self.tiles.stop()
        await self.collections.stop()
        await self.watch.stop()
