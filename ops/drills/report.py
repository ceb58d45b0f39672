"""What a drill found, as a table on the terminal and in the documentation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol

from rich.table import Table

if TYPE_CHECKING:
    from rich.console import RenderableType


class Findings(Protocol):
    """What a drill found, of whatever kind."""

    def terminal(self, title: str) -> RenderableType:
        """What is printed."""

    def markdown(self) -> str:
        """What is written below the promise on its page."""

    def record(self) -> list[dict[str, Any]]:
        """Every figure, for the file beside the page: one object a run."""

    def failures(self) -> list[str]:
        """One line for each promise that did not hold."""


@dataclass
class Tally:
    """Counts of one kind of fault.

    Attributes:
        action: what was under way when the fault came.
        faults: faults made while the action had begun and had not ended.
        missed: faults that came after its end; what must hold is looked at all the same.
        done: actions that were found finished when the system was back.
        undone: actions of which nothing was left.
        held: invariant → times it held.
        broken: invariant → what was found instead, one text a failure.
        recovery: seconds from the fault until the system answered again, one a fault.
    """

    action: str
    faults: int = 0
    missed: int = 0
    done: int = 0
    undone: int = 0
    held: Counter[str] = field(default_factory=Counter)
    broken: dict[str, list[str]] = field(default_factory=dict)
    recovery: list[float] = field(default_factory=list)

    def check(self, invariant: str, found: object, wanted: object) -> None:
        """Counts one look at an invariant."""
        if found == wanted:
            self.held[invariant] += 1
        else:
            self.broken.setdefault(invariant, []).append(f"{found} instead of {wanted}")


@dataclass
class Tallies:
    """The findings of a drill that counts invariants."""

    tallies: list[Tally]

    def terminal(self, title: str) -> RenderableType:
        """One row an action and invariant."""
        return terminal_table(self.tallies, title)

    def markdown(self) -> str:
        """The faults, and how often each invariant held."""
        return markdown(self.tallies)

    def record(self) -> list[dict[str, Any]]:
        """The counts of each action."""
        return [{each.name: getattr(tally, each.name) for each in fields(tally)} for tally in self.tallies]

    def failures(self) -> list[str]:
        """One line for each broken invariant."""
        return failures(self.tallies)


def terminal_table(tallies: list[Tally], title: str) -> Table:
    """One row an action and invariant."""
    table = Table(title=title, title_justify="left")
    for name in ("action", "invariant"):
        table.add_column(name)
    for name in ("held", "broken"):
        table.add_column(name, justify="right")
    for tally in tallies:
        for invariant in _invariants(tally):
            broken = tally.broken.get(invariant, [])
            table.add_row(tally.action, invariant, str(tally.held[invariant]), str(len(broken)), style=_style(broken))
    return table


def markdown(tallies: list[Tally]) -> str:
    """Two tables: the faults, and how often each invariant held."""
    lines = [
        "| action | killed in the middle | rolled back | committed | seconds until it answers again, median (worst) |",
        "|---|---:|---:|---:|---:|",
        *(_faults(tally) for tally in tallies),
        "",
        "| action | invariant | held | broken |",
        "|---|---|---:|---:|",
    ]
    for tally in tallies:
        lines += [
            f"| {tally.action} | {invariant} | {tally.held[invariant]} | {len(tally.broken.get(invariant, []))} |"
            for invariant in _invariants(tally)
        ]
    return "\n".join(lines) + "\n"


def failures(tallies: list[Tally]) -> list[str]:
    """One line for each broken invariant, with the first thing that was found."""
    return [
        f"{tally.action}: {invariant}: {found[0]} ({len(found)} times)"
        for tally in tallies
        for invariant, found in tally.broken.items()
    ]


def _invariants(tally: Tally) -> list[str]:
    return list(dict.fromkeys([*tally.held, *tally.broken]))


def _style(broken: list[str]) -> str:
    return "red" if broken else ""


def _faults(tally: Tally) -> str:
    ordered = sorted(tally.recovery)
    seconds = f"{ordered[len(ordered) // 2]:.1f} ({ordered[-1]:.1f})" if ordered else "—"
    return f"| {tally.action} | {tally.faults} | {tally.undone} | {tally.done} | {seconds} |"
