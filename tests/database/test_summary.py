"""The folded summary equals a full recomputation, whatever happened to the catalogue in between."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.database import migrate
from tests.database.conftest import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.database.server import Server

Connection = psycopg.Connection[tuple[object, ...]]
Step = tuple[str, int, int]

# Written anew from the tables, without any function that the fold uses. Areas and centroids are compared with a
# tolerance here; that they are equal to the last bit is what the reconciliation says.
DIFFERENT = """
WITH whole AS (
    SELECT
        entry.id, entry.nome, entry.descricao, entry.tipo, entry.status, entry.atualizado_em,
        count(part.id) AS geom_count,
        count(part.id) FILTER (WHERE st_isvalid(part.geom)) AS valid_count,
        coalesce(sum(st_npoints(part.geom)), 0) AS points,
        coalesce(sum(st_area(part.geom::geography)), 0) AS area_m2,
        st_astext(st_extent(part.geom)::geometry) AS bounds_wkt,
        st_centroid(st_collect(part.geom)) AS centroid,
        min(part.created_at) AS first_created,
        max(part.updated_at) AS last_updated
    FROM catalogo AS entry
    LEFT JOIN catalogo_geometrias_particionada AS part ON part.catalogo_id = entry.id
    GROUP BY entry.id
)
SELECT coalesce(whole.id, held.catalogo_id), to_jsonb(whole), to_jsonb(held)
FROM whole FULL JOIN catalogo_summary AS held ON held.catalogo_id = whole.id
WHERE
    (
        whole.nome, whole.descricao, whole.tipo, whole.status, whole.atualizado_em, whole.geom_count,
        whole.valid_count, whole.points, whole.bounds_wkt, whole.first_created, whole.last_updated
    ) IS DISTINCT FROM (
        held.nome, held.descricao, held.tipo, held.status, held.atualizado_em, held.geom_count,
        held.valid_count, held.points, held.bounds_wkt, held.first_created, held.last_updated
    )
    OR abs(whole.area_m2 - held.area_m2) > 0.001
    OR (whole.centroid IS NULL) <> (held.centroid_lon IS NULL)
    OR st_distance(whole.centroid, st_point(held.centroid_lon, held.centroid_lat, 4326)) > 1e-9
"""
SHAPES = (
    "MULTIPOLYGON(((-43 -17,-42 -17,-42 -16,-43 -16,-43 -17)))",
    "MULTIPOLYGON(((-43 -17,-42 -16,-42 -17,-43 -16,-43 -17)))",
    "MULTIPOINT((-43.5 -17.5))",
    "MULTILINESTRING((-44 -17,-43.3 -16.9))",
)
YEARS = (2026, 2027, 2035, 1999, 2050, 2051, 1800)
# a and b are small numbers; each statement makes of them what it can.
STEPS = {
    "entry": "INSERT INTO catalogo (id, nome, tipo) VALUES (%(a)s, 'Curral ' || %(b)s, 'Tipo') ON CONFLICT DO NOTHING",
    "rename": "UPDATE catalogo SET nome = 'Mata ' || %(b)s, descricao = 'n' || %(b)s WHERE id = %(a)s",
    "status": "UPDATE catalogo SET status = CASE WHEN %(b)s %% 2 = 0 THEN 'ativo' ELSE 'inativo' END WHERE id = %(a)s",
    "renumber": "UPDATE catalogo SET id = id + 10 WHERE id = %(a)s AND NOT EXISTS ("
    "SELECT FROM catalogo_geometrias_particionada WHERE catalogo_id = %(a)s)"
    " AND NOT EXISTS (SELECT FROM catalogo WHERE id = %(a)s + 10)",
    "forget": "DELETE FROM catalogo WHERE id = %(a)s",
    "add": "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)"
    " SELECT id, ST_GeomFromText(%(shape)s, 4326), make_timestamptz(%(year)s, 5, 1, 0, 0, 0) FROM catalogo"
    " WHERE id = %(a)s",
    "add to all": "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)"
    " SELECT id, ST_Translate(ST_GeomFromText(%(shape)s, 4326), id / 7.0, 0), make_timestamptz(%(year)s, 5, 1, 0, 0, 0)"
    " FROM catalogo",
    "shift": "UPDATE catalogo_geometrias_particionada SET geom = ST_Translate(geom, %(b)s / 100.0, 0)"
    " WHERE catalogo_id = %(a)s",
    "move": "UPDATE catalogo_geometrias_particionada SET catalogo_id = (SELECT min(id) FROM catalogo WHERE id > %(a)s)"
    " WHERE catalogo_id = %(a)s AND EXISTS (SELECT FROM catalogo WHERE id > %(a)s)",
    "another year": "UPDATE catalogo_geometrias_particionada SET created_at = make_timestamptz(%(year)s, 6, 1, 0, 0, 0)"
    " WHERE catalogo_id = %(a)s",
    "remove": "DELETE FROM catalogo_geometrias_particionada WHERE catalogo_id = %(a)s AND id %% 2 = %(b)s %% 2",
    "truncate a year": "TRUNCATE catalogo_geometrias_2026",
    "truncate the others": "TRUNCATE catalogo_geometrias_default",
    "truncate geometries": "TRUNCATE catalogo_geometrias_particionada",
    "truncate all": "TRUNCATE catalogo CASCADE",
    "create a year": "SELECT create_missing_year_partitions(%(year)s, %(year)s) WHERE %(year)s >= 1900",
    "drain": "SELECT drain_default_partition()",
    "detach": "SELECT detach_old_partitions(%(b)s + 1, false)",
    "fold": "SELECT fold_catalogo_changes(%(b)s + 1)",
}
OFTEN = ("entry", "entry", "add", "add", "add to all", "shift", "move", "fold")


@pytest.fixture(scope="module")
def owner(server: Server) -> Iterator[Connection]:
    """The owner's login to a database of its own, since partitions come and go."""
    name = f"summary_{secrets.token_hex(4)}"
    server.superuser(f"CREATE DATABASE {name} TEMPLATE blank OWNER mundo_owner", "postgres")
    conninfo = server.conninfo("owner", name)
    # What follows is about pg_cron, which lives in one database only.
    names = [migration for migration in migrate.digests(MIGRATIONS) if migration < "0065"]
    migrate.apply(conninfo, MIGRATIONS, target=names[-1])
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield connection
    server.superuser(f"DROP DATABASE {name} WITH (FORCE)", "postgres")


