"""A farm with layers of every kind, for the tests of OGC API Features."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, LiteralString

import httpx
import psycopg
import pytest

from tests.integration.app_parts import wait_until
from tests.integration.ogc_parts import AREAS, LINES, Asker, Mapped

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.integration.conftest_app"]

_ENTRIES: LiteralString = """
WITH entry AS (
    INSERT INTO catalogo (nome, tipo, status, descricao)
    SELECT given.nome, given.tipo, given.status, given.descricao FROM unnest(
        %(nome)s::text[], %(tipo)s::text[], %(status)s::text[], %(descricao)s::text[]
    ) AS given (nome, tipo, status, descricao)
    RETURNING id, nome
),
origem AS (
    INSERT INTO catalogo_origem (catalogo_id, importacao_id, feature_id, feature_index, camada, categoria)
    SELECT entry.id, %(run)s, entry.nome, 0, 'Camada', %(categoria)s FROM entry
)
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT entry.id, ST_GeomFromText(given.wkt, 4326), given.created_at
FROM entry INNER JOIN unnest(%(nome)s::text[], %(wkt)s::text[], %(created_at)s::timestamptz[])
    AS given (nome, wkt, created_at) USING (nome)
"""


def _put(connection: psycopg.Connection[Any], run: int, categoria: str, rows: list[tuple[str, ...]]) -> None:
    names = ("nome", "tipo", "status", "descricao", "wkt", "created_at")
    values = {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    values["descricao"] = [text or None for text in values["descricao"]]
    connection.execute(_ENTRIES, {**values, "run": run, "categoria": categoria})


@pytest.fixture(scope="package")
def mapped(postgres_owner: str) -> Iterator[Mapped]:
    """Lines, areas and wells; two lines are archived and on no map."""
    farm = Mapped("zq" + secrets.token_hex(5))
    with psycopg.connect(postgres_owner, autocommit=True) as connection:
        row = connection.execute(
            "INSERT INTO importacoes (arquivo, digest, formato, lidas, armazenadas)"
            " VALUES ('mapa.json', %s, 'ndjson', 200, 200) RETURNING id",
            (secrets.token_hex(32),),
        ).fetchone()
        assert row is not None
        run = row[0]
        _put(
            connection,
            run,
            farm.category(farm.lines),
            [
                (
                    f"Cerca {n} {farm.word}",
                    "Cerca",
                    "ativo" if n < LINES else "inativo",
                    "",
                    f"MULTILINESTRING(({-44 + n / 1000} -17, {-44 + n / 1000} -16.95))",
                    f"2026-{1 + n // 28:02}-{1 + n % 28:02}T12:00:00Z",
                )
                for n in range(LINES + 2)
            ],
        )
        areas = [
            f"MULTIPOLYGON((({x} -17.2, {x + 0.008} -17.2, {x + 0.008} -17.19, {x} -17.19, {x} -17.2)))"
            for x in (-44 + n / 100 for n in range(AREAS - 1))
        ]
        areas.append("MULTIPOLYGON(((-43 -17, -42.9 -16.9, -42.9 -17, -43 -16.9, -43 -17)))")
        names = ["Pastagem São João", "PASTAGEM SÃO JOSÉ", "100% pasto_bom", "<img onerror=alert(1)>", "O'Brien"]
        names += [f"Pasto {n}" for n in range(len(names), AREAS)]
        _put(
            connection,
            run,
            farm.category(farm.areas),
            [
                (
                    f"{name} {farm.word}",
                    "Pastagem",
                    "ativo",
                    "do norte" if n % 3 == 0 else "",
                    wkt,
                    "2026-06-15T00:00:00Z",
                )
                for n, (name, wkt) in enumerate(zip(names, areas, strict=True))
            ],
        )
        _put(
            connection,
            run,
            farm.category(farm.wells),
            [
                (f"Poço {year} {farm.word}", "Poço", "ativo", "", f"MULTIPOINT(({x} 10))", f"{year}-07-01T00:00:00Z")
                for year, x in (("1999", -179), ("2026", 179), ("2044", 0))
            ],
        )
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")
        yield farm
        connection.execute(
            "DELETE FROM catalogo WHERE id IN (SELECT catalogo_id FROM catalogo_origem WHERE importacao_id = %s)",
            (run,),
        )
        connection.execute("DELETE FROM importacoes WHERE id = %s", (run,))
        connection.execute("SELECT fold_catalogo_changes(NULL, true)")


@pytest.fixture
def ask(app_url: str, postgres_owner: str, mapped: Mapped) -> Iterator[Asker]:
    """A client of the app that sees the farm, and the database behind it."""
    with (
        httpx.Client(base_url=app_url, timeout=30) as client,
        psycopg.connect(postgres_owner, autocommit=True, options="-c timezone=UTC") as connection,
    ):
        wait_until(lambda: client.get(f"/ogc/collections/{mapped.lines}").status_code == httpx.codes.OK)
        yield Asker(client, connection, mapped)
