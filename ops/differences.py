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
    named = {*(metadata.detailed_diff or ()), *(metadata.diffs or ()), *(metadata.keys or ())}
    if old and new:
        differing = _unequal(old.inputs or {}, new.inputs or {})
        if not differing and found:
            differing = _unequal(old.outputs or {}, new.outputs or {})
        if differing:
            # Two secrets look the same in an event: what the engine names beside the rest is said as well.
            shown = {line.split(":", 1)[0] for line in differing}
            hidden = {key for key in (new.inputs or {}).keys() & named - shown if _is_secret(new.inputs or {}, key)}
            return (*differing, *(f"{key}: [secret]" for key in sorted(hidden)))
    return tuple(sorted(named)) or ("(with what it depends on)",)


def _is_secret(values: Mapping[str, Any], key: str) -> bool:
    return "[secret]" in _short(values[key])


def _unequal(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    # `__provider` is the pickled class of a dynamic provider: what it does shows in the other properties.
    keys = sorted(key for key in {*before, *after} - {"__provider"} if before.get(key) != after.get(key))
    return tuple(f"{key}: {_short(before.get(key))} → {_short(after.get(key))}" for key in keys)


def _short(value: Any) -> str:
    plain = _plain(value)
    text = plain if isinstance(plain, str) else json.dumps(plain, default=str, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _plain(value: Any) -> Any:
    """The value with the engine's marks in words."""
    if isinstance(value, dict):
        return "[secret]" if _SECRET_MARK in value else {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return "(known later)" if value == _UNKNOWN else value
