"""Collections of the map: all features, and one collection for each category; what is in them and where they lie."""

from __future__ import annotations

import hashlib
import logging
import re
import time
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.bounds.flight import SingleFlight
from app.errors import QueryTooSlowError, ServiceError
from app.mapa.view import NO_CATEGORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from app.db import Database, Row
    from app.mapa.version import Look, Watch

logger = logging.getLogger(__name__)

ALL = "feicoes"
"""The id of the collection of all features."""

_READ_S = 1.0
# Changes of an entry's origin alone are not seen by the fold; nothing but a hand in the database makes them.
_KEPT_S = 60.0

# From the summary, which holds each entry's envelope: no geometry is read.
_CATEGORIES = f"""
SELECT
    coalesce(nullif(origem.categoria, ''), '{NO_CATEGORY}') AS categoria,
    sum(entry.geom_count)::bigint AS feicoes,
    min(entry.min_lon) AS oeste, min(entry.min_lat) AS sul, max(entry.max_lon) AS leste, max(entry.max_lat) AS norte,
    min(entry.first_created) AS desde
FROM catalogo_summary AS entry
LEFT JOIN catalogo_origem AS origem ON entry.catalogo_id = origem.catalogo_id
WHERE entry.is_active AND entry.geom_count > 0
GROUP BY 1
ORDER BY 1
"""  # noqa: S608 -- a constant of this package

Box = tuple[float, float, float, float]


class UnknownCollectionError(ServiceError):
    """There is no such collection."""

    status = 404

    def __init__(self, name: str) -> None:
        """Name what was asked for."""
        super().__init__(f"no collection has the id {name!r}; GET /ogc/collections lists them")


@dataclass(frozen=True, slots=True)
class Collection:
    """Some of the features: their categories (None: all there are), how many, within which bounds, since when."""

    id: str
    title: str
    categories: tuple[str, ...] | None
    features: int
    extent: Box | None
    since: datetime | None


def collection_id(category: str) -> str:
    """Return the id of a category's collection: lower case, ASCII, and never that of all features.

    Categories that differ in case, accents and punctuation only share an id, and so a collection.
    """
    plain = unicodedata.normalize("NFKD", category).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not found:
        return f"categoria_{hashlib.blake2b(category.encode(), digest_size=4).hexdigest()}"
    return f"categoria_{found}" if found == ALL else found


def title_of(category: str) -> str:
    """Return a category as people write it."""
    return category.replace("_", " ").strip().capitalize() or category


def collections_of(rows: Iterable[Row]) -> dict[str, Collection]:
    """Build the collections from the rows of the categories; that of all features comes first."""
    found: dict[str, Collection] = {}
    for row in rows:
        one = _collection(row)
        held = found.get(one.id)
        found[one.id] = one if held is None else _joined(held, one, one.id, held.title)
    total = Collection(ALL, "Todas as feições", None, 0, None, None)
    for one in found.values():
        total = _joined(total, one, ALL, total.title)
    return {ALL: total, **found}


def _collection(row: Row) -> Collection:
    category = row["categoria"]
    extent = (row["oeste"], row["sul"], row["leste"], row["norte"])
    return Collection(collection_id(category), title_of(category), (category,), row["feicoes"], extent, row["desde"])


def _joined(one: Collection, other: Collection, name: str, title: str) -> Collection:
    categories = None if one.categories is None or other.categories is None else one.categories + other.categories
    boxes = [box for box in (one.extent, other.extent) if box is not None]
    extent = (
        (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )
        if boxes
        else None
    )
    since = min((at for at in (one.since, other.since) if at is not None), default=None)
    return Collection(name, title, categories, one.features + other.features, extent, since)


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """The collections by id, and the look at the data before they were read (None: there was none in time)."""

    look: Look | None
    collections: Mapping[str, Collection]

    def collection(self, name: str) -> Collection:
        """Return a collection; raises UnknownCollectionError."""
        found = self.collections.get(name)
        if found is None:
            raise UnknownCollectionError(name)
        return found


class Collections:
    """The overview, kept while the data stay as they are; read at most once a second, once for all who ask."""

    def __init__(self, database: Database, watch: Watch, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._database = database
        self._watch = watch
        self._clock = clock
        self._flight: SingleFlight[Overview] = SingleFlight()
        self._held: Overview | None = None
        self._read_at = 0.0

    async def overview(self) -> Overview:
        """Return the overview of now, or of a second ago at most; raises what the database raises."""
        held = self._held
        age = self._clock() - self._read_at
        if held is not None and age < _READ_S:
            return held
        look = await self._watch.now()
        if held is not None and held.look is not None and look is not None and look.holds(held.look) and age < _KEPT_S:
            return held
        return await self._flight.get(look, self._read)

    async def stop(self) -> None:
        """End a load that still runs."""
        await self._flight.stop()

    async def _read(self, look: Look | None) -> Overview:
        began = self._clock()
        try:
            rows = await self._database.fetch(_CATEGORIES, {})
        except QueryTooSlowError:
            if self._held is None:
                raise
            logger.warning("the overview takes too long: the one before is kept")
            return self._held
        self._held, self._read_at = Overview(look, collections_of(rows)), began
        return self._held
