"""What an update or a refresh would change, as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from ops.preview.properties import changed

if TYPE_CHECKING:
    from pulumi.automation import EngineEvent
    from rich.console import Console

    from ops.preview.properties import Property

_COLOURS = {"create": "green", "delete": "red", "replace": "magenta", "update": "yellow"}
_LONGEST = 48
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
        properties: tuple[str, ...] = ()
        if op not in {"create", "delete"}:
            named = changed(metadata, found=event.res_outputs_event is not None)
            properties = tuple(map(_line, named)) or ("(with what it depends on)",)
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


def _line(one: Property) -> str:
    """The property, with both values where they are short."""
    if one.before is None:
        return one.name if one.after is None else f"{one.name}: {one.after}"
    return f"{one.name}: {_short(one.before)} → {_short(one.after or '')}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
