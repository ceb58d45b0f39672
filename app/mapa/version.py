"""Whether anything on the map has changed: asked of Postgres now and then, once for all who want to know."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.bounds.flight import SingleFlight
from app.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.db import Database

_LOOK_S = 0.5
_WAIT_S = 0.5

_VERSION = "SELECT versao, em_curso FROM v_mapa_versao"


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A version of the data; `settled` once whatever belongs to it can be read."""

    version: int
    settled: bool

    def holds(self, earlier: Look) -> bool:
        """Whether what was read after an earlier look is what would be read now."""
        return earlier is self or (earlier.settled and earlier.version == self.version)


class Watch:
    """Knows the version of the data, at most half a second old.

    What is read after a look is of its version or newer. While Postgres is away nobody waits: `now` gives None at once,
    and attempts go on behind it.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._database = database
        self._clock = clock
        self._flight: SingleFlight[Look] = SingleFlight()
        self._look: Look | None = None
        self._looked_at = -math.inf
        self._away = False

    async def now(self) -> Look | None:
        """Return the version, or None when it cannot be known in time."""
        if self._clock() - self._looked_at < _LOOK_S:
            return self._look
        task = self._flight.start(0, self._ask)
        if self._away:
            return None
        done, _ = await asyncio.wait((task,), timeout=_WAIT_S)
        if not done:
            self._away = True
            return None
        try:
            return task.result()
        except ServiceError:
            return None

    async def stop(self) -> None:
        """End an attempt that still runs."""
        await self._flight.stop()

    async def _ask(self, _: int) -> Look:
        began = self._clock()
        try:
            row = (await self._database.fetch(_VERSION, {}))[0]
        except ServiceError:
            self._away = True
            raise
        look = Look(row["versao"], not row["em_curso"])
        self._look = self._look if self._look is not None and look.holds(self._look) else look
        self._looked_at, self._away = began, False
        return self._look
