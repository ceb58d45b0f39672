"""CQL2 filters that mean harm: whatever is in them, a statement has no words but those of the package."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mapa.errors import FilterError
from app.mapa.view import QUERYABLES
from tests.unit.app.mapa_filters import compiled

INJECTIONS = (
    "'; DROP TABLE catalogo; --",
    "x' OR '1'='1",
    "x') OR (1=1) --",
    "\\'; SELECT pg_sleep(10); --",
    "%s %(id)s %% {0} $1 :x",
    "$$; SELECT 1; $$",
    "/* */ UNION SELECT nome FROM catalogo",
    '" OR ""="',
    "E'\\x27'",
    "Robert'); DROP TABLE catalogo_geometrias_particionada;--",
)


@pytest.mark.parametrize("text", INJECTIONS)
def test_injections_are_texts(text: str) -> None:
    quoted = text.replace("'", "\\'")
    for source, language in (
        (f"nome = '{quoted}'", "cql2-text"),
        (json.dumps({"op": "=", "args": [{"property": "nome"}, text]}), "cql2-json"),
    ):
        found, named = compiled(source, language)
        assert found == "(nome = %(v0)s::text)"
        assert named == {"v0": text}


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "place",
    [
        '{{"property": {0}}}',
        '{{"op": {0}, "args": [true, true]}}',
        '{{"op": "not", "args": [{{"op": {0}, "args": []}}]}}',
    ],
)
def test_injections_are_no_names_either(text: str, place: str) -> None:
    with pytest.raises(FilterError):
        compiled(place.format(json.dumps(text)), "cql2-json")
    with pytest.raises(FilterError):
        compiled(f'"{text}" = 1')


_TEXT = """
geom AND OR NOT LIKE BETWEEN IN IS NULL lower unaccent AT TIME ZONE UTC CASE WHEN THEN ELSE END infinity timestamptz
ST_GeomFromEWKB ST_MakeValid method structure keepcollapsed false date timestamp ST_Intersects ST_Equals ST_Disjoint
ST_Touches ST_Within ST_Overlaps ST_Crosses ST_Contains
"""
_WORDS = {*re.findall(r"\w+", _TEXT), *QUERYABLES}
_PIECES = st.sampled_from(
    [
        *QUERYABLES,
        "geom",
        "'x'",
        "1",
        "(",
        ")",
        ",",
        "=",
        "<>",
        " AND ",
        " OR ",
        " NOT ",
        " LIKE ",
        " IN ",
        " IS NULL",
        "casei(",
        "S_WITHIN(",
        "POINT(1 2)",
        "T_AFTER(",
        "DATE('2026-01-01')",
        "TIMESTAMP('2026-01-01T00:00:00Z')",
        "INTERVAL('..','..')",
        "TRUE",
        "--",
        ";",
        "'",
        '"',
        "\\",
        "%",
        "%(v0)s",
        " BETWEEN ",
        "BBOX(0,0,1,1)",
        " ",
    ]
)


@given(st.one_of(st.lists(_PIECES, max_size=12).map("".join), st.text(max_size=60)))
def test_whatever_is_asked_the_statement_has_only_words_of_this_package(text: str) -> None:
    try:
        found, named = compiled(text)
    except FilterError:
        return
    places = re.findall(r"%\((v\d+)\)s::(?:text|bigint|double precision|boolean|timestamptz|date|bytea)", found)
    assert set(places) <= set(named)
    rest = re.sub(r"%\(v\d+\)s::(?:double precision|\w+)", " ", found)
    assert set(re.findall(r"\w+", rest)) <= _WORDS, rest
    assert not re.sub(r"[\w\s()=<>,&'-]|::", "", rest), rest
    assert ";" not in rest
    assert "--" not in rest
