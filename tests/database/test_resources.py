"""Database objects as Pulumi resources: made, compared, found changed by hand, mended, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from components.database import migrate
from components.database.connection import DatabaseUnreachableError
from components.database.resources import MIGRATIONS, CronJobProvider
from components.database.role_settings import RoleSettingsProvider
from components.database.scheduled_view import ScheduledViewProvider
from components.database.yearly_partitions import YearlyPartitionsProvider, missing_years
from tests.database.providers import configured
from tests.database.server import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.database.resources import DatabaseProvider
    from tests.database.server import Server

JOB = {"job": "test-job", "schedule": "0 0 1 1 *", "command": "SELECT 1", "active": False}
VIEW = "mv_catalogo_geometrias_stats"
SCHEDULED = {
    "view": VIEW,
    "job": f"refresh-{VIEW}",
    "schedule": "0 0 1 1 *",
    "command": f"SELECT refresh_materialized_view('{VIEW}')",
    "active": False,
    "content": "populated",
}
LIMITS = {
    "role": "mundo_app",
    "settings": {"statement_timeout": "30000ms", "lock_timeout": "5000ms"},
    "connection_limit": 18,
}
YEARS: dict[str, Any] = {"first_year": 2026, "years_ahead": 9, "missing": []}


@pytest.fixture
def sql(owner_conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner's own hand."""
    with psycopg.connect(owner_conninfo, autocommit=True) as connection:
        yield connection


class Made:
    """A resource after its creation."""

    def __init__(self, provider: DatabaseProvider, props: dict[str, Any]) -> None:
        created = provider.create(props)
        assert created.outs is not None
        self.id: str = created.id
        self.outs: dict[str, Any] = created.outs


