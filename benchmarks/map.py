"""The map: pages of features and vector tiles from the app, against the same SQL asked of PostgreSQL directly."""

from __future__ import annotations

import http.client
import itertools
import math
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from app.mapa.tiles import MATRIX_SET
from app.mapa.view import IDENTITY, SELECTED, VIEW
from benchmarks import catalogue, farm
from benchmarks.app_servers.group import running
from benchmarks.blocks import Arm, Comparison
from benchmarks.context import timed
from benchmarks.criteria import by_key
from benchmarks.report import Figure, Report, Table
from benchmarks.statistics import percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.app_servers.group import HttpServer
    from benchmarks.context import Context
    from benchmarks.server import Connection

_PAGE: Final = 100
_ZOOMS: Final = (7, 9, 11, 13, 15)
_STRIDE: Final = 7919
_SECONDS: Final = 30
_IDLE_SECONDS: Final = 10

_ITEMS: Final = f"SELECT {SELECTED} FROM {VIEW} WHERE {IDENTITY.name} > %s ORDER BY {IDENTITY.name} LIMIT {_PAGE + 1}"  # noqa: S608
_TILE: Final = "SELECT mapa_tile(%s, %s, %s)"

ABOUT: Final = """\
Requests one after the other over one kept connection, each timed to the last byte of its answer; the peer is psycopg,
which runs the SQL that the app runs as the app's role and fetches its result. The app runs as the platform declares it,
beside PostgreSQL and a whole Redis group. A round is {queries} requests; compared are its P95s.

- **A page** is 100 features of `/ogc/collections/feicoes/items` with all their points and properties, at another place
  of the collection each time.
- **Tiles from the database** are asked of an app that keeps none (`MUNDO_TILES_CACHE_MB=0`), at other places each time,
  from one that holds most of the features down to one that holds a few.
- **Tiles from memory** are asked of the app as it is, which has made them before; the peer makes them anew."""

Place = tuple[int, int, int]


@dataclass
class _Client:
    """One kept connection to the app."""

    server: HttpServer
    sizes: list[int] = field(default_factory=list)
    wrong: int = 0

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(self.server.address, timeout=_SECONDS)
        self._used_at = 0.0

    def get(self, path: str) -> str:
        """Asks; gives the level that had the answer."""
        if time.monotonic() - self._used_at > _IDLE_SECONDS:
            self._connection.close()  # the server does it soon, perhaps just now
        self._connection.request("GET", path, headers={"Accept-Encoding": "gzip" if "/tiles/" in path else "identity"})
        answer = self._connection.getresponse()
        self.sizes.append(len(answer.read()))
        self._used_at = time.monotonic()
        self.wrong += answer.status not in {http.client.OK, http.client.NO_CONTENT}
        return answer.getheader("X-Cache", "")


@dataclass
class _Side:
    """One arm: what it does with a place, and how long each took."""

    name: str
    ask: Callable[[int], object]
    queries: int
    times: list[float] = field(default_factory=list)
    asked: Iterator[int] = field(default_factory=itertools.count)

    def round(self, number: int) -> float:
        """The P95 of one round."""
        times = [timed(partial(self.ask, place)) for place in itertools.islice(self.asked, self.queries)]
        if number >= 0:
            self.times += times
        return percentile(times, 0.95)


@dataclass
class _Found:
    """What is told beside the comparisons: whether each tile came from where it should, and a line for each zoom."""

    levels: list[bool] = field(default_factory=list)
    table: Table = field(
        default_factory=lambda: Table(
            ("tiles", "different", "largest, as sent", "P95 from the database", "P95 from memory"), {}
        )
    )


