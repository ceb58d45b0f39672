"""From a validated batch to the rows that are copied."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from app.ingest.batch import Batch, Source, bounded
from app.ingest.report import Reject
from app.ingest.validate import validate

_SRID = 4326
_JSONB_VERSION = b"\x01"


@dataclass(slots=True)
class Rows:
    """A batch ready for COPY; the tables' rows lack only the ids that Postgres gives."""

    catalog: list[tuple[str, str | None, str]]
    geometries: list[bytes]
    origin: list[tuple[str, int, str, str | None, bytes, str | None]]
    rejects: list[tuple[Reject, str]]
    repaired: int
    consumed: int


class Identities:
    """Keeps feature ids unique within one import: a repeated or missing one becomes `#` and the position.

    What it remembers is a 64-bit hash for each id, so a million features cost some 70 MB.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def unique(self, identity: str | None, index: int) -> str:
        """Give the id under which a feature is stored."""
        if identity is None or hash(identity) in self._seen:
            identity = f"#{index}"
            while hash(identity) in self._seen:
                identity = f"#{identity}"
        self._seen.add(hash(identity))
        return identity


def prepare(source: Source) -> Iterator[Rows]:
    """Validate a source's batches and make their rows."""
    identities = Identities()
    for batch in source.batches:
        validate(batch)
        yield rows(batch, identities)


def rows(batch: Batch, identities: Identities) -> Rows:
    """Make the rows of a validated batch."""
    good = [i for i, fault in enumerate(batch.faults) if fault is None]
    made = [i for i in good if batch.ready[i] is None]
    wkb: Any = shapely.to_wkb(
        shapely.set_srid(batch.geometries[made], _SRID), output_dimension=2, include_srid=True, byte_order=1
    )
    for i, written in zip(made, np.atleast_1d(wkb).tolist(), strict=True):
        batch.ready[i] = written
    return Rows(
        catalog=[(batch.names[i], batch.descriptions[i], batch.kinds[i]) for i in good],
        geometries=[written for i in good if (written := batch.ready[i]) is not None],
        origin=[
            (
                identities.unique(batch.ids[i], batch.indexes[i]),
                batch.indexes[i],
                batch.layers[i],
                batch.categories[i],
                _JSONB_VERSION + batch.attributes[i],
                batch.notes[i],
            )
            for i in good
        ],
        rejects=[
            (Reject(batch.indexes[i], batch.ids[i], bounded(fault)), batch.raw(i))
            for i, fault in enumerate(batch.faults)
            if fault is not None
        ],
        repaired=sum(batch.notes[i] is not None for i in good),
        consumed=batch.consumed,
    )
