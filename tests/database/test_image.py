"""The image by itself: first start, rotation, crashes, and what it refuses."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.database.server import ROLES, Server, rows, running


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that these tests may stop and kill."""
    with running() as started:
        yield started


def test_every_role_logs_in_with_its_password_only(own: Server) -> None:
    for role in ROLES:
        assert rows(own.conninfo(role), "SELECT current_user") == [(f"mundo_{role}",)]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(own.conninfo(role), password="wrong")
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba.conf rejects connection"):
        psycopg.connect(own.conninfo("owner"), user="postgres")


def test_roles_reach_the_database_mundo_only(own: Server) -> None:
    for role in ROLES:
        for other in ("postgres", "template1"):
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(own.conninfo(role, other))


def test_it_runs_as_its_own_user_without_capabilities(own: Server) -> None:
    status = own.run("cat", "/proc/1/status")[1]
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert lines["Uid"].split() == ["999"] * 4
    assert int(lines["CapEff"], 16) == 0
    assert own.run("touch", "/usr/local/bin/x")[0] != 0


def test_no_password_is_in_the_log_the_statistics_or_the_settings(own: Server) -> None:
    seen = own.logs() + str(own.container.attrs) + own.superuser("SELECT query FROM pg_stat_statements")
    seen += own.run("sh", "-c", "cat /proc/*/cmdline /proc/*/environ | tr '\\0' ' '")[1]
    for password in own.passwords.values():
        assert password not in seen


def test_cluster_is_made_as_promised(own: Server) -> None:
    assert own.superuser("SHOW data_checksums") == "on"
    assert own.superuser("SHOW timezone") == "UTC"
    assert own.superuser("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'mundo'") == "b|C.UTF-8"
    assert own.superuser("SELECT name FROM pg_available_extensions WHERE name = 'pgtap'") == "pgtap"


def test_jobs_of_the_owner_run(own: Server) -> None:
    with psycopg.connect(own.conninfo("owner"), autocommit=True) as owner:
        owner.execute("CREATE TABLE beat (at timestamptz)")
        owner.execute("SELECT cron.schedule('beat', '1 seconds', 'INSERT INTO beat VALUES (now())')")
        try:
            for _ in range(100):
                if owner.execute("SELECT count(*) > 0 FROM beat").fetchone() == (True,):
                    break
                owner.execute("SELECT pg_sleep(0.1)")
            else:
                pytest.fail(f"the job did not run: {owner.execute('TABLE cron.job_run_details').fetchall()}")
            owner.execute("SELECT cron.alter_job(jobid, schedule := '2 seconds') FROM cron.job WHERE jobname = 'beat'")
        finally:
            owner.execute("SELECT cron.unschedule('beat')")
            owner.execute("DROP TABLE beat")


