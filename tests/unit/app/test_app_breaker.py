"""The breaker around awaited calls: closed, open, half-open with one probe."""

import asyncio

import pytest

from app.bounds.breaker import BreakerOpenError, RedisBreaker
from app.metrics import Metrics

RECOVERY_S = 0.1


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="1", stack="test")


@pytest.fixture
def breaker(metrics: Metrics) -> RedisBreaker:
    return RedisBreaker(failure_threshold=5, recovery_timeout=RECOVERY_S, metrics=metrics)


async def _call(breaker: RedisBreaker, *, fails: bool, gate: asyncio.Event | None = None) -> str:
    with breaker.guard():
        await (gate.wait() if gate else asyncio.sleep(0))
        if fails:
            raise ConnectionError("down")
        return "done"


async def _trip(breaker: RedisBreaker) -> None:
    for _ in range(5):
        with pytest.raises(ConnectionError):
            await _call(breaker, fails=True)


async def test_opens_after_exactly_five_failures_in_a_row(breaker: RedisBreaker) -> None:
    for _ in range(4):
        with pytest.raises(ConnectionError):
            await _call(breaker, fails=True)
    assert breaker.state == "closed"
    assert await _call(breaker, fails=False) == "done"
    for _ in range(4):
        with pytest.raises(ConnectionError):
            await _call(breaker, fails=True)
    assert breaker.state == "closed"
    with pytest.raises(ConnectionError):
        await _call(breaker, fails=True)
    assert breaker.state == "open"


async def test_open_refuses_without_running(breaker: RedisBreaker) -> None:
    await _trip(breaker)
    ran = False
    with pytest.raises(BreakerOpenError), breaker.guard():
        ran = True
    assert not ran


async def test_one_probe_only_and_its_success_closes(breaker: RedisBreaker, metrics: Metrics) -> None:
    await _trip(breaker)
    await asyncio.sleep(RECOVERY_S * 1.5)
    gate = asyncio.Event()
    calls = [asyncio.create_task(_call(breaker, fails=False, gate=gate)) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert breaker.state == "half-open"
    gate.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert results.count("done") == 1
    assert sum(isinstance(result, BreakerOpenError) for result in results) == 19
    assert breaker.state == "closed"
    assert await _call(breaker, fails=False) == "done"
    text = metrics.render().decode()
    for old, new in (("closed", "open"), ("open", "half-open"), ("half-open", "closed")):
        assert f'mundo_breaker_transitions_total{{from_state="{old}",to_state="{new}"}} 1.0' in text
    assert 'mundo_breaker_state{state="closed"} 1.0' in text


async def test_failed_probe_opens_again(breaker: RedisBreaker, metrics: Metrics) -> None:
    await _trip(breaker)
    await asyncio.sleep(RECOVERY_S * 1.5)
    with pytest.raises(ConnectionError):
        await _call(breaker, fails=True)
    assert breaker.state == "open"
    with pytest.raises(BreakerOpenError):
        await _call(breaker, fails=False)
    assert 'mundo_breaker_state{state="open"} 1.0' in metrics.render().decode()


async def test_cancelled_probe_lets_the_next_one_through(breaker: RedisBreaker) -> None:
    await _trip(breaker)
    await asyncio.sleep(RECOVERY_S * 1.5)
    probe = asyncio.create_task(_call(breaker, fails=False, gate=asyncio.Event()))
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    await asyncio.sleep(RECOVERY_S * 1.5)
    assert await _call(breaker, fails=False) == "done"
    assert breaker.state == "closed"


async def test_new_master_gets_a_probe_before_the_time_is_over(metrics: Metrics) -> None:
    breaker = RedisBreaker(failure_threshold=5, recovery_timeout=3600, metrics=metrics)
    await _trip(breaker)
    breaker.try_again()
    assert await _call(breaker, fails=False) == "done"
    assert breaker.state == "closed"


async def test_try_again_leaves_a_closed_breaker_closed(breaker: RedisBreaker) -> None:
    breaker.try_again()
    assert breaker.state == "closed"


async def test_late_failures_of_calls_begun_before_the_trip_count_no_transition(
    breaker: RedisBreaker, metrics: Metrics
) -> None:
    gate = asyncio.Event()
    late = [asyncio.create_task(_call(breaker, fails=True, gate=gate)) for _ in range(8)]
    await asyncio.sleep(0)
    gate.set()
    results = await asyncio.gather(*late, return_exceptions=True)
    assert all(isinstance(result, ConnectionError) for result in results)
    assert breaker.state == "open"
    text = metrics.render().decode()
    assert 'mundo_breaker_transitions_total{from_state="closed",to_state="open"} 1.0' in text
    assert 'from_state="open",to_state="open"' not in text
