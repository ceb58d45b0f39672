"""Backups of a whole stack: a restore undoes what was done, in the database, the cache and what the app answers."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import docker
import httpx
import psycopg
import pytest

from tests.pages import RUNBOOKS, commands

if TYPE_CHECKING:
    from tests.e2e.operator import Operator

pytestmark = pytest.mark.timeout(900)

FULL = "make backup KIND=full"
MOMENT = "2026-11-24 10:15-03:00"
RESTORE = f"make restore TO='{MOMENT}'"
LATEST = "make restore TO=latest"
FORGET = "make restore-forget"
DRILL = "make restore-drill"
"""Commands as the runbook has them; those that ask are answered by FORCE=1."""

BOX = "MULTIPOLYGON(((-44 -17, -44 {north}, -43.9 {north}, -43.9 -17, -44 -17)))"


def test_a_restore_undoes_what_came_after_and_nothing_stale_is_served(operator: Operator) -> None:
    operator.types(FULL)
    app = operator.outputs()["app_url"]
    with psycopg.connect(operator.outputs()["postgres_url"], autocommit=True) as server:
        (entry,) = server.execute(
            "INSERT INTO catalogo (nome, tipo) VALUES ('Talhão do backup', 'LAYER') RETURNING id"
        ).fetchone() or (0,)
        server.execute(
            "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom) VALUES (%s, ST_GeomFromText(%s, 4326))",
            (entry, BOX.format(north="-16.9")),
        )
        operator.types("make sql QUERY='SELECT fold_catalogo_changes(1000, true)'")
        before = httpx.get(f"{app}/v1/catalogo/{entry}/bounds").json()
        (moment,) = server.execute("SELECT clock_timestamp()::text").fetchone() or ("",)
        server.execute(
            "UPDATE catalogo_geometrias_particionada SET geom = ST_GeomFromText(%s, 4326) WHERE catalogo_id = %s",
            (BOX.format(north="-16.5"), entry),
        )
    for _ in range(100):
        if httpx.get(f"{app}/v1/catalogo/{entry}/bounds").json() != before:
            break
    else:
        pytest.fail("the change was not served")
    containers = operator.containers()
    assert "expected a moment" in operator.mundo("restore", "--to", "yesterday").error_line
    assert "FORCE=1" in operator.mundo("restore", "--to", moment).error_line
    operator.types(f"{RESTORE.replace(MOMENT, moment)} FORCE=1")
    assert httpx.get(f"{app}/v1/catalogo/{entry}/bounds").json() == before
    assert operator.containers() == containers
    assert "no differences" in operator.succeeds("preview")
    assert "no differences" in operator.succeeds("refresh")
    operator.types(f"{FORGET} FORCE=1")


def test_a_lost_volume_is_filled_from_the_backups(operator: Operator) -> None:
    operator.types("make backup KIND=incr")
    with psycopg.connect(operator.outputs()["postgres_url"], autocommit=True) as server:
        before = server.execute("SELECT count(*) FROM catalogo").fetchone()
    containers = operator.containers()
    _burn(operator)
    assert "PostgreSQL does not answer: what was committed after 20" in operator.types(f"{LATEST} FORCE=1")
    with psycopg.connect(operator.outputs()["postgres_url"], autocommit=True) as server:
        assert server.execute("SELECT count(*) FROM catalogo").fetchone() == before
    assert operator.containers() == containers
    assert "no differences" in operator.succeeds("preview")
    listed = json.loads(operator.types("make backups JSON=1"))
    assert listed["earliest"] < listed["latest"]
    assert len(listed["backups"]) >= 2
    operator.types(DRILL)


def test_the_other_commands_of_the_runbook_work(operator: Operator) -> None:
    page = commands(RUNBOOKS / "backups.md")
    typed = {FULL, RESTORE, LATEST, FORGET, DRILL}
    assert typed < {*page}
    for command in page:
        if command not in typed:
            operator.types(command)


def _burn(operator: Operator) -> None:
    """The server killed, everything in its data volume gone, and the server started again, as after a power cut."""
    engine = docker.from_env()
    server = engine.containers.get(f"mundo-{operator.stack}-postgres")
    server.kill("SIGKILL")
    engine.containers.run(
        server.attrs["Image"],
        entrypoint=["find", "/data", "-mindepth", "1", "-delete"],
        user="0:0",
        volumes={f"mundo-{operator.stack}-postgres-data": {"bind": "/data", "mode": "rw"}},
        remove=True,
    )
    server.start()
    until = time.monotonic() + 60
    while "there are backups of a former cluster: make restore TO=latest" not in server.logs(tail=20).decode():
        assert time.monotonic() < until, "the server did not refuse the empty volume"
        time.sleep(0.5)
    engine.close()
