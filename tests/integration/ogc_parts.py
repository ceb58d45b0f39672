"""What the tests of OGC API Features know of their farm, and how they ask the app and Postgres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

if TYPE_CHECKING:
    import httpx
    import psycopg

LINES, AREAS, WELLS = 137, 12, 3


@dataclass(frozen=True)
class Mapped:
    """Names of what the farm has on the map."""

    word: str

    @property
    def lines(self) -> str:
        """The collection of lines."""
        return f"cercas_{self.word}"

    @property
    def areas(self) -> str:
        """The collection of areas, of which one is not valid."""
        return f"pasto_bom_{self.word}"

    @property
    def wells(self) -> str:
        """The collection of points, of far apart years."""
        return f"pocos_{self.word}"

    def category(self, collection: str) -> str:
        """The category of one of these collections, as it is spelt in the file."""
        spelt = {self.lines: f"CERCAS_{self.word.upper()}", self.areas: f"Pasto Bom {self.word}"}
        return spelt.get(collection, f"Poços {self.word}")


@dataclass(frozen=True)
class Asker:
    """Asks the app, page by page, and Postgres itself."""

    client: httpx.Client
    connection: psycopg.Connection[Any]
    farm: Mapped

    def ids(self, collection: str, **parameters: object) -> list[int]:
        """Ids of all features of all pages, in the order they came; each page keeps its promises."""
        found: list[int] = []
        url = f"/ogc/collections/{collection}/items"
        query: dict[str, Any] | None = {name.replace("_", "-"): value for name, value in parameters.items()}
        while True:
            answer = self.client.get(url, params=query)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            assert page["numberReturned"] == len(page["features"])
            found += [feature["id"] for feature in page["features"]]
            links = {link["rel"]: link["href"] for link in page["links"]}
            if "next" not in links:
                return found
            assert page["features"], "an empty page has no next one"
            url, query = links["next"], None

    def rows(self, where: LiteralString, **values: object) -> list[int]:
        """Ids of the features for which a condition holds, as Postgres sees it."""
        query = "SELECT id FROM v_mapa_feicoes WHERE " + where + " ORDER BY id"  # noqa: S608 -- our conditions
        return [row[0] for row in self.connection.execute(query, values or None)]

    def within(self, collection: str, where: LiteralString = "true", **values: object) -> list[int]:
        """Ids of the features of one of the farm's collections for which a condition holds, as Postgres sees it."""
        return self.rows("categoria = %(in)s AND " + where, **{"in": self.farm.category(collection), **values})
