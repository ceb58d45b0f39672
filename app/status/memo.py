"""A loaded value that many ask for: loaded once for all of them, and kept for a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Generic, TypeVar

from app.bounds.flight import SingleFlight
from app.status.prometheus import AwayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

_FAILURE_HOLDS_S = 60.0


class Memo(Generic[T]):
    """What `load` gave, for `keep_s` seconds.

    A failed load is not waited for again by everyone: while the last one failed within the minute, the failure is
    given at once and a new load runs behind it, at most one a `keep_s`. An old value is never given.
    """

    def __init__(self, load: Callable[[], Awaitable[T]], keep_s: float) -> None:
        """Nothing is loaded before somebody asks."""
        self._load = load
        self._keep_s = keep_s
        self._flight: SingleFlight[T] = SingleFlight()
        self._value: T | None = None
        self._failure: AwayError | None = None
        self._ended = float("-inf")

    async def get(self) -> T:
        """Return the value, or raise AwayError."""
        age = time.monotonic() - self._ended
        if age < self._keep_s:
            if self._failure is not None:
                raise AwayError(str(self._failure))
            if self._value is not None:
                return self._value
        if self._failure is not None and age < _FAILURE_HOLDS_S:
            self._flight.start(0, self._run)
            raise AwayError(str(self._failure))
        return await self._flight.get(0, self._run)

    async def stop(self) -> None:
        """End a load that still runs."""
        await self._flight.stop()

    async def _run(self, _: int) -> T:
        try:
            value = await self._load()
        except AwayError as error:
            self._failure = error
            raise
        else:
            self._value, self._failure = value, None
            return value
        finally:
            self._ended = time.monotonic()
