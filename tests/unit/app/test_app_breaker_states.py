"""The breaker against a small model of its promises, through any order of calls, outcomes and waiting."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from app.bounds.breaker import BreakerOpenError, RedisBreaker
from app.metrics import BREAKER_STATES, Metrics

RECOVERY_S = 60.0


@dataclass
class Call:
    """A call under way: the breaker's ticket, and what the model knew when it began."""

    ticket: int
    era: int
    probe: bool


@dataclass
class Model:
    """What is promised, in the fewest words."""

    threshold: int
    state: str = "closed"
    failures: int = 0
    tripped: float = 0.0
    probing: bool = False
    changes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def era(self) -> int:
        """Grows with each change of the state."""
        return len(self.changes)

    def to(self, state: str) -> None:
        """Change the state."""
        self.changes.append((self.state, state))
        self.state, self.failures = state, 0

    def lets_through(self, now: float) -> bool:
        """Whether a call passes now."""
        if self.state == "open" and now - self.tripped >= RECOVERY_S:
            self.to("half-open")
        return self.state == "closed" or (self.state == "half-open" and not self.probing)

    def ended(self, call: Call, now: float, *, failed: bool, cancelled: bool = False) -> None:
        """Take in a call's outcome."""
        if call.probe:
            self.probing = False
            if failed:
                self.tripped = now
            self.to("open" if failed else "closed")
        elif call.era == self.era and not cancelled:
            self.failures = self.failures + 1 if failed else 0
            if self.failures == self.threshold:
                self.tripped = now
                self.to("open")


class BreakerMachine(RuleBasedStateMachine):
    """Calls that overlap, as those of one event loop do."""

    calls: Bundle[Call] = Bundle("calls")

    def __init__(self) -> None:
        """Not begun."""
        super().__init__()
        self.now = 1000.0

    @initialize(threshold=st.integers(1, 6))
    def make(self, threshold: int) -> None:
        """A new breaker."""
        self.metrics = Metrics(version="1", stack="test")
        self.model = Model(threshold)
        self.breaker = RedisBreaker(
            failure_threshold=threshold, recovery_timeout=RECOVERY_S, metrics=self.metrics, clock=lambda: self.now
        )

    @rule(target=calls, many=st.integers(1, 8))
    def begin(self, many: int) -> MultipleResults[Call]:
        """Some calls begin in the same moment."""
        begun = []
        for _ in range(many):
            passes = self.model.lets_through(self.now)
            try:
                ticket = self.breaker.begin()
            except BreakerOpenError:
                assert not passes
                continue
            assert passes
            probe = self.model.state == "half-open"
            self.model.probing = probe
            begun.append(Call(ticket, self.model.era, probe))
        return multiple(*begun)

    @rule(call=consumes(calls))
    def succeed(self, call: Call) -> None:
        """A call ends well."""
        self.breaker.settle(call.ticket)
        self.model.ended(call, self.now, failed=False)

    @rule(call=consumes(calls), error=st.sampled_from([ConnectionError("gone"), TimeoutError(), OSError(5, "x")]))
    def fail(self, call: Call, error: Exception) -> None:
        """A call fails."""
        self.breaker.settle(call.ticket, error)
        self.model.ended(call, self.now, failed=True)

    @rule(call=consumes(calls))
    def cancel(self, call: Call) -> None:
        """Who made the call has gone."""
        self.breaker.settle(call.ticket, asyncio.CancelledError())
        self.model.ended(call, self.now, failed=True, cancelled=True)

    @rule(many=st.integers(1, 7), fails=st.booleans())
    def one_after_the_other(self, many: int, fails: bool) -> None:  # noqa: FBT001 -- drawn
        """Calls that do not overlap, through the context manager."""
        for _ in range(many):
            passes = self.model.lets_through(self.now)
            call = Call(0, self.model.era, self.model.state == "half-open")
            ran = self._call(fails=fails)
            assert ran == passes
            if passes:
                self.model.ended(call, self.now, failed=fails)

    def _call(self, *, fails: bool) -> bool:
        """Make one call; returns whether it was let through."""
        ran = False
        with contextlib.suppress(BreakerOpenError, ZeroDivisionError), self.breaker.guard():
            ran = True
            assert 1 // (not fails)
        return ran

    @rule(seconds=st.sampled_from([1.0, RECOVERY_S - 1, RECOVERY_S]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    @rule()
    def meet_another_master(self) -> None:
        """The failures counted belonged to a master that is gone."""
        self.breaker.try_again()
        if self.model.state == "open":
            self.model.to("half-open")

    @invariant()
    def agrees(self) -> None:
        """State, metrics and number of transitions are the model's."""
        assert self.breaker.state == self.model.state
        value = self.metrics.registry.get_sample_value
        for state in BREAKER_STATES:
            assert value("mundo_breaker_state", {"state": state}) == (state == self.model.state)
        for old, new in set(self.model.changes):
            labels = {"from_state": old, "to_state": new}
            assert value("mundo_breaker_transitions_total", labels) == self.model.changes.count((old, new))
        counted = sum(
            sample.value
            for metric in self.metrics._transitions.collect()
            for sample in metric.samples
            if sample.name == "mundo_breaker_transitions_total"
        )
        assert counted == len(self.model.changes)


BreakerMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBreakerKeepsItsPromises = BreakerMachine.TestCase
