"""The circuit breaker between the bounds cache and Redis."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pybreaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.metrics import Metrics

logger = logging.getLogger(__name__)

_PROBE = -1


class BreakerOpenError(Exception):
    """Redis is not asked now."""


class RedisBreaker:
    """pybreaker for calls that wait: `with breaker.guard(): await …`, or `begin` and `settle` around callbacks.

    Closed: calls pass, `failure_threshold` failures in a row open it. Open: `begin` raises BreakerOpenError at once,
    for `recovery_timeout` seconds. Then half-open: exactly one call passes as a probe (pybreaker alone would let every
    concurrent call through); its success closes the breaker, its failure opens it again. A call tells about the state
    it began in only: when the breaker has changed since, its outcome counts nothing. A cancelled call has no outcome,
    but a cancelled probe has failed. The state is this process's.
    """

    def __init__(
        self,
        *,
        failure_threshold: int,
        recovery_timeout: float,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`recovery_timeout` is in seconds of `clock`."""
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failure_threshold,
            reset_timeout=recovery_timeout,
            listeners=[_Listener(metrics, self._changed)],
            state_storage=_Storage(recovery_timeout, clock),
            name="redis",
            throw_new_error_on_trip=False,
        )
        self._probe: contextlib.AbstractContextManager[None] | None = None
        self._epoch = 0

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        return str(self._breaker.current_state)

    def begin(self) -> int:
        """Ask to make a call; returns a ticket for `settle`, which must follow. Raises BreakerOpenError instead."""
        if self._breaker.current_state == pybreaker.STATE_CLOSED:
            return self._epoch
        if self._probe is not None:
            raise BreakerOpenError
        probe = self._breaker.calling()
        try:
            probe.__enter__()
        except pybreaker.CircuitBreakerError as error:
            raise BreakerOpenError from error
        self._probe = probe
        return _PROBE

    def settle(self, ticket: int, error: BaseException | None = None) -> None:
        """Tell the outcome of a call: `error` is a failure of Redis."""
        if ticket == _PROBE:
            probe, self._probe = self._probe, None
            if probe is not None:
                _end(probe, error)
        elif ticket == self._epoch and not isinstance(error, asyncio.CancelledError):
            if error is None and not self._breaker.fail_counter:
                return  # the usual case: there is nothing to reset
            # Told when the call has ended, so that one that began before a trip cannot move what came after it.
            call = self._breaker.calling()
            call.__enter__()
            _end(call, error)

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Count the block's outcome: an exception is a failure of Redis; raises BreakerOpenError instead of running."""
        ticket = self.begin()
        try:
            yield
        except BaseException as error:
            self.settle(ticket, error)
            raise
        self.settle(ticket)

    def try_again(self) -> None:
        """Let the next call through as a probe: the failures counted belong to a master that is gone."""
        if self.state == pybreaker.STATE_OPEN:
            self._breaker.half_open()

    def _changed(self) -> None:
        self._epoch += 1


def _end(call: contextlib.AbstractContextManager[None], error: BaseException | None) -> None:
    """End a `calling` block as if it had raised `error`."""
    if error is None:
        call.__exit__(None, None, None)
        return
    with contextlib.suppress(type(error)):
        call.__exit__(type(error), error, error.__traceback__)


class _Storage(pybreaker.CircuitMemoryStorage):
    """Measures the time since the trip by a steady clock: a corrected wall clock shortens or lengthens nothing."""

    def __init__(self, recovery_timeout: float, clock: Callable[[], float]) -> None:
        super().__init__(pybreaker.STATE_CLOSED)
        self._recovery_timeout = recovery_timeout
        self._clock = clock
        self._tripped = 0.0

    @property
    def opened_at(self) -> datetime | None:
        """Just now while calls are refused, None when the time is over: pybreaker compares it with the wall clock."""
        return datetime.now(UTC) if self._clock() - self._tripped < self._recovery_timeout else None

    @opened_at.setter
    def opened_at(self, value: datetime) -> None:
        del value
        self._tripped = self._clock()


class _Listener(pybreaker.CircuitBreakerListener):
    def __init__(self, metrics: Metrics, changed: Callable[[], None]) -> None:
        self._metrics = metrics
        self._changed = changed

    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        del cb
        self._changed()
        old = old_state.name if old_state is not None else "closed"
        logger.warning("redis breaker %s", new_state.name, extra={"from": old, "to": new_state.name})
        self._metrics.breaker_transition(old, new_state.name)
