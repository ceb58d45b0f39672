"""What a person sees while a benchmark runs."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Ui:
    """Lines and progress bars on standard error; standard output is the result's."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(text, markup=False, soft_wrap=True)

    @contextlib.contextmanager
    def steps(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar for the length of the block; the function given advances it by so many."""
        if not self.console.is_terminal:
            self.say(label)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, disable=not self.console.is_terminal) as progress:
            task = progress.add_task(label, total=total)
            yield lambda count: progress.advance(task, count)
