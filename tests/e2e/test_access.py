"""People's logins, with the real postgresql plugin; skipped where it cannot be had."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import docker
import psycopg
import pytest
import yaml

from ops.tools import optional_plugins

if TYPE_CHECKING:
    from tests.e2e.operator import Operator

PASSWORD = "uma-senha-de-teste-42"

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not optional_plugins.obtainable("postgresql"),
        reason="the postgresql plugin can be neither found nor downloaded",
    ),
]


def _set_password(operator: Operator, login: str) -> None:
    script = (
        f'eval "$({sys.executable} -m ops env)" && exec pulumi config set --secret --path '
        f"--stack {operator.stack} 'mundo:accessPasswords.{login}'"
    )
    subprocess.run(
        ["sh", "-c", script],
        cwd=operator.checkout,
        env=operator.environment(),
        input=PASSWORD,
        text=True,
        check=True,
        capture_output=True,
    )


def test_readers_read_and_nothing_else(neighbour: Operator) -> None:
    neighbour.succeeds("init", "--side-by-side")
    neighbour.succeeds("config", "access.enabled=true")
    _set_password(neighbour, "ana")
    neighbour.succeeds("config", "access.readers[0].name=ana")
    neighbour.succeeds("up")
    owner = neighbour.outputs()["postgres_url"]
    ana = psycopg.conninfo.make_conninfo(owner, user="ana", password=PASSWORD)
    with psycopg.connect(ana, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM catalogo").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM mv_catalogo_geometrias_stats").fetchone() == (0,)
        assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)
        for statement in (
            "INSERT INTO catalogo (nome, tipo) VALUES ('x', 'y')",
            "DELETE FROM catalogo",
            "CREATE TABLE mine (id int)",
            "SELECT * FROM cron.job_run_details",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
        with psycopg.connect(owner, autocommit=True) as later:
            later.execute("CREATE TABLE later (id int)")
            assert connection.execute("SELECT count(*) FROM later").fetchone() == (0,)
            later.execute("DROP TABLE later")

    assert "no differences" in neighbour.succeeds("preview")
    assert "no differences" in neighbour.succeeds("refresh")
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("REVOKE SELECT ON catalogo FROM mundo_people")
    assert "people-table" in neighbour.succeeds("refresh")

    neighbour.succeeds("rotate", "postgresOwnerPassword")
    neighbour.succeeds("up")
    settings = yaml.safe_load(neighbour.settings_file.read_text())
    del settings["config"]["mundo:access"]["readers"]
    neighbour.settings_file.write_text(yaml.safe_dump(settings))
    neighbour.succeeds("up")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(ana)

    client = docker.from_env()
    client.containers.get(neighbour.containers()["postgres"]).kill()
    client.close()
    neighbour.succeeds("down", "--force")
    assert neighbour.left_over() == []
