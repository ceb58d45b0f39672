"""Shows what the engine does while it does it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from components.database.resources import SAID

if TYPE_CHECKING:
    from types import TracebackType

    from pulumi.automation import EngineEvent, StepEventMetadata
    from rich.console import Console

_VERBS = {
    "create": ("creating", "created"),
    "update": ("updating", "updated"),
    "delete": ("deleting", "deleted"),
    "replace": ("replacing", "replaced"),
    "create-replacement": ("creating anew", "created anew"),
    "delete-replaced": ("deleting the old", "deleted the old"),
    "refresh": ("reading", "read"),
    "read": ("reading", "read"),
}
_SILENT = {"same", "refresh", "read"}
_HEARTBEAT_SECONDS = 10.0


@dataclass
class Step:
    """One finished operation: what was done to which resource, in how many seconds."""

    verb: str
    kind: str
    name: str
    seconds: float


@dataclass
class EngineProgress:
    """Listens to engine events; keeps the steps, the diagnostics and the counts.

    On a terminal the operations under way are shown live; elsewhere each finished one is a line, and a long one gives a
    sign of life every ten seconds.
    """

    console: Console
    steps: list[Step] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    changes: dict[str, int] = field(default_factory=dict)
    _running: dict[str, tuple[str, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _live: Live | None = None
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live = Live(get_renderable=self._table, console=self.console, transient=True, refresh_per_second=4)
            self._live.start()
        else:
            threading.Thread(target=self._heartbeat, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._live:
            self._live.stop()

    def __call__(self, event: EngineEvent) -> None:
        """One engine event."""
        if event.resource_pre_event:
            self._begin(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._end(event.res_outputs_event.metadata)
        elif event.res_op_failed_event:
            with self._lock:
                self._running.pop(event.res_op_failed_event.metadata.urn, None)
        elif event.diagnostic_event:
            diagnostic = event.diagnostic_event
            if diagnostic.severity == "error":
                self.errors.append(diagnostic.message)
            elif diagnostic.severity == "warning":
                self.warnings.append(diagnostic.message)
            else:
                for line in diagnostic.message.splitlines():
                    _, ours, text = line.partition(SAID)
                    if ours:
                        self.console.print(f"  {text}", highlight=False, markup=False)
        elif event.summary_event:
            self.changes = {str(key): value for key, value in (event.summary_event.resource_changes or {}).items()}

    def _begin(self, metadata: StepEventMetadata) -> None:
        verb = _VERBS.get(_value(metadata.op))
        if verb and "::pulumi:" not in metadata.urn:
            with self._lock:
                self._running[metadata.urn] = (verb[0], time.monotonic())

    def _end(self, metadata: StepEventMetadata) -> None:
        with self._lock:
            _, begun = self._running.pop(metadata.urn, ("", time.monotonic()))
        op = _value(metadata.op)
        if op in _SILENT or op not in _VERBS or "::pulumi:" in metadata.urn or not _is_resource(metadata):
            return
        step = Step(_VERBS[op][1], _kind(metadata.urn), _name(metadata.urn), time.monotonic() - begun)
        self.steps.append(step)
        self.console.print(f"  {step.verb:<16} {step.kind:<12} {step.name:<32} {step.seconds:6.1f} s", highlight=False)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        with self._lock:
            running = sorted(self._running.items(), key=lambda item: item[1][1])
        for urn, (verb, begun) in running[:12]:
            table.add_row(Spinner("dots"), verb, _kind(urn), _name(urn), f"{time.monotonic() - begun:.0f} s")
        return table

    def _heartbeat(self) -> None:
        while not self._done.wait(_HEARTBEAT_SECONDS):
            with self._lock:
                waiting = [
                    f"{_name(urn)} ({time.monotonic() - begun:.0f} s)"
                    for urn, (_, begun) in self._running.items()
                    if time.monotonic() - begun > _HEARTBEAT_SECONDS
                ]
            if waiting:
                self.console.print(f"  … still at {', '.join(sorted(waiting)[:6])}", highlight=False)


def _value(op: object) -> str:
    return str(getattr(op, "value", op))


def _is_resource(metadata: StepEventMetadata) -> bool:
    """Whether it is a thing of its own, not a component that groups others."""
    state = metadata.new or metadata.old
    return bool(state and state.custom)


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _kind(urn: str) -> str:
    return urn.split("::")[2].rsplit(":", 1)[-1]
