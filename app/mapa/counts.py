"""How many features match: counted once for all pages of a query, and never for long."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

from app.errors import QueryTooSlowError
from app.mapa.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.db import Database
    from app.mapa.version import Look

logger = logging.getLogger(__name__)

_KEPT = 256


class Counts:
    """Counts of the latest queries, kept while the data stay as they are."""

    def __init__(self, database: Database) -> None:
        """Nothing is counted before somebody asks."""
        self._database = database
        self._look: Look | None = None
        self._kept: OrderedDict[tuple[str, str], int | None] = OrderedDict()

    async def matched(self, condition: str, values: Mapping[str, object], look: Look | None) -> int | None:
        """Return how many features meet the condition, as of that look at the data or a later one.

        None: counting took longer than a statement may. That is kept too, so that it is not tried for every page.
        """
        if look is None:
            return await self._count(condition, values)
        if self._look is None or not look.holds(self._look):
            self._look, self._kept = look, OrderedDict()
        kept, key = self._kept, (condition, repr(values))
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
        # Where the data have changed meanwhile, it is put among what nobody asks for any more.
        kept[key] = await self._count(condition, values)
        if len(kept) > _KEPT:
            kept.popitem(last=False)
        return kept[key]

    async def _count(self, condition: str, values: Mapping[str, object]) -> int | None:
        # The condition is text of this package; what came from outside is among the values.
        statement = f"SELECT count(*) AS matched FROM {VIEW} WHERE {condition}"  # noqa: S608
        try:
            rows = await self._database.fetch(statement, values)
        except QueryTooSlowError:
            logger.info("not counted: it takes too long")
            return None
        return int(rows[0]["matched"])
