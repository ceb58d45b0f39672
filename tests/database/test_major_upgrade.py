"""The way to another major version, from this image into a new cluster of it: the same way, whatever the version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import docker
import psycopg
import pytest

from components.database import migrate
from images import builder
from ops.backup import forget, request
from ops.errors import OpsError
from ops.upgrade import major
from tests.database.farm import CONSOLE

if TYPE_CHECKING:
    from tests.database.farm import Farm

# A stored column whose function has changed since: the restore computes it anew.
SPOIL = """
CREATE FUNCTION grown(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1';
CREATE TABLE spoiling (a integer, b integer GENERATED ALWAYS AS (grown(a)) STORED);
INSERT INTO spoiling VALUES (1);
CREATE OR REPLACE FUNCTION grown(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 2'
"""


def test_a_major_upgrade_after_which_a_row_differs_changes_nothing_and_the_server_runs_on(farm: Farm) -> None:
    farm.ask(SPOIL)
    try:
        before = farm.ask("SELECT database_facts()")
        with pytest.raises(OpsError, match=r"^nothing was changed: the new cluster differs \(facts\): < all rows of"):
            major.upgrade(docker.from_env(), farm.repository, builder.ensure("postgres"), CONSOLE)
        assert farm.ask("SELECT database_facts()") == before
    finally:
        farm.ask("DROP TABLE spoiling; DROP FUNCTION grown(integer)")


def test_a_major_upgrade_carries_everything_over_and_backups_go_on(farm: Farm) -> None:
    farm.ask("CREATE ROLE visitor LOGIN PASSWORD 'guest' IN ROLE mundo_reader")
    farm.ask("SELECT cron.schedule('yearly', '0 0 1 1 *', 'SELECT 42')")
    before = (
        farm.ask("SELECT database_facts()"),
        migrate.applied(farm.conninfo),
        farm.ask("SELECT job FROM cron.job"),
    )
    key = farm.ask("INSERT INTO catalogo (nome, tipo) VALUES ('last', 'LAYER') RETURNING id")[0][0]
    farm.ask("DELETE FROM catalogo WHERE nome = 'last'")
    went = major.upgrade(docker.from_env(), farm.repository, builder.ensure("postgres"), CONSOLE)
    assert " facts and " in went.compared
    assert "postgis 3." in went.extensions
    farm.start_again()
    after = (
        farm.ask("SELECT database_facts()"),
        migrate.applied(farm.conninfo),
        farm.ask("SELECT job FROM cron.job"),
    )
    assert after == before
    assert farm.ask("INSERT INTO catalogo (nome, tipo) VALUES ('last', 'LAYER') RETURNING id") == [(key + 1,)]
    with psycopg.connect(farm.conninfo, user="visitor", password="guest") as visitor:
        assert visitor.execute("SELECT count(*) > 0 FROM catalogo").fetchone() == (True,)
    made = request.wait_for(farm.conninfo, "incr", CONSOLE)
    assert farm.repository.content().backups[-1].label == made.label
    forget.forget(farm.repository, CONSOLE, confirm=lambda what: "pgdata.before-" in what)
