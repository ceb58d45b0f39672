"""Boxes and times of requests, and the collections that come of categories."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import QueryTooSlowError
from app.mapa.boxes import boxes
from app.mapa.collections import ALL, Collections, UnknownCollectionError, collection_id, collections_of
from app.mapa.counts import Counts
from app.mapa.times import Span, span
from app.mapa.version import Look, Watch

if TYPE_CHECKING:
    from app.db import Database


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("-44,-17,-43,-16", ((-44, -17, -43, -16),)),
        (" -44 , -17.5, -43,1e1", ((-44, -17.5, -43, 10),)),
        ("-44,-17,0,-43,-16,900", ((-44, -17, -43, -16),)),
        ("-999,-999,999,999", ((-180, -90, 180, 90),)),
        ("170,-20,-170,20", ((170, -20, 180, 20), (-180, -20, -170, 20))),
    ],
)
def test_boxes_are_read(text: str, wanted: tuple[tuple[float, ...], ...]) -> None:
    assert boxes(text) == wanted


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,x", "1,2,3,nan", "1,2,inf,4", "1,2,3,4,5", "0,2,1,1", "1;2;3;4"])
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        boxes(text)


def _at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-01-31T12:00:00Z", Span(_at(2026, 1, 31, 12), _at(2026, 1, 31, 12))),
        ("2026-01-31t12:00:00.5-03:00", Span(_at(2026, 1, 31, 15, 0, 0, 500_000), _at(2026, 1, 31, 15, 0, 0, 500_000))),
        ("2026-01-31", Span(_at(2026, 1, 31), _at(2026, 1, 31, 23, 59, 59, 999_999))),
        ("../2026-01-31", Span(None, _at(2026, 1, 31, 23, 59, 59, 999_999))),
        ("2026-01-31/", Span(_at(2026, 1, 31), None)),
        ("../..", Span(None, None)),
        ("2026-01-31/2026-01-31", Span(_at(2026, 1, 31), _at(2026, 1, 31, 23, 59, 59, 999_999))),
    ],
)
def test_times_are_read(text: str, wanted: Span) -> None:
    assert span(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "2026",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "2026-01-31T12:00:00",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:00:60Z",
        "2026-W05",
        "2026-02-01/2026-01-01",
        "2026-01-01/2026-01-02/2026-01-03",
        "0000-01-01",
        "0001-01-01T00:00:00+23:59",
        "ontem",
        "\uff12\uff10\uff12\uff16-01-01",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        span(text)


@pytest.mark.parametrize(
    ("category", "wanted"),
    [
        ("CERCAS", "cercas"),
        ("Área de Preservação", "area_de_preservacao"),
        ("SEM_CATEGORIA", "sem_categoria"),
        ("Feições", "categoria_feicoes"),
        ("<img onerror=alert(1)>", "img_onerror_alert_1"),
        ("../../etc", "etc"),
    ],
)
def test_ids_of_categories(category: str, wanted: str) -> None:
    assert collection_id(category) == wanted


@given(st.text(min_size=1, max_size=40))
def test_every_category_has_an_id_that_is_no_address_of_anything_else(category: str) -> None:
    name = collection_id(category)
    assert name != ALL
    assert name.replace("_", "a").isalnum()
    assert name.isascii()
    assert name == name.lower()


def _row(category: str, features: int, west: float = 0.0, since: datetime | None = None) -> dict[str, Any]:
    return {
        "categoria": category,
        "feicoes": features,
        "oeste": west,
        "sul": 0.0,
        "leste": west + 1,
        "norte": 1.0,
        "desde": since,
    }


def test_categories_that_differ_in_spelling_only_are_one_collection() -> None:
    found = collections_of(
        [_row("CERCAS", 2, 0, _at(2026, 1, 2)), _row("Cercas", 3, 5, _at(2026, 1, 1)), _row("Poços", 1, -3)]
    )
    assert list(found) == [ALL, "cercas", "pocos"]
    assert found["cercas"].categories == ("CERCAS", "Cercas")
    assert found["cercas"].features == 5
    assert found["cercas"].extent == (0, 0, 6, 1)
    assert found["cercas"].since == _at(2026, 1, 1)
    assert found[ALL].categories is None
    assert found[ALL].features == 6
    assert found[ALL].extent == (-3, 0, 6, 1)


def test_without_features_there_is_one_empty_collection() -> None:
    found = collections_of([])
    assert list(found) == [ALL]
    assert (found[ALL].features, found[ALL].extent) == (0, None)


class _Database:
    """Answers as Postgres does, with what a test says."""

    def __init__(self) -> None:
        self.version, self.folding, self.features = 1, False, 2
        self.slow = False
        self.asked: list[str] = []

    async def fetch(self, statement: str, _: object) -> list[dict[str, Any]]:
        self.asked.append("version" if "v_mapa_versao" in statement else "categories")
        if self.asked[-1] == "version":
            return [{"versao": self.version, "em_curso": self.folding}]
        if self.slow:
            raise QueryTooSlowError(1)
        return [_row("CERCAS", self.features)]


def watched(database: _Database, clock: Callable[[], float]) -> Collections:
    """The collections of a database, by a clock."""
    asked = cast("Database", database)
    return Collections(asked, Watch(asked, clock), clock)


async def test_the_overview_is_read_anew_when_something_changed() -> None:
    database, now = _Database(), 100.0
    collections = watched(database, lambda: now)
    first = await collections.overview()
    assert await collections.overview() is first
    assert database.asked == ["version", "categories"]
    now += 1
    assert await collections.overview() is first
    assert database.asked == ["version", "categories", "version"]
    database.version, database.features, database.folding = 2, 3, True
    now += 1
    # A fold is at work: what was read may be from before it, and is read again whatever the number says.
    assert (await collections.overview()).collection("cercas").features == 3
    database.features, database.folding = 4, False
    now += 1
    assert (await collections.overview()).collection("cercas").features == 4
    now += 1
    asked = len(database.asked)
    assert (await collections.overview()).collection("cercas").features == 4
    assert database.asked[asked:] == ["version"]
    with pytest.raises(UnknownCollectionError, match="nada"):
        (await collections.overview()).collection("nada")


async def test_an_overview_that_takes_too_long_is_the_one_before() -> None:
    database, now = _Database(), 100.0
    collections = watched(database, lambda: now)
    database.slow = True
    with pytest.raises(QueryTooSlowError):
        await collections.overview()
    database.slow = False
    first = await collections.overview()
    database.slow, database.version, database.features = True, 2, 9
    now += 1
    assert await collections.overview() is first
    database.slow = False
    now += 1
    assert (await collections.overview()).collection("cercas").features == 9


class _Counting:
    """Counts, or takes too long."""

    def __init__(self) -> None:
        self.matched: int | None = 3
        self.asked = 0

    async def fetch(self, _: str, __: object) -> list[dict[str, Any]]:
        self.asked += 1
        if self.matched is None:
            raise QueryTooSlowError(1)
        return [{"matched": self.matched}]


async def test_a_query_is_counted_once_and_a_slow_count_is_left_out() -> None:
    database = _Counting()
    counts = Counts(database)  # type: ignore[arg-type]
    looks = [Look(version, settled=True) for version in range(4)]
    for _ in range(2):
        assert await counts.matched("id > %(v0)s::bigint", {"v0": 1}, looks[1]) == 3
    assert database.asked == 1
    assert await counts.matched("id > %(v0)s::bigint", {"v0": 2}, looks[1]) == 3
    assert database.asked == 2
    database.matched = None
    assert await counts.matched("id > %(v0)s::bigint", {"v0": 1}, looks[2]) is None
    assert await counts.matched("id > %(v0)s::bigint", {"v0": 1}, looks[2]) is None
    assert database.asked == 3
    database.matched = 4
    assert await counts.matched("id > %(v0)s::bigint", {"v0": 1}, looks[3]) == 4
    for number in range(300):
        await counts.matched("id > %(v0)s::bigint", {"v0": number}, looks[3])
    asked = database.asked
    assert await counts.matched("id > %(v0)s::bigint", {"v0": 299}, looks[3]) == 4
    assert database.asked == asked
    assert await counts.matched("id > %(v0)s::bigint", {"v0": 0}, looks[3]) == 4
    assert database.asked == asked + 1, "the oldest are forgotten"


async def test_what_is_counted_while_a_fold_is_at_work_is_counted_again() -> None:
    database = _Counting()
    counts = Counts(database)  # type: ignore[arg-type]
    assert await counts.matched("true", {}, Look(1, settled=False)) == 3
    database.matched = 4
    assert await counts.matched("true", {}, Look(1, settled=True)) == 4
    database.matched = 5
    assert await counts.matched("true", {}, Look(1, settled=True)) == 4, "nothing has changed"
    assert await counts.matched("true", {}, None) == 5, "what nobody can vouch for is not kept"
