"""How often a cache has the bounds that are asked for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from app.settings import Settings
from benchmarks import catalogue
from benchmarks.app_servers import asking, levels
from benchmarks.app_servers.group import running
from benchmarks.app_servers.scale import SCALES
from benchmarks.farm import SEED
from benchmarks.report import Figure, Report, Table
from ops.load import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from benchmarks.app_servers.group import HttpServer
    from benchmarks.context import Context
    from benchmarks.server import Connection

EXPONENT: Final = 1.0
"""Of Zipf's law: the entry of rank k is asked for in proportion to 1 / k to this power."""

CHANGED_A_MINUTE: Final = 0.001
"""Share of the entries."""

_WARM_UP: Final = 50
_SETTLING_SECONDS: Final = 2.0
_OK: Final = 200

ABOUT: Final = """\
Bounds are asked for by Zipf's law (exponent {exponent:g} over {entries} entries, ranks scattered over the ids by a
seeded generator), {rate:g} requests a second by the clock. The app's own counters say which level answered; a hit is an
answer that PostgreSQL was not asked for.

Cold: Redis is empty and the app has just started. Warm: every entry that {warm_up} requests of this load name ({named}
entries) has been asked for once. With changes: meanwhile {changes:.3g} entries a minute, drawn evenly, have a geometry
changed ({share:.1%} of all)."""


def run(context: Context) -> Report:
    """Measures windows: cold, warm, and warm while entries change."""
    scale = SCALES[context.options.scale]
    entries, rate, seconds = scale.zipf_entries, scale.zipf_rate, scale.zipf_seconds
    catalogue.at_least(context, entries)
    law = Zipf(entries)
    named = np.unique(law.draw(_WARM_UP * entries)).tolist()
    changes = CHANGED_A_MINUTE * entries
    report = Report(
        name="hit-rate",
        title="Hit rate of the bounds cache",
        about=ABOUT.format(
            exponent=EXPONENT,
            entries=entries,
            rate=rate,
            warm_up=_WARM_UP * entries,
            named=len(named),
            changes=changes,
            share=CHANGED_A_MINUTE,
        ),
        parameters={"seconds of a window": seconds, "seed": SEED},
    )
    table = Table(("window", "in-process", "Redis", "PostgreSQL", "hit rate"), {})
    errors = 0
    with running(context) as group, context.server.connect() as owner:
        context.ui.say("starting the app")
        app = group.app()

        def window(name: str) -> float:
            nonlocal errors
            context.ui.say(f"{name}: {seconds:g} s")
            shares, wrong = _window(app, law, rate, seconds)
            errors += wrong
            table.rows[name] = [(100 * shares[level], "%") for level in levels.LEVELS]
            hits = 100 * (shares["l1"] + shares["redis"])
            table.rows[name].append((hits, "%"))
            return hits

        window("cold")
        context.ui.say(f"warming with {len(named)} entries")
        errors += sum(outcome.status != _OK for outcome in asking.once(app, named))
        _window(app, law, rate, _SETTLING_SECONDS)
        warm = window("warm")
        with _changing(owner, entries, changes / 60) as done:
            changed = window("warm, with changes")
        memory: Any = group.redis().info("memory")
    report.tables.append(table)
    report.figures += [
        Figure("hit rate, warm", warm, "%", "hit-rate"),
        Figure("hit rate, warm, with changes", changed, "%", "hit-rate"),
        Figure("entries changed meanwhile", len(done)),
        Figure("errors", errors, "", "hit-rate-errors"),
        Figure(f"memory of Redis with {len(named)} entries", round(memory["used_memory"] / 2**20, 1), "MiB"),
        Figure(
            "requests a second from which 99 % are hits although entries expire (computed)", round(law.least_rate()), ""
        ),
    ]
    return report


class Zipf:
    """Entries 1 to `entries`, drawn by Zipf's law; the same numbers in every run."""

    def __init__(self, entries: int, seed: int = SEED) -> None:
        self._rng = np.random.default_rng([seed, entries])
        self._ids: NDArray[np.int64] = self._rng.permutation(np.arange(1, entries + 1))
        weights = 1 / np.arange(1, entries + 1, dtype=np.float64) ** EXPONENT
        self.shares: NDArray[np.float64] = weights / weights.sum()
        self._bounds = np.cumsum(self.shares)

    def draw(self, count: int) -> NDArray[np.int64]:
        """The next `count` entries."""
        ranks = np.searchsorted(self._bounds, self._rng.random(count), side="right")
        return self._ids[np.minimum(ranks, len(self._ids) - 1)]

    def least_rate(self, share: float = 0.99) -> float:
        """Requests a second at which the cache has `share` of what is asked, with nothing but expiry against it.

        An entry that is asked for λ times a second is missed once per time to live T and wait for the next request,
        1/λ: its share of misses is 1 / (1 + λT).
        """
        default = {name: Settings.model_fields[name].default for name in ("bounds_ttl_s", "bounds_ttl_jitter")}
        lives = default["bounds_ttl_s"] * (1 - default["bounds_ttl_jitter"] / 2)
        low, high = 1e-6, 1e9
        while high / low > 1.001:  # noqa: PLR2004  (exact enough)
            middle = (low * high) ** 0.5
            missed = float(np.sum(self.shares / (1 + middle * lives * self.shares)))
            low, high = (middle, high) if missed > 1 - share else (low, middle)
        return high


def _window(app: HttpServer, law: Zipf, rate: float, seconds: float) -> tuple[dict[str, float], int]:
    """Share of each level, and how many answers were none."""

    async def ask() -> int:
        drawn = law.draw(round(rate * seconds) + 1).tolist()
        async with asking.load(app) as load:
            outcomes = await load.run((Request(asking.bounds_of(entry)) for entry in drawn), rate=rate, seconds=seconds)
        return sum(outcome.status != _OK for outcome in outcomes)

    before = levels.lookups(app)
    wrong = asyncio.run(ask())
    return levels.shares(before, levels.lookups(app)), wrong


@contextlib.contextmanager
def _changing(owner: Connection, entries: int, rate: float) -> Iterator[list[int]]:
    """Changes a geometry of one entry after another, `rate` a second, for the length of the block; gives which.

    Raises:
        Exception: a change was refused.
    """
    over = threading.Event()
    done: list[int] = []
    failed: list[Exception] = []
    rng = np.random.default_rng(SEED)

    def work() -> None:
        try:
            while not over.is_set():
                entry = int(rng.integers(1, entries + 1))
                catalogue.change_entry(owner, entry)
                done.append(entry)
                over.wait(1 / rate)
        except Exception as error:  # noqa: BLE001  (raised again where the block ends)
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()
    if failed:
        raise failed[0]
