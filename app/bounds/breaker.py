"""The circuit breaker between the bounds cache and Redis."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

import pybreaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.metrics import Metrics

logger = logging.getLogger(__name__)


class BreakerOpenError(Exception):
    """Redis is not asked now."""


class RedisBreaker:
    """pybreaker for coroutines: `with breaker.guard(): await …`.

    Closed: calls pass, `failure_threshold` failures in a row open it. Open: `guard` raises BreakerOpenError at once,
    for `recovery_timeout` seconds. Then half-open: exactly one call passes as a probe (pybreaker alone would let every
    concurrent call through); its success closes the breaker, its failure opens it again. The state is this process's.
    """

    def __init__(self, *, failure_threshold: int, recovery_timeout: float, metrics: Metrics) -> None:
        """`recovery_timeout` is in seconds."""
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failure_threshold,
            reset_timeout=recovery_timeout,
            listeners=[_Listener(metrics)],
            name="redis",
            throw_new_error_on_trip=False,
        )
        self._probing = False

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        return str(self._breaker.current_state)

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Count the block's outcome: an exception is a failure of Redis; raises BreakerOpenError instead of running."""
        if self._probing:
            raise BreakerOpenError
        probe = self.state != pybreaker.STATE_CLOSED
        # Nothing is awaited between here and `calling`, so no second call can slip in as a probe.
        self._probing = probe
        try:
            with self._breaker.calling():
                yield
        except pybreaker.CircuitBreakerError as error:
            raise BreakerOpenError from error
        finally:
            if probe:
                self._probing = False

    def try_again(self) -> None:
        """Let the next call through as a probe: the failures counted belong to a master that is gone."""
        if self.state == pybreaker.STATE_OPEN:
            self._breaker.half_open()


class _Listener(pybreaker.CircuitBreakerListener):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        del cb
        old = old_state.name if old_state is not None else "closed"
        if old == new_state.name:
            return  # a call from before the trip failed late
        logger.warning("redis breaker %s", new_state.name, extra={"from": old, "to": new_state.name})
        self._metrics.breaker_transition(old, new_state.name)