def take(connection: Connection, step: Step) -> None:
    name, a, b = step
    values = {"a": a, "b": b, "shape": SHAPES[b % len(SHAPES)], "year": YEARS[(a + b) % len(YEARS)]}
    # A year that lies detached in the archive is not made again, and an entry that has geometries there keeps its
    # number: that the statement is refused, and its transaction with it, is as good a step.
    refused = {"renumber": psycopg.errors.ForeignKeyViolation}.get(name, psycopg.errors.DuplicateTable)
    try:
        connection.execute(STEPS[name].encode(), values)
    except refused as error:
        raise psycopg.Rollback from error


steps = st.tuples(st.sampled_from([*STEPS, *OFTEN]), st.integers(1, 5), st.integers(0, 9))
transactions = st.tuples(st.lists(steps, min_size=1, max_size=4), st.sampled_from([True, True, False]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(transactions, min_size=3, max_size=15))
def test_the_summary_equals_a_full_recomputation(owner: Connection, history: list[tuple[list[Step], bool]]) -> None:
    for taken, commits in history:
        with owner.transaction(force_rollback=not commits):
            for step in taken:
                take(owner, step)
    holds(owner)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("after", ["", "detach"])
def test_after_each_kind_of_change(owner: Connection, name: str, after: str) -> None:
    """Each alone, so that no other change hides that one is missed."""
    owner.execute("TRUNCATE catalogo CASCADE")
    for entry in range(1, 6):
        take(owner, ("entry", entry, entry))
    for year in range(len(YEARS)):
        take(owner, ("add to all", 0, year))
    if after:
        take(owner, (after, 0, 0))
    owner.execute("SELECT fold_catalogo_changes(NULL)")
    with owner.transaction():
        take(owner, (name, 2, 3))
    holds(owner)


def holds(owner: Connection) -> None:
    """Folds and compares in two ways: with a plain statement, and bit by bit as the nightly job does."""
    owner.execute("SELECT fold_catalogo_changes(NULL)")
    assert owner.execute(DIFFERENT.encode()).fetchall() == []
    found = owner.execute("SELECT entries_queued, differences, outcome FROM reconcile_catalogo_summary(3)").fetchall()
    assert found == [(0, 0, "success")]
    owner.execute("SELECT refresh_all_materialized_views()")
    views = owner.execute(
        "SELECT (SELECT count(*) FROM mv_catalogo_geometrias_stats), (SELECT count(*) FROM mv_catalogo_search_indexed)"
    ).fetchall()
    kept = "SELECT count(*), count(*) FILTER (WHERE status = 'ativo') FROM catalogo"
    assert views == owner.execute(kept).fetchall()


def test_an_entry_whose_geometries_are_in_the_archive_keeps_its_number(owner: Connection) -> None:
    owner.execute("TRUNCATE catalogo CASCADE")
    take(owner, ("entry", 2, 1))
    # A year that no other test has.
    values = {"a": 2, "shape": SHAPES[0], "year": 1971}
    owner.execute("SELECT create_missing_year_partitions(%(year)s, %(year)s)", values)
    owner.execute(STEPS["add"].encode(), values)
    owner.execute("SELECT detach_old_partitions(1, false)")
    assert owner.execute("SELECT count(*) FROM catalogo_geometrias_particionada").fetchall() == [(0,)]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        owner.execute(STEPS["renumber"].encode(), {"a": 2})
    with owner.transaction():
        take(owner, ("renumber", 2, 1))
    assert owner.execute("SELECT id FROM catalogo").fetchall() == [(2,)]
    holds(owner)


def test_versions_never_go_back(owner: Connection) -> None:
    owner.execute("TRUNCATE catalogo CASCADE")
    last = 0
    for number in range(6):
        take(owner, ("forget" if number % 2 else "entry", 1, number))
        owner.execute("SELECT fold_catalogo_changes(NULL)")
        for (version,) in owner.execute("SELECT version FROM catalogo_summary").fetchall():
            assert isinstance(version, int)
            assert version > last
            last = version
