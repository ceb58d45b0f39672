"""One load for many who ask, and no waiting for what failed a moment ago."""

import asyncio
import time

import pytest

from app.status.memo import Memo
from app.status.prometheus import AwayError


class Source:
    """Loads that are counted, take a while, and fail when told to."""

    def __init__(self) -> None:
        self.loads = 0
        self.seconds = 0.05
        self.away = False

    async def load(self) -> int:
        """The number of this load."""
        self.loads += 1
        number = self.loads
        await asyncio.sleep(self.seconds)
        if self.away:
            raise AwayError("away")
        return number


async def test_many_cost_one_load() -> None:
    source = Source()
    memo = Memo(source.load, 60)
    assert await asyncio.gather(*(memo.get() for _ in range(50))) == [1] * 50
    assert await memo.get() == 1
    assert source.loads == 1


async def test_what_is_kept_is_loaded_anew_after_its_time() -> None:
    source = Source()
    memo = Memo(source.load, 0.2)
    assert await memo.get() == 1
    assert await memo.get() == 1
    await asyncio.sleep(0.25)
    assert await memo.get() == 2


async def test_an_old_value_is_never_given_for_a_failure() -> None:
    source = Source()
    memo = Memo(source.load, 0.1)
    assert await memo.get() == 1
    source.away = True
    await asyncio.sleep(0.15)
    with pytest.raises(AwayError):
        await memo.get()


async def test_only_the_first_waits_for_what_fails() -> None:
    source = Source()
    source.away, source.seconds = True, 0.5
    memo = Memo(source.load, 0.1)
    with pytest.raises(AwayError):
        await memo.get()
    await asyncio.sleep(0.15)
    for _ in range(5):
        started = time.monotonic()
        with pytest.raises(AwayError):
            await memo.get()
        assert time.monotonic() - started < 0.2
        await asyncio.sleep(0.01)
    assert source.loads == 2, "one new load runs behind the answers"
    source.away = False
    await asyncio.sleep(0.6)
    assert await memo.get() in {2, 3}
    await memo.stop()


async def test_who_leaves_takes_nobody_with_them() -> None:
    source = Source()
    source.seconds = 0.2
    memo = Memo(source.load, 60)
    leaving = asyncio.create_task(memo.get())
    staying = asyncio.create_task(memo.get())
    await asyncio.sleep(0.05)
    leaving.cancel()
    assert await staying == 1
