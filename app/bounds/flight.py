"""Single flight: one loader for a key, however many wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class SingleFlight(Generic[T]):
    """Runs one load a key at a time; those who come meanwhile get the same result or error.

    The load is a task of its own: a client that goes away cancels only its own waiting.
    """

    def __init__(self) -> None:
        """Nothing flies yet."""
        self._flights: dict[Hashable, asyncio.Task[T]] = {}

    def __len__(self) -> int:
        return len(self._flights)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._flights

    async def get(self, key: K, load: Callable[[K], Coroutine[object, object, T]]) -> T:
        """Return the result of the key's load, starting one if none runs."""
        return await asyncio.shield(self.start(key, load))

    def start(self, key: K, load: Callable[[K], Coroutine[object, object, T]]) -> asyncio.Task[T]:
        """Have a load of the key run, without waiting for it; returns it."""
        task = self._flights.get(key)
        if task is None:
            task = asyncio.create_task(load(key))
            self._flights[key] = task
            task.add_done_callback(lambda ended: self._landed(key, ended))
        return task

    def _landed(self, key: Hashable, task: asyncio.Task[T]) -> None:
        self._flights.pop(key, None)
        if not task.cancelled():
            task.exception()  # taken note of, also when every waiter has gone

    async def stop(self) -> None:
        """Cancel what still flies and wait for its end."""
        tasks = list(self._flights.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
