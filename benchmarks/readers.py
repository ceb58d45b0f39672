"""What readers notice of a refresh."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from benchmarks import catalogue
from benchmarks.blocks import Arm, Comparison
from benchmarks.report import Figure, Report
from benchmarks.statistics import percentile

if TYPE_CHECKING:
    from benchmarks.context import Context
    from benchmarks.server import Connection

_PACE_SECONDS: Final = 0.002
_READS: Final[dict[str, tuple[str, Any]]] = {
    "bounds": ("SELECT * FROM catalogo_bounds(%s)", int),
    "search": ("SELECT * FROM search_catalogo_indexed(%s)", str),
    "view": ("SELECT * FROM mv_catalogo_geometrias_stats WHERE catalogo_id = %s", int),
}
_WORDS: Final = ("jatobá", "brejo", "cerca", "curral norte", "mata")

ABOUT: Final = """\
One client of the app's role reads in turn, {pace:.0f} times a second: bounds of an entry, a search (rare and common
words), a row of the statistics view. Windows in which another client changes 0.1 % of the entries, folds and refreshes
both views over and over lie beside windows of the same length without. Compared is the P99 of each window."""


def run(context: Context) -> Report:
    """Measures windows with and without refreshes."""
    options = context.options
    catalogue.ensure(context, options.entries, options.geometries)
    report = Report(
        name="readers",
        title="Readers during a refresh",
        about=ABOUT.format(pace=1 / _PACE_SECONDS),
        parameters={
            "scale": f"{options.geometries} geometries in {options.entries} entries",
            "seconds of a window": options.seconds,
        },
    )
    # By kind of window and of read: P99 of each window, and every time of all windows.
    windows: dict[tuple[bool, str], list[float]] = defaultdict(list)
    everything: dict[tuple[bool, str], list[float]] = defaultdict(list)
    refreshed = 0
    with context.server.connect() as owner, context.server.connect("app") as reader:

        def window(number: int, *, refreshing: bool) -> float:
            nonlocal refreshed
            over = threading.Event()
            worker = _Refreshes(owner, over)
            if refreshing:
                worker.start()
            times = _read(reader, options.entries, options.seconds)
            over.set()
            if refreshing:
                worker.join()
                refreshed += worker.done
            if worker.error:
                raise worker.error
            if number >= 0:
                for kind, found in times.items():
                    windows[refreshing, kind].append(percentile(found, 0.99))
                    everything[refreshing, kind] += found
            return percentile([taken for found in times.values() for taken in found], 0.99)

        both = context.compare(
            "all reads, P99",
            (
                Arm("during refreshes", lambda number: window(number, refreshing=True)),
                Arm("without", lambda number: window(number, refreshing=False)),
            ),
            options.window_pairs,
            criterion="readers",
        )
    report.comparisons.append(both)
    report.comparisons += [
        Comparison(
            label=f"{kind}, P99",
            unit="s",
            subject=both.subject,
            peer=both.peer,
            values=(windows[True, kind], windows[False, kind]),
            criterion="readers",
        )
        for kind in _READS
    ]
    report.figures += [
        Figure(f"{kind}: P99 of all reads {name}", percentile(everything[refreshing, kind], 0.99), "s")
        for kind in _READS
        for refreshing, name in ((True, "during refreshes"), (False, "without"))
    ]
    report.figures.append(Figure("refreshes of both views", refreshed))
    return report


class _Refreshes(threading.Thread):
    """Changes, folds and refreshes until it is over."""

    def __init__(self, owner: Connection, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._owner = owner
        self._over = over
        self.done = 0
        self.error: Exception | None = None

    def run(self) -> None:
        """The thread."""
        try:
            while not self._over.is_set():
                catalogue.change(self._owner, self.done)
                catalogue.fold(self._owner)
                catalogue.refresh(self._owner)
                self.done += 1
        except Exception as error:  # noqa: BLE001  (raised again where the window ends)
            self.error = error


def _read(reader: Connection, entries: int, seconds: float) -> dict[str, list[float]]:
    """Seconds of each read by its kind, for so long."""
    times: dict[str, list[float]] = {kind: [] for kind in _READS}
    begun = time.perf_counter()
    number = 0
    while time.perf_counter() - begun < seconds:
        for kind, (query, of) in _READS.items():
            argument = 1 + number * 7919 % entries if of is int else _WORDS[number % len(_WORDS)]
            started = time.perf_counter()
            reader.execute(query.encode(), (argument,)).fetchall()
            taken = time.perf_counter() - started
            times[kind].append(taken)
            time.sleep(max(0.0, _PACE_SECONDS - taken))
        number += 1
    return times
