"""What an update or a refresh would change, as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from pulumi.automation import EngineEvent
    from rich.console import Console

_COLOURS = {"create": "green", "delete": "red", "replace": "magenta", "update": "yellow"}
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
        properties = tuple(sorted(metadata.detailed_diff or metadata.diffs or ()))
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
            shown = ", ".join(row.properties) if row.op not in {"create", "delete"} else ""
            table.add_row(f"[{colour}]{row.op}[/{colour}]", row.kind, row.name, shown)
        console.print(table)
        console.print(f"{len(self.rows)} differences")
