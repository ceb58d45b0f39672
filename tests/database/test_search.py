"""Search with any text, and paging that neither skips nor repeats."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

SEARCH = "SELECT id, relevance_score, criado_em FROM search_catalogo_indexed(%s, p_limit => %s, p_offset => %s)"
MOST = 1000
WORDS = ("curral", "mata", "vegetação", "talhão", "12", "sede", "córrego", "São João")


@pytest.fixture(scope="module")
def connection(owner_conninfo: str, app_conninfo: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The app's own login, over 3,000 entries of few words, many of the same rank and age, with statistics."""
    with psycopg.connect(owner_conninfo) as owner:
        owner.execute("TRUNCATE catalogo CASCADE")
        owner.execute(
            "INSERT INTO catalogo (nome, descricao, tipo, status, criado_em)"
            " SELECT concat_ws(' ', w[1 + n %% 8], CASE WHEN n %% 5 > 0 THEN w[1 + n / 8 %% 8] END),"
            " CASE WHEN n %% 3 > 0 THEN concat_ws(' ', w[1 + n / 64 %% 8], w[1 + n / 16 %% 8]) END,"
            " 'Tipo ' || n %% 4, CASE WHEN n %% 10 > 0 THEN 'ativo' ELSE 'inativo' END,"
            " '2026-01-01'::timestamptz + n %% 50 * interval '1 day'"
            " FROM generate_series(1, 3000) AS n, (SELECT %s::text[] AS w) AS words",
            [list(WORDS)],
        )
        owner.execute(
            "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)"
            " SELECT id, ST_GeomFromText('MULTIPOINT((-43 -17))', 4326) FROM catalogo WHERE id % 2 = 0"
        )
        owner.execute("SELECT fold_catalogo_changes(NULL)")
        owner.execute("ANALYZE catalogo_summary")
    with psycopg.connect(app_conninfo, autocommit=True) as opened:
        yield opened
    with psycopg.connect(owner_conninfo) as owner:
        owner.execute("TRUNCATE catalogo CASCADE")
        owner.execute("SELECT refresh_all_materialized_views()")
        owner.execute("TRUNCATE mv_refresh_log")


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
@given(text=words.map(" ".join), size=st.integers(20, 300))
def test_pages_make_up_the_whole_in_order(search: Search, text: str, size: int) -> None:
    whole = search(text, MOST, 0)
    pages = [row for offset in range(0, len(whole), size) for row in search(text, size, offset)]
    assert pages[: len(whole)] == whole
    assert len(whole) == MOST or not search(text, size, len(whole))
    assert len({row[0] for row in whole}) == len(whole)
    keys = [(row[1], row[2], row[0]) for row in whole]
    assert keys == sorted(keys, reverse=True)


