"""A deadline that holds even when the work does not react to being cancelled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


class DeadlineExceededError(TimeoutError):
    """The work was not done in time; it was cancelled and left to end by itself."""


async def within(seconds: float, work: Coroutine[object, object, T]) -> T:
    """Return what `work` returns, or raise DeadlineExceededError after `seconds`.

    Unlike `asyncio.timeout` this does not wait for the cancelled work: psycopg's reaction to a cancellation
    talks to the server, which is the very thing that does not answer.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait((task,), timeout=seconds)
    except asyncio.CancelledError:
        abandon(task)
        raise
    if done:
        return task.result()
    abandon(task)
    raise DeadlineExceededError(f"no answer within {seconds:g} s")


def abandon(task: asyncio.Future[T]) -> None:
    """Cancel a task that nobody will wait for, and take note of its exception so that none is reported as lost."""
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    task.cancel()
