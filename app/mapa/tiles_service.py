"""What the map page and the tiles share: the version of the data, the overview, and the tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.mapa.collections import ALL
from app.mapa.export_file import Desk, Limits
from app.mapa.layers import Layers
from app.mapa.tiles import Tiles
from app.mapa.tiles_version import Watch

if TYPE_CHECKING:
    from app.db import Database
    from app.mapa.collections import Collections
    from app.settings import Settings

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MapService:
    """The parts."""

    watch: Watch
    layers: Layers
    tiles: Tiles
    desk: Desk

    @classmethod
    def make(cls, settings: Settings, database: Database, collections: Collections) -> MapService:
        """Put the parts together; nothing is read before somebody asks."""
        watch = Watch(database)
        folder = None if settings.imports_dir is None else settings.imports_dir / "exportacao"
        limits = Limits(settings.export_features, settings.export_mb, settings.export_at_once)
        return cls(
            watch,
            Layers(database, watch, collections),
            Tiles(database, watch, settings.tiles_cache_mb * _MIB),
            Desk(folder, limits),
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
        await self.watch.stop()
