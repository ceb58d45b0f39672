"""The bounds of one catalogue entry, as they are stored and sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import orjson

from app.conditional import digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Level = Literal["l1", "redis", "postgres"]

UNVERSIONED = 0
"""Version of an entry read while a change of it was not folded: no version names it, so no cache may keep it."""


class BadEntryError(ValueError):
    """What Redis holds under a bounds key is not an entry of ours."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Bounds as a ready JSON body, and the version of the data they were made from (greater is newer)."""

    catalogo_id: int
    version: int
    body: bytes

    @property
    def etag(self) -> bytes:
        """The strong validator of the body (RFC 9110): each version is another text."""
        if self.version == UNVERSIONED:
            return b'"t%b"' % digest(self.body).encode()
        return b'"v%d"' % self.version

    @classmethod
    def make(
        cls,
        *,
        catalogo_id: int,
        version: int,
        bbox: Sequence[float] | None,
        centroid: Sequence[float] | None,
        updated_at: datetime | None,
        geometries: int,
    ) -> Entry:
        """Build an entry; `bbox` is (minx, miny, maxx, maxy) and `centroid` (lon, lat), in degrees of EPSG:4326."""
        body = orjson.dumps(
            {
                "catalogo_id": catalogo_id,
                "bbox": bbox,
                "centroid": centroid,
                "geometries": geometries,
                "updated_at": updated_at,
            }
        )
        return cls(catalogo_id, version, body)

    @classmethod
    def parse(cls, catalogo_id: int, data: bytes, version: bytes) -> Entry:
        """Read what Redis holds; raises BadEntryError when it is not an entry of this id.

        Only its ends are looked at: they show whose it is, and that it is whole. `make` alone writes what is between.
        """
        try:
            number = int(version)
        except ValueError as error:
            raise BadEntryError(f"bounds:{catalogo_id} is not readable") from error
        if not (data.startswith(b'{"catalogo_id":%d,"bbox":' % catalogo_id) and data.endswith(b"}")):
            raise BadEntryError(f"bounds:{catalogo_id} is about something else")
        return cls(catalogo_id, number, data)


@dataclass(frozen=True, slots=True)
class Answer:
    """An entry, the level that had it, and whether it may be old because nothing newer was in reach."""

    entry: Entry
    level: Level
    stale: bool = False
