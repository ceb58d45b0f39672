"""What a drill asks the app for."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from ops.load import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WARM = 1_000
"""Entries that are asked for all the time; the others are asked for once."""

COLD_EVERY = 20
"""One request in so many is for an entry that was not asked for yet."""


class Targets:
    """Bounds of warm entries over and over, and now and then of one that was never asked for."""

    def __init__(self, ids: Sequence[int], warm: int = WARM) -> None:
        """The first `warm` of the ids are the warm ones."""
        self.warm = [Request(_path(number), "warm") for number in ids[:warm]]
        self._cold = (Request(_path(number), "cold") for number in itertools.cycle(ids[warm:]))

    def __iter__(self) -> Iterator[Request]:
        """Goes on for ever."""
        warm = itertools.cycle(self.warm)
        for number in itertools.count():
            yield next(self._cold) if number % COLD_EVERY == 0 else next(warm)


def _path(catalogo_id: int) -> str:
    return f"/v1/catalogo/{catalogo_id}/bounds"