def test_a_rotated_password_holds_after_a_restart_and_data_stays(own: Server) -> None:
    rows(own.conninfo("owner"), "CREATE TABLE kept AS SELECT 42 AS answer")
    before = own.conninfo("app")
    own.passwords["app"] = "quote'\"\\ and $(dollar) and ünïcode"
    own.container.stop(timeout=30)
    assert "database system is shut down" in own.logs()
    own.hand_over()
    own.container.start()
    own.wait_healthy()
    assert rows(own.conninfo("app"), "SELECT current_user") == [("mundo_app",)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(before, port=psycopg.conninfo.conninfo_to_dict(own.conninfo("app"))["port"])
    assert rows(own.conninfo("owner"), "TABLE kept") == [(42,)]


def test_drift_of_a_role_is_mended_by_a_restart(own: Server) -> None:
    own.superuser("ALTER ROLE mundo_app SUPERUSER; DROP EXTENSION pg_trgm; ALTER DATABASE mundo OWNER TO postgres")
    own.container.restart(timeout=30)
    own.wait_healthy()
    assert own.superuser("SELECT rolsuper FROM pg_roles WHERE rolname = 'mundo_app'") == "f"
    assert own.superuser("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'") == "1"
    assert own.superuser("SELECT datdba::regrole FROM pg_database WHERE datname = 'mundo'") == "mundo_owner"


OLDER = """
CREATE TABLE grown (id bigint, geom geometry(Polygon, 4326));
INSERT INTO grown SELECT 1, ST_MakeEnvelope(-44, -17, -43, -16, 4326);
CREATE INDEX ON grown USING gist (geom);
-- PostGIS 3.4 as far as it differs: its number, and a function that 3.5 has added.
ALTER EXTENSION postgis DROP FUNCTION ST_HasM(geometry);
DROP FUNCTION ST_HasM(geometry);
UPDATE pg_extension SET extversion = '3.4.0' WHERE extname = 'postgis';
DROP EXTENSION pg_trgm;
CREATE EXTENSION pg_trgm VERSION '1.5';
DROP EXTENSION pg_cron;
CREATE EXTENSION pg_cron VERSION '1.3';
"""
VERSIONS = "SELECT extname, extversion FROM pg_extension ORDER BY extname"
BEHIND = "SELECT name FROM pg_available_extensions WHERE installed_version <> default_version ORDER BY name"


def test_extensions_behind_the_image_are_brought_up_by_a_restart_and_data_stay(own: Server) -> None:
    newest = own.superuser(VERSIONS)
    own.superuser(OLDER)
    own.superuser("INSERT INTO cron.job (schedule, command, nodeport) VALUES ('0 0 1 1 *', 'SELECT 42', 1)")
    assert own.superuser(BEHIND).split() == ["pg_cron", "pg_trgm", "postgis"]
    own.container.restart(timeout=30)
    own.wait_healthy()
    assert own.superuser(VERSIONS) == newest
    assert own.superuser("SELECT command FROM cron.job") == "SELECT 42"
    assert own.superuser("SELECT id, ST_HasM(geom) FROM grown WHERE geom && ST_MakePoint(-43.5, -16.5)") == "1|f"
    for name, before in (("pg_cron", "1.3"), ("pg_trgm", "1.5"), ("postgis", "3.4.0")):
        assert f"extension {name}: {before} is now " in own.logs()
    own.superuser("DELETE FROM cron.job; DROP TABLE grown")


def test_an_extension_that_cannot_follow_stays_and_the_server_starts(own: Server) -> None:
    # A function of the same name as one that the newer version brings is in its way.
    own.superuser("DROP EXTENSION pg_trgm; CREATE EXTENSION pg_trgm VERSION '1.3'")
    own.superuser("CREATE FUNCTION strict_word_similarity(text, text) RETURNS real LANGUAGE sql RETURN 0::real")
    own.container.restart(timeout=30)
    own.wait_healthy()
    assert own.superuser(BEHIND) == "pg_trgm"
    assert "extension pg_trgm stays at 1.3, the image has " in own.logs()
    own.superuser("DROP FUNCTION strict_word_similarity(text, text)")
    own.container.restart(timeout=30)
    own.wait_healthy()
    assert own.superuser(BEHIND) == ""


def test_a_killed_server_recovers_what_was_committed(own: Server) -> None:
    for number in range(3):
        rows(own.conninfo("owner"), f"CREATE TABLE committed_{number} ()")
        own.container.kill("SIGKILL")
        own.container.start()
        own.wait_healthy()
        assert rows(own.conninfo("owner"), f"SELECT to_regclass('committed_{number}') IS NOT NULL") == [(True,)]


def test_a_second_server_on_the_same_volume_is_refused(own: Server) -> None:
    second = own.create()
    second.start()
    try:
        assert second.get_wrapped_container().wait(timeout=60)["StatusCode"] == 1
        assert "another server is running on this data volume" in second.get_wrapped_container().logs().decode()
    finally:
        second.stop()
    assert rows(own.conninfo("app"), "SELECT 1") == [(1,)]


def test_health_is_never_reported_before_the_real_server_listens() -> None:
    server = Server()
    try:
        server.hand_over()
        server.started = server.create().start()
        server.wait_healthy()
        assert "ready to accept connections" in server.logs()
        assert rows(server.conninfo("app"), "SELECT 1") == [(1,)]
    finally:
        server.remove()


def test_a_first_start_killed_at_any_moment_is_repeated() -> None:
    server = Server()
    try:
        server.hand_over()
        server.started = server.create().start()
        for milliseconds in (300, 900, 1500, 2100):
            time.sleep(milliseconds / 1000)
            server.container.kill("SIGKILL")
            server.container.start()
        server.wait_healthy()
        assert rows(server.conninfo("app"), "SELECT 1") == [(1,)]
    finally:
        server.remove()


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"app_password": ""}, "/run/mundo/secrets/app_password is missing, empty or not readable by uid 999"),
        ({"postgresql_conf": ""}, "/run/mundo/config/postgresql.conf is missing or not readable by uid 999"),
        ({"postgresql_conf": "nonsense = on\n"}, "the server does not start with /run/mundo/config/postgresql.conf"),
    ],
)
def test_bad_files_are_named(texts: dict[str, str], said: str) -> None:
    server = Server()
    try:
        server.hand_over(**texts)
        server.started = server.create().start()
        assert server.container.wait(timeout=60)["StatusCode"] == 1
        assert server.logs().strip().splitlines()[-1] == f"entrypoint: {said}"
    finally:
        server.remove()


def test_data_of_another_version_is_refused_and_kept() -> None:
    with running() as server:
        server.run("sh", "-c", "echo 16 > $PGDATA/PG_VERSION")
        server.container.kill("SIGKILL")
        server.container.start()
        assert server.container.wait(timeout=60)["StatusCode"] == 1
        assert "the volume holds PostgreSQL 16 data, this image is PostgreSQL 17" in server.logs()
