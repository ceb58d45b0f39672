"""The outbox of changed bounds, read page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.bounds.loader import entry_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from app.bounds.entry import Entry

PAGE = 250
"""Changes of one page: a few milliseconds of this process, in which it answers nobody."""

# Always a row, so that an outbox made anew can be told from one without news. The summary is that of now, perhaps newer
# than the change. It is read entry by entry through its key, whatever the planner thinks of the table's size.
CHANGES = """
SELECT
    outbox.newest, told.seq, told.catalogo_id, told.version AS told_version, told.changed_at,
    held.version, held.min_lon, held.min_lat, held.max_lon, held.max_lat, held.centroid_lon, held.centroid_lat,
    held.geom_count, coalesce(held.last_updated, held.atualizado_em) AS updated_at
FROM (SELECT max(seq) AS newest FROM catalogo_bounds_changes) AS outbox
LEFT JOIN LATERAL (
    SELECT * FROM catalogo_bounds_changes WHERE seq > %(after)s::bigint ORDER BY seq LIMIT %(page)s::bigint
) AS told ON true
LEFT JOIN LATERAL (SELECT * FROM catalogo_summary AS s WHERE s.catalogo_id = told.catalogo_id LIMIT 1) AS held ON true
ORDER BY told.seq
"""

# Where to begin without a copy: loads that had begun before may still put down what they read, for less than a minute.
BEGINNING = """
SELECT coalesce((
    SELECT seq FROM catalogo_bounds_changes WHERE changed_at < now() - interval '1 minute' ORDER BY seq DESC LIMIT 1
), 0) AS seq
"""


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that changed: what it is now (None: it is gone), and a version below which everything is outdated."""

    catalogo_id: int
    version: int
    entry: Entry | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in the order of their numbers; `last` is the greatest of them, `newest` that of the whole outbox."""

    changes: Sequence[Change]
    last: int
    newest: int

    @property
    def full(self) -> bool:
        """Whether there may be more."""
        return len(self.changes) == PAGE


def page_of(rows: Sequence[Mapping[str, Any]], after: int) -> Page:
    """Build the page from the rows that CHANGES gave for `after`."""
    changes = [_change(row) for row in rows if row["seq"] is not None]
    return Page(changes, rows[-1]["seq"] if changes else after, rows[0]["newest"] or 0)


def _change(row: Mapping[str, Any]) -> Change:
    gone = row["version"] is None
    entry = None if gone else entry_of(row)
    version = row["told_version"] if entry is None else max(entry.version, row["told_version"])
    return Change(row["catalogo_id"], version, entry, row["changed_at"])
