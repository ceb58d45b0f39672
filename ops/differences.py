"""What an update or a refresh would change, as a table."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.automation import EngineEvent, StepEventMetadata
    from rich.console import Console

_COLOURS = {"create": "green", "delete": "red", "replace": "magenta", "update": "yellow"}
_LONGEST = 48
# How the engine marks a secret and a value that is not known yet, in its events.
_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 - a mark, no secret
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNCHANGED = {"same", "read", "refresh"}


@dataclass(frozen=True)
class Difference:
    """One resource that would change: the operation, what it is, and the properties that differ."""

    op: str
    kind: str
    name: str
    properties: tuple[str, ...]


@dataclass
class Differences:
    """Collects differences from engine events."""

    rows: list[Difference] = field(default_factory=list)

    def __call__(self, event: EngineEvent) -> None:
        """One engine event: a planned step is remembered, and what a refresh found."""
        outcome = event.res_outputs_event or event.resource_pre_event
        if outcome is None:
            return
        metadata = outcome.metadata
        op = str(getattr(metadata.op, "value", metadata.op))
        state = metadata.new or metadata.old
        if op in _UNCHANGED or state is None or not state.custom or "::pulumi:" in metadata.urn:
            return
        if op in {"create-replacement", "delete-replaced", "discard-replaced"}:
            return
        properties = (
            _changed(metadata, found=event.res_outputs_event is not None) if op not in {"create", "delete"} else ()
        )
        row = Difference(
            op, metadata.urn.split("::")[2].rsplit(":", 1)[-1], metadata.urn.rsplit("::", 1)[-1], properties
        )
        if (row.kind, row.name) not in {(other.kind, other.name) for other in self.rows}:
            self.rows.append(row)

    def show(self, console: Console) -> None:
        """The table, or one line that says that nothing differs."""
        if not self.rows:
            console.print("[green]no differences[/green]")
            return
        table = Table()
        for column in ("", "kind", "name", "properties"):
            table.add_column(column)
        for row in sorted(self.rows, key=lambda row: (row.op, row.kind, row.name)):
            colour = _COLOURS.get(row.op, "white")
            table.add_row(f"[{colour}]{row.op}[/{colour}]", row.kind, row.name, Text("\n".join(row.properties)))
        console.print(table)
        console.print(f"{len(self.rows)} differences")


def _changed(metadata: StepEventMetadata, *, found: bool) -> tuple[str, ...]:
    """The properties that differ, with both values where they are short.

    Args:
        metadata: the step.
        found: whether it is what a refresh found, so that outputs count as well.
    """
    old, new = metadata.old, metadata.new
    if old and new:
        differing = _unequal(old.inputs or {}, new.inputs or {})
        if not differing and found:
            differing = _unequal(old.outputs or {}, new.outputs or {})
        if differing:
            return differing
    named = {*(metadata.detailed_diff or ()), *(metadata.diffs or ()), *(metadata.keys or ())}
    return tuple(sorted(named)) or ("(with what it depends on)",)


def _unequal(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    # `__provider` is the pickled class of a dynamic provider: what it does shows in the other properties.
    keys = sorted(key for key in {*before, *after} - {"__provider"} if before.get(key) != after.get(key))
    return tuple(f"{key}: {_short(before.get(key))} → {_short(after.get(key))}" for key in keys)


def _short(value: Any) -> str:
    if isinstance(value, dict) and _SECRET_MARK in value:
        return "[secret]"
    if value == _UNKNOWN:
        return "(known later)"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
