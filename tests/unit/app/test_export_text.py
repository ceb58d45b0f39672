"""Downloads as text: what a spreadsheet would run is text, and what a reader reads is what was written."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.errors import DatabaseUnavailableError
from app.mapa.export import COLUMNS
from app.mapa.export_text import WKT, comma_separated, geojson, safe

_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _row(number: int, name: str, geometry: str) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(column.name for column in COLUMNS)
    return row | {
        "id": number,
        "catalogo_id": 17,
        "nome": name,
        "tipo": "Pasto",
        "categoria": "PASTO",
        "is_valid": True,
        "created_at": _AT,
        "updated_at": _AT,
        "geometry": geometry,
    }


async def _pages(*pages: list[dict[str, Any]], fails: bool = False) -> AsyncIterator[list[dict[str, Any]]]:
    for page in pages:
        yield page
    if fails:
        raise DatabaseUnavailableError("the database is away")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Talhão 3", "Talhão 3"),
        ("", ""),
        ("a=b, c-d", "a=b, c-d"),
        ("=1+1", "'=1+1"),
        ("+55", "'+55"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("'já assim", "''já assim"),
        ("a;=cmd|' /C calc'!A0", "a;'=cmd|' /C calc'!A0"),
        ("linha\n-2", "linha\n'-2"),
    ],
)
def test_no_text_is_a_formula(text: str, wanted: str) -> None:
    assert safe(text) == wanted


async def test_csv_is_what_a_reader_reads() -> None:
    rows = [_row(1, 'a "b", c\nd', "MULTIPOINT((1 2))"), _row(2, "=HYPERLINK(1)", "MULTIPOINT((-1 2))")]
    body = b"".join([part async for part in comma_separated(_pages(rows[:1], rows[1:]))])
    read = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    assert body.startswith(b"id,catalogo_id,nome,")
    assert body.endswith(b"\r\n")
    assert [line["nome"] for line in read] == ['a "b", c\nd', "'=HYPERLINK(1)"]
    assert [line[WKT] for line in read] == ["MULTIPOINT((1 2))", "MULTIPOINT((-1 2))"]
    assert (read[0]["id"], read[0]["is_valid"], read[0]["camada"]) == ("1", "true", "")
    assert datetime.fromisoformat(read[0]["created_at"]) == _AT


async def test_geojson_is_whole_or_does_not_look_so() -> None:
    rows = [_row(number, "x" * 70_000, '{"type":"MultiPoint","coordinates":[[1,2]]}') for number in (1, 2)]
    parts = [part async for part in geojson(_pages(rows[:1], rows[1:]))]
    assert max(map(len, parts)) <= 65_536
    told = json.loads(b"".join(parts))
    assert [feature["id"] for feature in told["features"]] == [1, 2]
    assert told["numberReturned"] == 2
    assert set(told["features"][0]["properties"]) == {column.name for column in COLUMNS} - {"id"}
    empty = json.loads(b"".join([part async for part in geojson(_pages())]))
    assert empty == {"type": "FeatureCollection", "features": [], "numberReturned": 0}
    begun: list[bytes] = []

    async def send() -> None:
        async for part in geojson(_pages(rows, fails=True)):
            begun.append(part)  # noqa: PERF401 -- what came before the failure counts

    with pytest.raises(DatabaseUnavailableError):
        await send()
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(begun))
