"""What the map's routes share: the collections, and counts of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.mapa.collections import Collections
from app.mapa.counts import Counts

if TYPE_CHECKING:
    from app.db import Database


@dataclass(frozen=True, slots=True)
class FeatureService:
    """The features of the map."""

    collections: Collections
    counts: Counts

    @classmethod
    def make(cls, database: Database) -> FeatureService:
        """Put the parts together; nothing is read before somebody asks."""
        return cls(Collections(database), Counts(database))

    async def stop(self) -> None:
        """End what still runs."""
        await self.collections.stop()
