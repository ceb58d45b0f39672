"""What the ingest's integration tests share: a look at the tables, and a terminal that is read afterwards."""

import os
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("catalogo", "catalogo_geometrias_particionada", "catalogo_origem", "importacao_rejeitos", "importacoes")


def value(connection: psycopg.Connection[Any], query: Any, *parameters: Any) -> Any:
    row = connection.execute(query, parameters or None).fetchone()
    assert row is not None
    return row[0]


def counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    return {table: value(connection, f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608 - our names


def quiet() -> Console:
    return Console(record=True, width=160, file=Path(os.devnull).open("w", encoding="utf-8"))
