"""Every command of the runbooks of database and cache, typed as it stands there, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.pages import RUNBOOKS, commands

if TYPE_CHECKING:
    from tests.e2e.operator import Operator

pytestmark = pytest.mark.timeout(900)

INSERT = """
WITH entry AS (INSERT INTO catalogo (nome, tipo) VALUES ('antiga', 'talhão') RETURNING id)
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT id, st_geomfromtext('MULTIPOINT((-44 -17))', 4326), %s FROM entry
"""


def test_every_command_of_the_database_s_runbook_works(operator: Operator) -> None:
    operator.succeeds("sample", "-n", "300")
    with psycopg.connect(operator.outputs()["postgres_url"]) as connection:
        for created in ("1999-05-01", "2500-05-01"):
            connection.execute(INSERT, [created])
    typed = commands(RUNBOOKS / "database.md")
    assert len(typed) > 20
    undo = next(number for number, command in enumerate(typed) if "rollback" in command)
    for command in typed[:undo]:
        operator.types(command)
    with psycopg.connect(operator.outputs()["postgres_url"]) as connection:
        # Retention put the old year away, and the row of a wrong year was corrected and moved.
        assert connection.execute("SELECT count(*) FROM archive.catalogo_geometrias_1999").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM catalogo_geometrias_default").fetchone() == (0,)
    for command in typed[undo:]:
        operator.types(command)
    with psycopg.connect(operator.outputs()["postgres_url"]) as connection:
        found = connection.execute(
            "SELECT count(*) FROM catalogo_geometrias_particionada"
            " WHERE catalogo_id IN (SELECT id FROM catalogo WHERE nome = 'antiga')"
        ).fetchone()
        assert found == (2,)


def test_every_command_of_the_cache_s_runbook_works(operator: Operator) -> None:
    typed = commands(RUNBOOKS / "cache.md")
    assert "make switch-master" in typed
    for command in typed:
        operator.types(command)


def test_sql_refuses_in_one_line(operator: Operator) -> None:
    answer = operator.mundo("sql", "SELEC 1")
    assert "syntax error" in answer.error_line
    assert "no statement" in operator.mundo("sql", " ").error_line
    assert "not among the applied migrations" in operator.mundo("rollback", "--to", "9999_none").error_line
    answer = operator.mundo("rollback", "--to", "0001_privileges")
    assert "FORCE=1" in answer.error_line
