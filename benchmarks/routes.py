"""How long each route takes, asked by the clock."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Final

from benchmarks import catalogue
from benchmarks.app_servers import asking
from benchmarks.app_servers.group import running
from benchmarks.app_servers.imports import imported
from benchmarks.app_servers.routes import BACKGROUND_ENTRIES, WARM, kinds
from benchmarks.app_servers.scale import SCALES
from benchmarks.report import Figure, Report, Table
from benchmarks.statistics import percentile
from ops.load import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.app_servers.group import HttpServer
    from benchmarks.app_servers.routes import Kind
    from benchmarks.context import Context
    from ops.load import Outcome

RATE: Final = 25
"""Requests a second of the route that is measured."""

BACKGROUND: Final = 200
"""Requests a second of bounds beside it."""

_SETTLING_SECONDS: Final = 1.0

ABOUT: Final = f"""\
Open loop: requests are due by the clock, and a request's time counts from when it was due, so that a stall is charged
for everything that should have been asked meanwhile. The app runs as the platform declares it, beside PostgreSQL and a
whole Redis group. Each route has a window of its own: {RATE} requests a second of it, beside {BACKGROUND} a second for
the bounds of {BACKGROUND_ENTRIES} entries; the first second is not counted. Bounds are asked where the in-process copy
has them, where only Redis does, and where neither does; other entries each time, but for the in-process copy."""


def run(context: Context) -> Report:
    """Measures each route in turn."""
    options, scale = context.options, SCALES[context.options.scale]
    catalogue.ensure(context, options.search_entries, options.search_geometries)
    report = Report(
        name="routes",
        title="Latency of every route",
        about=ABOUT,
        parameters={
            "scale": f"{options.search_geometries} geometries in {options.search_entries} entries",
            "requests a second": f"{RATE} of the route, {BACKGROUND} of bounds beside it",
            "seconds of a window": scale.route_seconds,
        },
    )
    table = Table(("route", "requests", "P50", "P95", "P99", "greatest", "errors"), {})
    measured: list[Outcome] = []
    levels: list[tuple[str, str]] = []
    with running(context) as group:
        count = round(RATE * (scale.route_seconds + _SETTLING_SECONDS))
        context.ui.say("starting the app")
        first = group.app("catalog-first", 61, MUNDO_L1_TTL_MS="0")
        asking.warm(group, first, [*range(1, BACKGROUND_ENTRIES + 1), *itertools.islice(WARM.entries(), count)])
        group.stop("catalog-first")
        app = group.app()
        token = group.cell.context.secrets.importToken.get_secret_value()
        found = kinds(options.search_entries, imported(app, token), token)
        with context.ui.steps("routes", len(found)) as advance:
            for kind in found:
                outcomes, beside = asyncio.run(_window(app, kind, scale.route_seconds))
                table.rows[kind.name] = _row(outcomes)
                measured += outcomes + beside
                levels += [(kind.level, outcome.cache) for outcome in outcomes if kind.level]
                advance(1)
    with context.server.connect() as owner:
        # What the next benchmark expects.
        owner.execute("DELETE FROM catalogo WHERE id > %s", (options.search_entries,))
        catalogue.fold(owner)
    report.tables.append(table)
    report.figures += _figures(table, measured, levels)
    return report


async def _window(app: HttpServer, kind: Kind, seconds: float) -> tuple[list[Outcome], list[Outcome]]:
    """What became of the route's requests and of those beside it, without those of the first second."""
    total = seconds + _SETTLING_SECONDS
    async with asking.load(app) as load, asking.load(app) as background:
        outcomes, beside = await asyncio.gather(
            load.run((Request(path, kind.name, kind.headers) for path in kind.paths()), rate=RATE, seconds=total),
            background.run(_background(), rate=BACKGROUND, seconds=total),
        )
    return _settled(outcomes), _settled(beside)


def _settled(outcomes: list[Outcome]) -> list[Outcome]:
    begun = min(outcome.due for outcome in outcomes)
    return [outcome for outcome in outcomes if outcome.due >= begun + _SETTLING_SECONDS]


def _background() -> Iterator[Request]:
    for number in itertools.count():
        yield Request(asking.bounds_of(1 + number % BACKGROUND_ENTRIES), "background")


def _wrong(outcome: Outcome) -> bool:
    return outcome.status != 200  # noqa: PLR2004  (all that is asked for is there)


def _row(outcomes: list[Outcome]) -> list[tuple[float, str]]:
    times = [outcome.latency for outcome in outcomes]
    return [
        (len(times), ""),
        *((percentile(times, share), "s") for share in (0.5, 0.95, 0.99, 1)),
        (sum(map(_wrong, outcomes)), ""),
    ]


def _figures(table: Table, measured: list[Outcome], levels: list[tuple[str, str]]) -> list[Figure]:
    slowest = max(table.rows, key=lambda name: table.rows[name][2][0])
    late = percentile([outcome.sent - outcome.due for outcome in measured], 0.99)
    right = sum(wanted == seen for wanted, seen in levels)
    return [
        Figure(f"greatest P95 of a route ({slowest})", table.rows[slowest][2][0], "s", "routes-p95"),
        Figure("errors, those of the bounds beside them included", sum(map(_wrong, measured)), "", "routes-errors"),
        Figure("bounds that came from the level that is measured", 100 * right / len(levels), "%", "bounds-level"),
        Figure("lateness of the load itself, P99", late, "s"),
    ]