def drift(provider: DatabaseProvider, id_: str, state: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What a refresh finds and the next preview would change: property → value found."""
    found = provider.read(id_, state)
    assert found.id == id_
    assert found.outs is not None
    difference = provider.diff(id_, found.outs, wanted)
    changed = {key: value for key, value in found.outs.items() if wanted.get(key) != value}
    assert bool(difference.changes) is bool(changed)
    assert not difference.replaces
    return changed


def test_a_job_is_made_found_changed_and_mended(server: Server, sql: psycopg.Connection[Any]) -> None:
    provider = configured(CronJobProvider, server)
    made = Made(provider, JOB)
    try:
        assert made.id == "test-job"
        assert drift(provider, made.id, made.outs, JOB) == {}
        sql.execute("SELECT cron.alter_job(jobid, active := true) FROM cron.job WHERE jobname = 'test-job'")
        assert drift(provider, made.id, made.outs, JOB) == {"active": True}
        provider.update(made.id, made.outs, JOB)
        assert drift(provider, made.id, made.outs, JOB) == {}
        assert provider.diff(made.id, made.outs, {**JOB, "schedule": "1 0 1 1 *"}).changes
        assert provider.diff(made.id, made.outs, {**JOB, "job": "other"}).replaces == ["job"]
    finally:
        provider.delete(made.id, made.outs)
    assert provider.read(made.id, made.outs).id == ""
    provider.delete(made.id, made.outs)
    assert sql.execute("SELECT count(*) FROM cron_job_scheduled WHERE job_name = 'test-job'").fetchone() == (0,)


@pytest.mark.parametrize("schedule", ["1 second", "1 seconds", "59 seconds", "*/5 0-6 1,15 jan-jun mon", "0 3 * * 7"])
def test_schedules_that_the_settings_accept_are_accepted_here(server: Server, schedule: str) -> None:
    provider = configured(CronJobProvider, server)
    made = Made(provider, {**JOB, "schedule": schedule})
    provider.delete(made.id, made.outs)


def test_a_view_and_its_refresh_are_one(server: Server, sql: psycopg.Connection[Any]) -> None:
    provider = configured(ScheduledViewProvider, server)
    made = Made(provider, SCHEDULED)
    try:
        assert made.id == f"refresh-{VIEW}"
        assert drift(provider, made.id, made.outs, SCHEDULED) == {}
        sql.execute(
            "SELECT cron.alter_job(jobid, schedule := '5 0 1 1 *') FROM cron.job WHERE jobname = %s", (made.id,)
        )
        sql.execute(f"REFRESH MATERIALIZED VIEW {VIEW} WITH NO DATA".encode())
        assert drift(provider, made.id, made.outs, SCHEDULED) == {"schedule": "5 0 1 1 *", "content": "empty"}
        provider.update(made.id, made.outs, SCHEDULED)
        assert drift(provider, made.id, made.outs, SCHEDULED) == {}
        assert sql.execute("SELECT count(*) >= 0 FROM mv_catalogo_geometrias_stats").fetchone() == (True,)
        sql.execute(f"ALTER MATERIALIZED VIEW {VIEW} RENAME TO somewhere_else".encode())
        try:
            assert drift(provider, made.id, made.outs, SCHEDULED) == {"content": "missing"}
            with pytest.raises(RuntimeError, match=f"materialized view {VIEW} is gone: "):
                provider.update(made.id, made.outs, SCHEDULED)
        finally:
            sql.execute(f"ALTER MATERIALIZED VIEW somewhere_else RENAME TO {VIEW}".encode())
    finally:
        provider.delete(made.id, made.outs)
    assert provider.read(made.id, made.outs).id == ""


def test_a_refresh_that_was_a_plain_job_is_taken_over(server: Server) -> None:
    before = {key: SCHEDULED[key] for key in ("job", "schedule", "command", "active")}
    old, new = configured(CronJobProvider, server), configured(ScheduledViewProvider, server)
    made = Made(old, before)
    difference = new.diff(made.id, made.outs, SCHEDULED)
    assert difference.changes
    assert not difference.replaces
    outs = new.update(made.id, made.outs, SCHEDULED).outs or {}
    assert drift(new, made.id, outs, SCHEDULED) == {}
    new.delete(made.id, outs)


def test_the_limits_of_a_role(server: Server, sql: psycopg.Connection[Any]) -> None:
    provider = configured(RoleSettingsProvider, server)
    made = Made(provider, LIMITS)
    try:
        assert drift(provider, made.id, made.outs, LIMITS) == {}
        assert rows(server.conninfo("app"), "SHOW statement_timeout") == [("30s",)]
        sql.execute("ALTER ROLE mundo_app SET statement_timeout = '1h'")
        sql.execute("ALTER ROLE mundo_app CONNECTION LIMIT 1")
        assert drift(provider, made.id, made.outs, LIMITS) == {
            "settings": {"statement_timeout": "1h", "lock_timeout": "5000ms"},
            "connection_limit": 1,
        }
        with psycopg.connect(server.conninfo("app")), pytest.raises(psycopg.OperationalError, match="too many"):
            psycopg.connect(server.conninfo("app"))
        sql.execute("ALTER ROLE mundo_app RESET lock_timeout")
        assert drift(provider, made.id, made.outs, LIMITS)["settings"] == {"statement_timeout": "1h"}
        fewer = {**LIMITS, "settings": {"lock_timeout": "5000ms"}}
        outs = provider.update(made.id, made.outs, fewer).outs or {}
        assert drift(provider, made.id, outs, fewer) == {}
        assert rows(server.conninfo("app"), "SHOW statement_timeout") == [("0",)]
        assert rows(server.conninfo("app"), "SHOW lock_timeout") == [("5s",)]
    finally:
        provider.delete(made.id, made.outs)
    assert rows(server.conninfo("app"), "SHOW lock_timeout") == [("0",)]
    assert sql.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'mundo_app'").fetchone() == (-1,)


def test_the_owner_sets_times_of_its_own_but_no_limit(server: Server) -> None:
    provider = configured(RoleSettingsProvider, server)
    wanted = {"role": "mundo_owner", "settings": {"idle_in_transaction_session_timeout": "900000ms"}}
    made = Made(provider, {**wanted, "connection_limit": None})
    assert drift(provider, made.id, made.outs, {**wanted, "connection_limit": None}) == {}
    assert rows(server.conninfo("owner"), "SHOW idle_in_transaction_session_timeout") == [("15min",)]
    provider.delete(made.id, made.outs)
    assert rows(server.conninfo("owner"), "SHOW idle_in_transaction_session_timeout") == [("0",)]


def test_a_hasty_owner_still_migrates(server: Server, blank: str) -> None:
    wanted = {
        "role": "mundo_owner",
        "settings": {"statement_timeout": "1ms", "idle_in_transaction_session_timeout": "1ms"},
    }
    provider = configured(RoleSettingsProvider, server)
    made = Made(provider, {**wanted, "connection_limit": None})
    try:
        # On a busy machine the transaction is idle for too long before the statement can be.
        with pytest.raises((psycopg.errors.QueryCanceled, psycopg.errors.IdleInTransactionSessionTimeout)):
            rows(server.conninfo("owner"), "SELECT pg_sleep(1)")
        target = "0008_catalogo_geometrias_particionada"
        assert migrate.apply(server.conninfo("owner", blank), MIGRATIONS, target)[-1] == target
    finally:
        provider.delete(made.id, made.outs)


def test_a_role_that_is_gone_is_gone(server: Server) -> None:
    provider = configured(RoleSettingsProvider, server)
    assert provider.read("mundo_nobody", {**LIMITS, "role": "mundo_nobody"}).id == ""
    provider.delete("mundo_nobody", {**LIMITS, "role": "mundo_nobody"})


@pytest.mark.parametrize("by_hand", ["DROP TABLE {0}", "ALTER TABLE {1} DETACH PARTITION {0}"])
def test_a_partition_taken_away_by_hand_is_made_again(
    server: Server, sql: psycopg.Connection[Any], by_hand: str
) -> None:
    provider = configured(YearlyPartitionsProvider, server)
    made = Made(provider, YEARS)
    assert drift(provider, made.id, made.outs, YEARS) == {}
    parent, child = "catalogo_geometrias_particionada", "catalogo_geometrias_2033"
    entry = sql.execute("INSERT INTO catalogo (nome, tipo) VALUES ('Talhão', 'x') RETURNING id").fetchone()
    assert entry is not None
    sql.execute(
        "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)"
        " VALUES (%s, st_geomfromtext('MULTIPOINT((-44 -17))', 4326), '2033-05-05')",
        entry,
    )
    sql.execute(by_hand.format(child, parent).encode())
    assert drift(provider, made.id, made.outs, YEARS) == {"missing": [2033]}
    provider.update(made.id, made.outs, YEARS)
    assert drift(provider, made.id, made.outs, YEARS) == {}
    kept = sql.execute(
        "SELECT tableoid::regclass::text FROM catalogo_geometrias_particionada WHERE catalogo_id = %s", entry
    )
    assert kept.fetchall() == ([] if by_hand.startswith("DROP") else [(child,)])
    sql.execute("DELETE FROM catalogo WHERE id = %s", entry)


def test_another_range_is_a_difference_and_new_year_is_none(server: Server, sql: psycopg.Connection[Any]) -> None:
    provider = configured(YearlyPartitionsProvider, server)
    assert provider.diff("x", YEARS, {**YEARS, "years_ahead": 10}).changes
    year = sql.execute("SELECT extract(YEAR FROM now() AT TIME ZONE 'UTC')::integer").fetchone()
    assert year is not None
    new_year = year[0] + 1
    assert missing_years(sql, 2026, 9, moment=f"{new_year}-01-01 00:00:01+00") == []
    assert missing_years(sql, 2026, 9, moment=f"{new_year}-01-03 00:00:01+00") == [new_year + 9]
    assert missing_years(sql, 2024, 9) == [2024, 2025]
    before = sql.execute("SELECT count(*) FROM pg_inherits").fetchone()
    provider.delete("yearly-partitions", YEARS)
    assert sql.execute("SELECT count(*) FROM pg_inherits").fetchone() == before


def test_an_archived_year_is_not_missed(server: Server, sql: psycopg.Connection[Any]) -> None:
    sql.execute("ALTER TABLE catalogo_geometrias_particionada DETACH PARTITION catalogo_geometrias_2034")
    sql.execute("CREATE SCHEMA IF NOT EXISTS archive")
    sql.execute("ALTER TABLE catalogo_geometrias_2034 SET SCHEMA archive")
    try:
        assert missing_years(sql, 2026, 9) == []
    finally:
        sql.execute("ALTER TABLE archive.catalogo_geometrias_2034 SET SCHEMA public")
        assert missing_years(sql, 2026, 9) == [2034]
        provider = configured(YearlyPartitionsProvider, server)
        provider.update("yearly-partitions", YEARS, YEARS)
        assert missing_years(sql, 2026, 9) == []


def test_a_server_that_does_not_answer_is_not_taken_for_gone(server: Server) -> None:
    for kind in (CronJobProvider, ScheduledViewProvider, RoleSettingsProvider, YearlyPartitionsProvider):
        provider = configured(kind, server)
        assert provider._raw is not None
        provider._raw["ports"] = '{"postgres": 1024}'
        for state in (JOB, SCHEDULED, LIMITS, YEARS):
            with pytest.raises(DatabaseUnreachableError, match="PostgreSQL cannot be reached: "):
                provider.read("test", dict(state))