def run(context: Context) -> Report:
    """Measures pages, and tiles of each zoom."""
    options = context.options
    entries = options.search_entries
    catalogue.ensure(context, entries, entries)
    report = Report(
        name="map",
        title="The map: pages and tiles against their SQL",
        about=ABOUT.format(queries=options.queries),
        parameters={"features": entries, "requests of a round": options.queries},
    )
    found = _Found()
    with running(context) as group, context.server.connect("app") as direct:
        context.ui.say("starting the app")
        keeps, makes = _Client(group.app()), _Client(group.app("catalog-cold", 61, MUNDO_TILES_CACHE_MB="0"))
        pages, times = _pages(context, keeps, direct, entries)
        report.comparisons.append(pages)
        report.figures.append(Figure("P95 of all pages, the app", percentile(times, 0.95), "s"))
        for zoom in _ZOOMS:
            report.comparisons += _tiles(context, zoom, (keeps, makes), direct, found)
        report.figures += _figures(found.levels, keeps.wrong + makes.wrong)
    report.tables.append(found.table)
    return report


def _pages(context: Context, client: _Client, direct: Connection, entries: int) -> tuple[Comparison, list[float]]:
    def after(number: int) -> int:
        return number * _STRIDE % (entries - _PAGE)

    return _compared(
        context,
        f"a page of {_PAGE} features",
        ("the app", lambda number: client.get(f"/ogc/collections/feicoes/items?limit={_PAGE}&after={after(number)}")),
        ("its SQL", lambda number: direct.execute(_ITEMS.encode(), (after(number),)).fetchall()),
        "map-page",
    )


def _tiles(
    context: Context, zoom: int, clients: tuple[_Client, _Client], direct: Connection, found: _Found
) -> list[Comparison]:
    keeps, makes = clients
    places = _places(zoom, context.options.search_entries)

    def level(client: _Client, wanted: str, number: int) -> None:
        found.levels.append(client.get(_path(places[number % len(places)])) == wanted)

    def sql(number: int) -> object:
        return direct.execute(_TILE.encode(), places[number % len(places)]).fetchall()

    makes.sizes.clear()
    cold, made = _compared(
        context,
        f"a tile of zoom {zoom} from the database",
        ("the app", lambda number: level(makes, "postgres", number)),
        ("its SQL", sql),
        "map-tile",
    )
    for place in places:
        keeps.get(_path(place))
    warm, kept = _compared(
        context,
        f"a tile of zoom {zoom} from memory",
        ("the app", lambda number: level(keeps, "l1", number)),
        ("its SQL", sql),
        None,
    )
    found.table.rows[f"zoom {zoom}"] = [
        (len(places), ""),
        (max(makes.sizes) / 1024, "KiB"),
        (percentile(made, 0.95), "s"),
        (percentile(kept, 0.95), "s"),
    ]
    return [cold, warm]


def _compared(
    context: Context,
    label: str,
    subject: tuple[str, Callable[[int], object]],
    peer: tuple[str, Callable[[int], object]],
    criterion: str | None,
) -> tuple[Comparison, list[float]]:
    """The comparison of P95s, and every time of the subject."""
    options = context.options
    judged = criterion is not None and by_key(criterion).judged_at(options.search_entries)
    sides = [_Side(name, ask, options.queries) for name, ask in (subject, peer)]
    comparison = context.compare(
        f"{label}, P95",
        [Arm(side.name, side.round) for side in sides],
        options.search_pairs,
        criterion=criterion if judged else None,
    )
    return comparison, sides[0].times


def _figures(levels: list[bool], wrong: int) -> list[Figure]:
    return [
        Figure("tiles that came from where they should", 100 * sum(levels) / len(levels), "%", "map-level"),
        Figure("errors", wrong, "", "map-errors"),
    ]


def _path(place: Place) -> str:
    zoom, row, column = place
    return f"/ogc/tiles/{MATRIX_SET}/{zoom}/{row}/{column}"


def _places(zoom: int, entries: int) -> list[Place]:
    """Tiles in which features lie, spread over all of them; as many as there are, thirty at most."""
    found: dict[Place, None] = {}
    for number in range(0, entries, max(1, entries // 2000)):
        longitude, latitude = farm.place(number)
        tiles = 2**zoom
        north = 1 - math.asinh(math.tan(math.radians(latitude))) / math.pi
        found[zoom, int(north / 2 * tiles), int((longitude + 180) / 360 * tiles)] = None
    every = list(found)
    return every[:: max(1, len(every) // 30)][:30]
