"""CQL2 filters: the conditions that become of them, and what is refused."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.mapa.cql2 import MAX_DEPTH
from app.mapa.errors import FilterError
from app.mapa.ogc_parameters import MAX_FILTER
from tests.unit.app.mapa_filters import compiled


@pytest.mark.parametrize(
    ("text", "wanted", "values"),
    [
        ("nome = 'Cerca'", "(nome = %(v0)s::text)", ["Cerca"]),
        ("'Cerca' <> nome", "(%(v0)s::text <> nome)", ["Cerca"]),
        ("id >= -5", "(id >= %(v0)s::bigint)", [-5]),
        ("id < 1.5e2", "(id < %(v0)s::bigint)", [150]),
        ("id < .5", "(id < %(v0)s::double precision)", [0.5]),
        ("is_valid = true", "(is_valid = %(v0)s::boolean)", [True]),
        ("is_valid", "is_valid", []),
        ("NOT is_valid", "(NOT is_valid)", []),
        ("descricao IS NULL", "(descricao IS NULL)", []),
        ("geom is not null", "(NOT (geom IS NULL))", []),
        ("nome LIKE 'C%'", "(nome LIKE %(v0)s::text)", ["C%"]),
        ("nome NOT LIKE 'C_'", "(NOT (nome LIKE %(v0)s::text))", ["C_"]),
        ("nome ILIKE 'c%'", "(lower(nome) LIKE lower(%(v0)s::text))", ["c%"]),
        ("CASEI(nome) = CASEI('X')", "(lower(nome) = lower(%(v0)s::text))", ["X"]),
        ("ACCENTI(casei(nome)) LIKE accenti('á')", "(unaccent(lower(nome)) LIKE unaccent(%(v0)s::text))", ["á"]),
        ("id BETWEEN 1 AND 2 AND is_valid", "((id BETWEEN %(v0)s::bigint AND %(v1)s::bigint) AND is_valid)", [1, 2]),
        ("id NOT IN (1, 2)", "(NOT (id IN (%(v0)s::bigint, %(v1)s::bigint)))", [1, 2]),
        ("nome = tipo", "(nome = tipo)", []),
        ("\"nome\" = 'O''Brien\\'s'", "(nome = %(v0)s::text)", ["O'Brien's"]),
        (
            "a OR is_valid".replace("a", "nome = 'b'", 1) + " AND NOT (id = 1 OR id = 2)",
            "((nome = %(v0)s::text) OR (is_valid AND (NOT ((id = %(v1)s::bigint) OR (id = %(v2)s::bigint)))))",
            ["b", 1, 2],
        ),
        (
            "created_at > TIMESTAMP('2026-01-31T12:00:00-03:00')",
            "(created_at > %(v0)s::timestamptz)",
            [datetime(2026, 1, 31, 15, tzinfo=UTC)],
        ),
        (
            "created_at = DATE('2026-01-31')",
            "((created_at AT TIME ZONE 'UTC')::date = %(v0)s::date)",
            [date(2026, 1, 31)],
        ),
    ],
)
def test_a_filter_is_a_condition_with_its_literals_beside_it(text: str, wanted: str, values: list[object]) -> None:
    found, named = compiled(text)
    assert found == wanted
    assert list(named.values()) == values


def test_gdal_writes_times_as_texts() -> None:
    found, named = compiled("(created_at >= '2026-01-31T12:00:00Z') AND (created_at < '2026-02-01')")
    assert "created_at >= %(v1)s::timestamptz" in found
    assert "(created_at AT TIME ZONE 'UTC')::date < %(v3)s::date" in found
    assert named["v1"] == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "as_json"),
    [
        (
            "nome = 'x' AND id > 3",
            {
                "op": "and",
                "args": [
                    {"op": "=", "args": [{"property": "nome"}, "x"]},
                    {"op": ">", "args": [{"property": "id"}, 3]},
                ],
            },
        ),
        ("id IN (1,2)", {"op": "in", "args": [{"property": "id"}, [1, 2]]}),
        ("descricao IS NULL", {"op": "isNull", "args": [{"property": "descricao"}]}),
        (
            "S_INTERSECTS(geom, POINT(-44 -17))",
            {"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Point", "coordinates": [-44, -17]}]},
        ),
        (
            "S_WITHIN(geom, BBOX(-44,-17,-43,-16))",
            {"op": "s_within", "args": [{"property": "geom"}, {"bbox": [-44, -17, -43, -16]}]},
        ),
        (
            "T_DURING(created_at, INTERVAL('2026-01-01', '..'))",
            {"op": "t_during", "args": [{"property": "created_at"}, {"interval": ["2026-01-01", ".."]}]},
        ),
        (
            "T_AFTER(created_at, DATE('2026-01-01'))",
            {"op": "t_after", "args": [{"property": "created_at"}, {"date": "2026-01-01"}]},
        ),
    ],
)
def test_text_and_json_say_the_same(text: str, as_json: dict[str, Any]) -> None:
    assert compiled(text) == compiled(json.dumps(as_json), "cql2-json")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("nome =", "ends too early"),
        ("nome = 'x' 'y'", "at character 12 is not expected"),
        ("nome = 'x", 'nothing begins with "\'" at character 8'),
        ("nome = 3", "cannot be compared"),
        ("nome", "is neither true nor false"),
        ("3", "is neither true nor false"),
        ("senha = 'x'", "is no property to filter by"),
        ("pg_sleep(10)", "'pg_sleep' is not supported"),
        ("pg_sleep(10) = 1", "'pg_sleep' is not supported"),
        ("id + 1 = 2", "nothing begins with '+'"),
        ("id = 1e999", "out of range"),
        ("LOWER(nome) = 'x'", "'lower' is not supported"),
        ("nome LIKE 3", "LIKE takes texts"),
        ("CASEI(id) = 'x'", "CASEI takes a text"),
        ("created_at > 'ontem'", "is no time like"),
        ("created_at > TIMESTAMP('2026-02-30T00:00:00Z')", "no time of the calendar"),
        ("T_AFTER(nome, DATE('2026-01-01'))", "'nome' is no time"),
        ("T_AFTER(created_at, INTERVAL('2026-01-01'))", "two ends"),
        ("S_INTERSECTS(geom, POINT(-200 0))", "outside the world"),
        ("S_INTERSECTS(geom, POINT(0))", "cannot be read"),
        ("S_INTERSECTS(geom, geom)", "takes the property geom and one geometry"),
        ("S_INTERSECTS(nome, POINT(0 0))", "takes the property geom"),
        ("S_INTERSECTS(geom, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "not valid"),
        ("S_INTERSECTS(geom, BBOX(0, 1, 0))", "four numbers"),
        ("geom = 'x'", "is no property"),
        ("nome = '\x00'", "U+0000"),
    ],
)
def test_what_cannot_be_understood_is_told_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(FilterError) as caught:
        compiled(text)
    assert reason in caught.value.detail
    assert caught.value.detail.startswith("query.filter: ")
    assert "\n" not in caught.value.detail
    assert len(caught.value.detail) < 200


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        "1",
        '"nome"',
        "{}",
        '{"op": "and"}',
        '{"op": "and", "args": []}',
        '{"op": 1, "args": [true]}',
        '{"op": "=", "args": [{"property": ["nome"]}, 1]}',
        '{"op": "in", "args": [{"property": "id"}, 1]}',
        '{"op": "in", "args": [{"property": "id"}, []]}',
        '{"op": "s_within", "args": [{"property": "geom"}, {"type": "X"}]}',
        '{"op": "s_within", "args": [{"property": "geom"}, {"type": "GeometryCollection", "geometries": []}]}',
        '{"op": "=", "args": [{"timestamp": 1}, {"property": "created_at"}]}',
        '{"op": "*", "args": [-1, 2]}',
        "{",
        "[" * 2000,
        '{"op": "not", "args": [' * 400 + "true" + "]}" * 400,
        '{"op":"=","args":[1,' + "[" * 500 + "]" * 500 + "]}",
        '{"op": "s_within", "args": [{"property": "geom"}, {"bbox": ["a", null, 1, 2]}]}',
    ],
)
def test_json_that_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        compiled(text, "cql2-json")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 4000 + "is_valid",
        "NOT " * 2000 + "is_valid",
        "casei(" * 1000 + "nome" + ")" * 1000 + " = 'x'",
        " OR ".join(["id=1"] * 1000),
        f"id IN ({','.join(['1'] * 3000)})",
        "S_INTERSECTS(geom, POINT" + "(" * 4000,
    ],
)
def test_large_filters_are_refused_and_not_walked(text: str) -> None:
    assert len(text) <= MAX_FILTER
    with pytest.raises(FilterError):
        compiled(text)


def test_a_filter_as_deep_as_allowed_is_read() -> None:
    found, _ = compiled("NOT " * (MAX_DEPTH - 1) + "is_valid")
    assert found.count("NOT") == MAX_DEPTH - 1
    assert compiled("(" * 4000 + "is_valid" + ")" * 4000)[0] == "is_valid"
