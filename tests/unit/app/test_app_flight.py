"""Single flight."""

import asyncio

import pytest

from app.bounds.flight import SingleFlight


async def test_one_load_for_all_who_wait() -> None:
    flight: SingleFlight[int] = SingleFlight()
    loads = 0

    async def load(key: int) -> int:
        nonlocal loads
        loads += 1
        await asyncio.sleep(0.01)
        return key * 2

    assert set(await asyncio.gather(*(flight.get(21, load) for _ in range(100)))) == {42}
    assert loads == 1
    assert len(flight) == 0
    assert await flight.get(21, load) == 42
    assert loads == 2


async def test_keys_do_not_wait_for_each_other() -> None:
    flight: SingleFlight[int] = SingleFlight()
    never = asyncio.Event()

    async def load(key: int) -> int:
        if key == 1:
            await never.wait()
        return key

    slow = asyncio.create_task(flight.get(1, load))
    assert await flight.get(2, load) == 2
    await flight.stop()
    with pytest.raises(asyncio.CancelledError):
        await slow


async def test_all_get_the_error_and_the_next_load_starts_anew() -> None:
    flight: SingleFlight[int] = SingleFlight()
    fails = True

    async def load(key: int) -> int:
        await asyncio.sleep(0)
        if fails:
            raise ValueError("no")
        return key

    results = await asyncio.gather(*(flight.get(1, load) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, ValueError) for result in results)
    fails = False
    assert await flight.get(1, load) == 1


async def test_who_leaves_does_not_stop_the_load_of_the_others() -> None:
    flight: SingleFlight[int] = SingleFlight()
    gate = asyncio.Event()

    async def load(key: int) -> int:
        await gate.wait()
        return key

    first, second = (asyncio.create_task(flight.get(7, load)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()
    assert await second == 7
