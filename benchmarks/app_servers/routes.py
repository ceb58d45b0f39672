"""What is asked of each route."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from benchmarks.app_servers.asking import bounds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BACKGROUND_ENTRIES: Final = 100
"""Entries, from the first on, that the in-process copy has."""


@dataclass(frozen=True)
class Range:
    """Entries that are asked for by one kind of request only, from `first` on, each once."""

    first: int

    def entries(self) -> Iterator[int]:
        """They, in order."""
        return itertools.count(self.first)


WARM: Final = Range(1001)
"""Entries that Redis has and the in-process copy has not."""

COLD: Final = Range(10_001)
"""Entries that neither has."""


@dataclass(frozen=True)
class Kind:
    """One kind of request.

    Attributes:
        name: of it, for a reader of the table.
        route: template of the route.
        paths: what is asked, endlessly.
        level: that must have the answer, for bounds.
        headers: that go with it.
    """

    name: str
    route: str
    paths: Callable[[], Iterator[str]]
    level: str = ""
    headers: tuple[tuple[str, str], ...] = ()


_SEARCH: Final = "/v1/catalogo"
_ENTRY: Final = "/v1/catalogo/{catalogo_id}"
_BOUNDS: Final = "/v1/catalogo/{catalogo_id}/bounds"
_GEOMETRIAS: Final = "/v1/catalogo/{catalogo_id}/geometrias"
_ORIGEM: Final = "/v1/catalogo/{catalogo_id}/origem"
_STRIDE: Final = 7919


def kinds(entries: int, job: int, token: str) -> list[Kind]:
    """Every kind of request.

    Args:
        entries: of the catalogue, as `benchmarks.farm` makes them.
        job: id of an import.
        token: that opens the imports.
    """

    def scattered(template: str) -> Callable[[], Iterator[str]]:
        return lambda: (
            template.replace("{catalogo_id}", str(1 + number * _STRIDE % entries)) for number in itertools.count()
        )

    def hot() -> Iterator[str]:
        return (bounds_of(entry) for entry in itertools.cycle(range(1, BACKGROUND_ENTRIES + 1)))

    return [
        Kind("bounds, in-process", _BOUNDS, hot, "l1"),
        Kind("bounds, Redis", _BOUNDS, lambda: map(bounds_of, WARM.entries()), "redis"),
        Kind("bounds, PostgreSQL", _BOUNDS, lambda: map(bounds_of, COLD.entries()), "postgres"),
        _search("search, common word", query="cerca"),
        _search("search, common words", query="cerca norte"),
        _search("search, rare word", query="jatobá"),
        _search("search, beginning of a word", query="buriti"),
        _search("search, word that no entry has", query="cerka"),
        _search("search, word, type, with geometries", query="mata", tipo="CERCA", only_geometric="true"),
        _search("search, no word", limit="50"),
        _search("search, page 20", query="cerca", offset="1000"),
        Kind("entry", _ENTRY, scattered(_ENTRY)),
        Kind("origin of an entry", _ORIGEM, scattered(_ORIGEM)),
        Kind("geometries of an entry", _GEOMETRIAS, scattered(_GEOMETRIAS)),
        *(
            Kind(name, route, _always(route.format(import_id=job)), headers=(("Authorization", f"Bearer {token}"),))
            for name, route in _IMPORTS.items()
        ),
        *(Kind(path, path, _always(path)) for path in _FIXED),
    ]


_FIXED: Final = ("/health/live", "/health/ready", "/metrics", "/", "/docs", "/openapi.json")


_IMPORTS: Final = {
    "latest imports": "/v1/importacoes",
    "an import": "/v1/importacoes/{import_id}",
    "rejects of an import": "/v1/importacoes/{import_id}/rejeitos",
}


def _always(path: str) -> Callable[[], Iterator[str]]:
    return lambda: itertools.repeat(path)


def _search(name: str, **parameters: str) -> Kind:
    return Kind(name, _SEARCH, _always(f"{_SEARCH}?{urlencode(parameters)}"))
