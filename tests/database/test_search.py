"""Search with any text, and paging that neither skips nor repeats."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

SEARCH = "SELECT id, relevance_score, criado_em FROM search_catalogo_indexed(%s, p_limit => %s, p_offset => %s)"
WORDS = ("curral", "mata", "vegetação", "talhão", "12", "sede", "córrego", "São João")


@pytest.fixture(scope="module")
def connection(owner_conninfo: str, app_conninfo: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The app's own login, over 300 entries of few words, many of the same rank and age."""
    with psycopg.connect(owner_conninfo) as owner:
        owner.execute("TRUNCATE catalogo CASCADE")
        for number in range(300):
            name = " ".join((WORDS[number % 8], WORDS[number // 8 % 8]))
            owner.execute(
                "INSERT INTO catalogo (nome, tipo, criado_em) VALUES (%s, 'Tipo', %s)",
                [name, f"2026-01-{number % 5 + 1:02}"],
            )
        owner.execute("SELECT refresh_all_materialized_views()")
    with psycopg.connect(app_conninfo, autocommit=True) as opened:
        yield opened
    with psycopg.connect(owner_conninfo) as owner:
        owner.execute("TRUNCATE catalogo CASCADE")
        owner.execute("SELECT refresh_all_materialized_views()")


Search = Callable[[str | None, int, int], list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def search(connection: psycopg.Connection[tuple[object, ...]]) -> Search:
    """Searches as the app does."""
    return lambda text, limit, offset: connection.execute(SEARCH, [text, limit, offset]).fetchall()


typed = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)
operators = st.text(st.sampled_from("'\"\\&|!<->:*()%_ aã1-@./#$[]{}^~`;,?"), max_size=60)
words = st.lists(st.sampled_from([*WORDS, "or", "and", "NOT", "-mata", '"curral sede"', "vegetacao"]), max_size=6)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(typed, operators, words.map(" ".join)))
@example(text="'" * 1001)
@example(text="\u0303" * 50)
@example(text="a\u200bb \u202e c")
@example(text="ß İ ǆ ﬁ")
def test_any_text_is_safe(search: Search, text: str) -> None:
    assert len(search(text, 5, 0)) <= 5


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=words.map(" ".join), size=st.integers(1, 40))
def test_pages_make_up_the_whole_in_order(search: Search, text: str, size: int) -> None:
    whole = search(text, 1000, 0)
    pages = [row for offset in range(0, len(whole) + size, size) for row in search(text, size, offset)]
    assert pages == whole
    assert len({row[0] for row in whole}) == len(whole)
    keys = [(row[1], row[2], row[0]) for row in whole]
    assert keys == sorted(keys, reverse=True)


def test_a_fresh_session_finds_similar_names(app_conninfo: str, search: Search) -> None:
    assert search("curall", 1, 0)
    with psycopg.connect(app_conninfo) as fresh:
        assert fresh.execute(SEARCH, ["curall", 1000, 0]).fetchall() == search("curall", 1000, 0)
