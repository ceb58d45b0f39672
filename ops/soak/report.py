"""What a soak saw, as a table on the terminal and in the documentation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections import Counter


@dataclass
class Outcome:
    """One Redis group with one down-after value.

    Attributes:
        down_after_ms: silence after which its Sentinels hold a server for down.
        failovers: promotions, all of them false, since nothing was broken.
        tried: failovers that a Sentinel began (`+try-failover`).
        agreed: times two Sentinels agreed that the master is down (`+odown`).
        suspected: times one Sentinel held the master for down (`+sdown`), all three together.
        others: times one held another server or Sentinel for down.
        tilts: times a Sentinel distrusted its own clock (`+tilt`).
        silence_ms: longest time a PING to any of the servers waited for its answer.
        writes: writes accepted by the master.
        refused: writes that failed.
    """

    down_after_ms: int
    failovers: int = 0
    tried: int = 0
    agreed: int = 0
    suspected: int = 0
    others: int = 0
    tilts: int = 0
    silence_ms: float = 0
    writes: int = 0
    refused: int = 0

    def hear(self, event: str, about: str) -> None:
        """Counts one event of one Sentinel; `about` begins with what it is about: master, slave or sentinel."""
        master = about.startswith("master ")
        match event:
            case "+try-failover":
                self.tried += 1
            case "+odown":
                self.agreed += 1
            case "+sdown" if master:
                self.suspected += 1
            case "+sdown":
                self.others += 1
            case "+tilt":
                self.tilts += 1

    def hear_switches(self, by_sentinel: Counter[str], epochs: int) -> None:
        """Every Sentinel tells of each switch, and each raises the epoch: the greatest of these counts."""
        self.failovers = max([epochs, *by_sentinel.values()])


@dataclass
class Soak:
    """A whole soak; times in seconds unless they say otherwise."""

    wanted: float
    seconds_on: float
    seconds_off: float
    cores: int
    lasted: float = 0
    busy_percent: float = 0
    stolen_percent: float = 0
    load_mean: float = 0
    load_most: float = 0
    own_delay_ms: float = 0
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def fastest_quiet(self) -> int | None:
        """The smallest down-after value at which, and at every larger one, no two Sentinels ever agreed."""
        fastest = None
        for outcome in sorted(self.outcomes, key=lambda each: -each.down_after_ms):
            if outcome.failovers or outcome.agreed:
                break
            fastest = outcome.down_after_ms
        return fastest

    def conditions(self) -> str:
        """How long, and how busy the machine was, in one sentence."""
        cut = "" if self.lasted >= self.wanted - 1 else f" (cut short, of {self.wanted / 60:g})"
        return (
            f"{self.lasted / 60:.1f} minutes{cut}; {self.cores} cores, {self.busy_percent:.0f} % busy on average"
            f" (bursts of {self.seconds_on:g} s on every core, {self.seconds_off:g} s apart, among other work), "
            f"{self.stolen_percent:.1f} % of the time taken by the host, load {self.load_mean:.1f} on average and "
            f"{self.load_most:.1f} at most; the listener itself was late by up to {self.own_delay_ms:.0f} ms."
        )


_COLUMNS = (
    "down-after, ms",
    "false failovers",
    "begun",
    "agreed down",
    "one Sentinel: master down",
    "other member down",
    "tilts",
    "longest silence, ms",
    "writes",
    "refused",
)


def _rows(soak: Soak) -> list[tuple[str, ...]]:
    return [
        (
            str(each.down_after_ms),
            str(each.failovers),
            str(each.tried),
            str(each.agreed),
            str(each.suspected),
            str(each.others),
            str(each.tilts),
            f"{each.silence_ms:.0f}",
            str(each.writes),
            str(each.refused),
        )
        for each in soak.outcomes
    ]


def terminal_table(soak: Soak) -> Table:
    """One row a down-after value."""
    table = Table(title=f"Sentinel soak: {soak.conditions()}", title_justify="left")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for outcome, row in zip(soak.outcomes, _rows(soak), strict=True):
        table.add_row(*row, style="red" if outcome.failovers else "yellow" if outcome.agreed else "")
    return table


def markdown(soak: Soak) -> str:
    """The conditions and the same table."""
    lines = [soak.conditions(), "", f"| {' | '.join(_COLUMNS)} |", "|" + "---:|" * len(_COLUMNS)]
    lines += [f"| {' | '.join(row)} |" for row in _rows(soak)]
    fastest = soak.fastest_quiet
    found = (
        f"{fastest} ms is the smallest value at which no two Sentinels ever agreed that the master is down."
        if fastest
        else "At none of these values the Sentinels were always quiet."
    )
    return "\n".join([*lines, "", found]) + "\n"
