"""What every benchmark is given."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import blocks
from benchmarks.farm import Farm
from benchmarks.ui import Ui

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.options import Options
    from benchmarks.server import Server


@dataclass
class Context:
    """One benchmark's run: its server, its scale, its screen."""

    server: Server
    options: Options
    ui: Ui = field(default_factory=Ui)
    farm: Farm = field(default_factory=Farm.make)

    def compare(
        self,
        label: str,
        arms: Sequence[blocks.Arm],
        pairs: int,
        *,
        unit: str = "s",
        criterion: str | None = None,
        warm_up: bool = True,
    ) -> blocks.Comparison:
        """Runs a comparison with a progress bar (`blocks.compare`)."""
        with self.ui.steps(label, pairs) as advance:
            return blocks.compare(
                label, unit, arms, pairs, criterion=criterion, warm_up=warm_up, on_round=lambda: advance(1)
            )


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
