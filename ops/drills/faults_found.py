"""The runs of a drill of faults as tables, on the terminal and in the documentation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ops.drills.promises import Promises

if TYPE_CHECKING:
    from rich.console import RenderableType


class Titled(Protocol):
    """A fault: what happens, as a heading, and what must hold."""

    title: ClassVar[str]
    promise: ClassVar[str]


F = TypeVar("F", bound=Titled)
R = TypeVar("R", bound=Promises)


@dataclass
class FaultsFound(ABC, Generic[F, R]):
    """Every run of each fault, in order.

    Attributes:
        columns: headings of the tables.
        legend: what they mean.
    """

    columns: ClassVar[tuple[str, ...]]
    legend: ClassVar[str]

    runs: list[tuple[type[F], list[R]]] = field(default_factory=list)

    @abstractmethod
    def row(self, run: R) -> tuple[str, ...]:
        """What the table says of a run."""

    @abstractmethod
    def lines(self, run: R) -> list[str]:
        """What is said below the table."""

    def told(self, fault: type[F]) -> list[str]:  # noqa: ARG002 - most have nothing to say
        """What the page says of a fault, whatever its runs found."""
        return []

    def figures(self, fault: type[F], run: R) -> dict[str, Any]:
        """The figures of a run."""
        return {"fault": fault.title, **{each.name: getattr(run, each.name) for each in fields(run)}}

    def terminal(self, title: str) -> RenderableType:
        """A table a fault, and what was said."""
        parts: list[RenderableType] = [Text(title, style="bold")]
        for fault, runs in self.runs:
            table = Table(title=fault.title, title_justify="left")
            for name in self.columns:
                table.add_column(name, justify="right")
            for run in runs:
                table.add_row(*self.row(run), style="red" if run.broken else "")
            parts.append(table)
            parts += [Text(f"  {line}") for run in runs for line in self._all_lines(run)]
        return Group(*parts)

    def markdown(self) -> str:
        """A section a fault: what is promised, the table, and what else was seen."""
        lines = [self.legend]
        for fault, runs in self.runs:
            lines += ["", f"## {fault.title}", "", fault.promise, ""]
            lines += [f"| {' | '.join(self.columns)} |", "|" + "---:|" * len(self.columns)]
            lines += [f"| {' | '.join(self.row(run))} |" for run in runs]
            said = [*self.told(fault), *(line for run in runs for line in self._all_lines(run))]
            lines += ["", *(f"- {line}" for line in said)]
        return "\n".join(lines) + "\n"

    def record(self) -> list[dict[str, Any]]:
        """The figures of each run."""
        return [self.figures(fault, run) for fault, runs in self.runs for run in runs]

    def failures(self) -> list[str]:
        """One line for each promise that did not hold."""
        return [f"{fault.title}: {broken}" for fault, runs in self.runs for run in runs for broken in run.broken]

    def _all_lines(self, run: R) -> list[str]:
        return [*self.lines(run), *(f"**not kept:** {broken}" for broken in run.broken)]