# What the search promises, in one plain statement.
REFERENCE = """
WITH asked AS (
    SELECT
        catalogo_search_query(%(text)s) AS query,
        unaccent(catalogo_search_text(left(%(text)s, 2000))) AS name
)
SELECT
    held.catalogo_id,
    (CASE WHEN NOT held.nome_vector @@ query THEN 0.1 WHEN held.nome_busca = name THEN 1 ELSE 0.5 END)::real AS score,
    held.criado_em
FROM catalogo_summary AS held, asked
WHERE held.is_active AND held.search_vector_pt @@ query AND (%(tipo)s::text IS NULL OR held.tipo = %(tipo)s)
    AND (NOT %(geometric)s OR held.geom_count > 0)
ORDER BY score DESC, held.criado_em DESC, held.catalogo_id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""
PAGE = "SELECT id, relevance_score, criado_em FROM search_catalogo_indexed(%s, %s, %s, %s, %s)"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(st.sampled_from([*WORDS, "cur", "s", "vegetacao"]), min_size=1, max_size=3).map(" ".join),
    tipo=st.sampled_from([None, None, "Tipo 1", "none"]),
    geometric=st.booleans(),
    limit=st.sampled_from([1, 7, 50, 1000]),
    offset=st.one_of(st.integers(0, 40), st.integers(0, 3000)),
)
@example(text="curral", tipo=None, geometric=False, limit=7, offset=0)
@example(text="curral", tipo=None, geometric=False, limit=50, offset=400)
@example(text="curall sede", tipo="Tipo 1", geometric=True, limit=7, offset=20)
def test_any_page_is_that_of_the_plain_statement(  # noqa: PLR0917  (hypothesis passes by name)
    connection: psycopg.Connection[tuple[object, ...]],
    text: str,
    tipo: str | None,
    geometric: bool,  # noqa: FBT001  (hypothesis passes by name)
    limit: int,
    offset: int,
) -> None:
    asked = {"text": text, "tipo": tipo, "geometric": geometric, "limit": limit, "offset": offset}
    whole = connection.execute(REFERENCE, {**asked, "limit": 1, "offset": 0}).fetchall()
    found = connection.execute(PAGE, [text, tipo, geometric, limit, offset]).fetchall()
    if whole:
        assert found == connection.execute(REFERENCE, asked).fetchall()
    else:
        # Similar names, best first: nothing of the exact search among them.
        assert [row[1] for row in found] == sorted((row[1] for row in found), reverse=True)  # type: ignore[type-var]


def test_a_common_word_is_found_by_reading_the_newest(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    entries = connection.execute("SELECT count(*) FROM catalogo_summary").fetchone()
    connection.execute("SELECT pg_stat_force_next_flush()")
    seen = "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = %s"
    connection.execute(PAGE, ["curral", None, False, 5, 0])
    assert entries == (3000,)
    connection.execute("SELECT pg_stat_force_next_flush()")
    before = connection.execute(seen, ["catalogo_summary_newest_idx"]).fetchone()
    connection.execute(PAGE, ["curral", None, False, 5, 0])
    connection.execute("SELECT pg_stat_force_next_flush()")
    after = connection.execute(seen, ["catalogo_summary_newest_idx"]).fetchone()
    assert before
    assert after
    assert after[0] > before[0]  # type: ignore[operator]


def test_a_change_is_found_after_the_fold_and_before_any_refresh(owner_conninfo: str, reader_conninfo: str) -> None:
    with psycopg.connect(owner_conninfo, autocommit=True) as owner, psycopg.connect(reader_conninfo) as reader:
        owner.execute("INSERT INTO catalogo (nome, tipo) VALUES ('Pinguela nova', 'Ponte')")
        owner.execute("SELECT fold_catalogo_changes(NULL)")
        found = reader.execute("SELECT nome FROM search_catalogo_indexed('pinguela')").fetchall()
        owner.execute("DELETE FROM catalogo WHERE nome = 'Pinguela nova'")
        owner.execute("SELECT fold_catalogo_changes(NULL)")
    assert found == [("Pinguela nova",)]


@pytest.mark.parametrize("text", ["corrall", "vejetação", "curall sede", "sede vegetassao", "corego talhao mata"])
def test_pages_of_a_misspelt_search_make_up_the_whole(
    connection: psycopg.Connection[tuple[object, ...]], search: Search, text: str
) -> None:
    assert connection.execute(REFERENCE, WHOLE | {"text": text}).fetchall() == []
    whole = search(text, MOST, 0)
    pages = [row for offset in range(0, len(whole), 17) for row in search(text, 17, offset)]
    assert whole
    assert pages[: len(whole)] == whole
    assert len({row[0] for row in whole}) == len(whole)
    for (_, score, made, *_), (_, later, older, *_) in pairwise(whole):
        assert (score, made) >= (later, older)


WHOLE = {"tipo": None, "geometric": False, "limit": MOST, "offset": 0}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("currall", "curral"),
        ("curall sede", "curral sede"),
        ("sede currall", "sede curral"),
        ("vejetação curral", "vegetação curral"),
        ("mata vegetassao", "mata vegetacao"),
        ("currall ved", "curral vegetacao"),
        ("currall xqzwk", "curral"),
    ],
)
@pytest.mark.parametrize(("tipo", "geometric"), [(None, False), ("Tipo 1", False), (None, True)])
def test_a_misspelt_search_begins_with_what_was_meant(
    connection: psycopg.Connection[tuple[object, ...]],
    typed: str,
    meant: str,
    tipo: str | None,
    geometric: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    found = connection.execute(PAGE, [typed, tipo, geometric, 20, 0]).fetchall()
    wanted = connection.execute(PAGE, [meant, tipo, geometric, 20, 0]).fetchall()
    assert wanted
    assert [row[0] for row in found][: len(wanted)] == [row[0] for row in wanted]
    assert all(0.3 <= float(str(row[1])) < 1.01 for row in found)


@pytest.mark.parametrize("text", ["xqzwk", "wwwww kkkkk", "9999999", "🌳🐄", "'\"!"])
def test_nonsense_finds_nothing(search: Search, text: str) -> None:
    assert search(text, 5, 0) == []


@pytest.mark.parametrize("text", ["currall " * 1250, "currall" * 1430, "'\"🐄 currall" * 700])
def test_a_misspelt_text_of_10000_characters_is_safe(search: Search, text: str) -> None:
    assert len(search(text, 5, 0)) <= 5


def test_a_renamed_entry_is_found_by_its_new_name_only(owner_conninfo: str, reader_conninfo: str) -> None:
    asked = "SELECT nome FROM search_catalogo_indexed(%s)"
    with (
        psycopg.connect(owner_conninfo, autocommit=True) as owner,
        psycopg.connect(reader_conninfo, autocommit=True) as reader,
    ):
        owner.execute("INSERT INTO catalogo (nome, tipo) VALUES ('Monjolo', 'Engenho')")
        owner.execute("SELECT fold_catalogo_changes(NULL)")
        before = reader.execute(asked, ["monjollo"]).fetchall()
        owner.execute("UPDATE catalogo SET nome = 'Pilão' WHERE nome = 'Monjolo'")
        owner.execute("SELECT fold_catalogo_changes(NULL)")
        old, new = (reader.execute(asked, [text]).fetchall() for text in ("monjollo", "pillao"))
        owner.execute("DELETE FROM catalogo WHERE nome = 'Pilão'")
        owner.execute("SELECT fold_catalogo_changes(NULL)")
        gone = reader.execute(asked, ["pillao"]).fetchall()
        wrong = owner.execute("SELECT reconcile_catalogo_palavras(), reconcile_catalogo_palavras()").fetchone()
    assert before == [("Monjolo",)]
    assert ("Monjolo",) not in old
    assert ("Pilão",) not in old
    assert new == [("Pilão",)]
    assert ("Pilão",) not in gone
    assert wrong is not None
    assert int(str(wrong[0])) >= 2
    assert wrong[1] == 0


def test_a_fresh_session_finds_similar_names(app_conninfo: str, search: Search) -> None:
    assert search("curall", 1, 0)
    with psycopg.connect(app_conninfo) as fresh:
        assert fresh.execute(SEARCH, ["curall", 1000, 0]).fetchall() == search("curall", 1000, 0)
