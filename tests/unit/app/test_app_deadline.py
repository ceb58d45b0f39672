"""Deadlines that do not wait for what was cancelled."""

import asyncio
import contextlib
import time

import pytest

from app.deadline import DeadlineExceededError, within


async def test_result_and_error_pass_through() -> None:
    assert await within(1, asyncio.sleep(0, "done")) == "done"

    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await within(1, fail())


async def test_late_work_is_left_even_if_it_ignores_being_cancelled() -> None:
    ended = asyncio.Event()

    async def stubborn() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(10)
        await asyncio.sleep(0.3)
        ended.set()
        raise ValueError("after the fact")

    started = time.perf_counter()
    with pytest.raises(DeadlineExceededError):
        await within(0.05, stubborn())
    assert time.perf_counter() - started < 0.2
    await asyncio.wait_for(ended.wait(), 2)


async def test_cancelling_the_caller_cancels_the_work() -> None:
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    caller = asyncio.create_task(within(10, work()))
    await asyncio.sleep(0.01)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.wait_for(cancelled.wait(), 1)
