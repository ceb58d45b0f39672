"""The life of a stack: up, use, change, drift, rotation, release, interruption, down."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import httpx
import psycopg
import pytest

from components.settings import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.operator import Operator

FEATURES = 500

pytestmark = pytest.mark.timeout(900)


def count(operator: Operator) -> int:
    """Catalogue entries, as the database has them."""
    with psycopg.connect(operator.outputs()["postgres_url"]) as connection:
        row = connection.execute("SELECT count(*) FROM catalogo").fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def farm(operator: Operator) -> int:
    """A synthetic farm more in the stack; the number of all its entries."""
    before = count(operator)
    operator.succeeds("sample", "-n", str(FEATURES))
    after = count(operator)
    assert after - before == FEATURES
    return after


def test_everything_is_healthy(operator: Operator) -> None:
    client = docker.from_env()
    for name, id_ in operator.containers().items():
        state = client.containers.get(id_).attrs["State"]
        assert state["Health"]["Status"] == "healthy", name
    client.close()
    outputs = json.loads(operator.succeeds("outputs"))
    assert outputs["grafana_url"] is None
    assert httpx.get(outputs["docs_url"]).status_code == 200
    assert httpx.get(outputs["prometheus_url"] + "/-/ready").status_code == 200
    assert httpx.get(outputs["alertmanager_url"] + "/-/ready").status_code == 200
    assert httpx.get(outputs["app_url"] + "/health/ready").json()["status"] == "ok"
    assert "***" in outputs["postgres_url"]
    assert not any(outputs[key] != "***" for key in SECRETS)


def test_status_shows_every_container(operator: Operator) -> None:
    shown = operator.succeeds("status")
    assert all(f"mundo-{operator.stack}-{name}" in shown for name in operator.containers())
    assert shown.count("healthy") == len(operator.containers())


def test_a_second_up_changes_nothing(operator: Operator) -> None:
    before = operator.containers()
    assert "nothing to change" in operator.succeeds("up")
    assert operator.containers() == before
    assert "no differences" in operator.succeeds("preview")
    assert "no differences" in operator.succeeds("refresh")


def test_typed_pulumi_works(operator: Operator) -> None:
    preview = operator.pulumi("preview", "--expect-no-changes")
    assert preview.status == 0, preview.out + preview.err
    refresh = operator.pulumi("refresh", "--preview-only", "--expect-no-changes")
    assert refresh.status == 0, refresh.out + refresh.err
    up = operator.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert up.status == 0, up.out + up.err
    shown = operator.pulumi("stack", "output", "--show-secrets", "--json")
    assert json.loads(shown.out)["app_url"] == operator.outputs()["app_url"]


def test_a_farm_is_found_through_the_api(operator: Operator, farm: int) -> None:
    assert farm >= FEATURES
    url = operator.outputs()["app_url"]
    page = httpx.get(f"{url}/v1/catalogo", params={"only_geometric": True, "limit": 5}).json()
    assert len(page["items"]) == 5
    first = page["items"][0]["id"]
    bounds = httpx.get(f"{url}/v1/catalogo/{first}/bounds")
    west, south, east, north = bounds.json()["bbox"]
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    assert bounds.headers["X-Cache"] in {"l1", "redis", "postgres"}
    geometries = httpx.get(f"{url}/v1/catalogo/{first}/geometrias").json()
    assert geometries["type"] == "FeatureCollection"
    assert len(geometries["features"]) == 1
    assert httpx.get(f"{url}/v1/catalogo/999999999").status_code == 404
    assert httpx.get(f"{url}/v1/catalogo", params={"limit": "many"}).status_code == 422


def test_the_checkout_runs_against_the_stack_and_starts_anew(operator: Operator, farm: int) -> None:
    page = operator.checkout / "app/web/index.html"
    before = page.read_text()
    process = subprocess.Popen(
        operator.command("dev"),
        cwd=operator.checkout,
        env=operator.environment(),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        url = said.split()[0]
        assert url.startswith("http://127.0.0.1:"), said
        assert url != operator.outputs()["app_url"]
        _until(lambda: httpx.get(f"{url}/health/ready").json()["status"] == "ok")
        found = httpx.get(f"{url}/v1/catalogo", params={"limit": 1}).json()["items"][0]["id"]
        assert httpx.get(f"{url}/v1/catalogo/{found}/bounds").status_code == 200
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        variables = Path(f"/proc/{child}/environ").read_text().split("\0")
        (folder,) = [Path(item.partition("=")[2]) for item in variables if item.startswith("MUNDO_SECRETS_DIR=")]
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o400}
        assert folder.stat().st_mode & 0o777 == 0o700
        secret = (folder / "redis_password").read_text()
        assert secret not in "".join(variables)
        page.write_text(before.replace("Mapa da fazenda</h1>", "Novo mapa</h1>"))
        _until(lambda: "Novo mapa</h1>" in httpx.get(url).text)
    finally:
        page.write_text(before)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert not folder.exists()
    assert not Path(f"/proc/{child}").exists()


def _until(condition: Callable[[], bool], seconds: float = 40) -> None:
    """Waits for something that an app, when it answers, says."""
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(httpx.TransportError):
            if condition():
                return
        assert time.monotonic() < until, f"not within {seconds:g} s"
        time.sleep(0.1)


def test_every_target_is_scraped(operator: Operator) -> None:
    url = operator.outputs()["prometheus_url"]
    result = httpx.get(f"{url}/api/v1/query", params={"query": "count by (job) (up)"}).json()["data"]["result"]
    assert {row["metric"]["job"] for row in result} >= {"catalog", "postgres", "redis", "sentinel", "prometheus"}


def test_no_secret_is_in_clear(operator: Operator) -> None:
    secret = [value for key, value in operator.outputs().items() if key in SECRETS]
    assert len(secret) == len(SECRETS)
    state = operator.state()
    client = docker.from_env()
    inspected = json.dumps([client.api.inspect_container(id_) for id_ in operator.containers().values()])
    processes = json.dumps([client.api.top(id_, "axww -o pid,args") for id_ in operator.containers().values()])
    client.close()
    settings = operator.settings_file.read_text()
    for value in secret:
        assert value not in state
        assert value not in inspected
        assert value not in processes
        assert value not in settings


def test_a_changed_setting_is_just_its_diff(operator: Operator) -> None:
    operator.succeeds("config", "database.schedules.refresh=7 * * * *")
    shown = operator.succeeds("preview")
    assert "2 differences" in shown
    assert shown.count("schedule") == 2
    assert "replace" not in shown
    reviewed = operator.succeeds("preview", "--format", "markdown")
    assert f"stack `{operator.stack}`: 2 changed" in reviewed
    assert reviewed.count("`7 * * * *`") == 2
    before = operator.containers()
    operator.succeeds("up")
    assert operator.containers() == before
    with psycopg.connect(operator.outputs()["postgres_url"]) as connection:
        rows = connection.execute("SELECT schedule FROM cron.job WHERE jobname LIKE 'refresh-%'").fetchall()
    assert rows == [("7 * * * *",)] * 2


def test_a_job_altered_by_hand_is_drift_and_is_mended(operator: Operator) -> None:
    with psycopg.connect(operator.outputs()["postgres_url"], autocommit=True) as connection:
        connection.execute(
            "SELECT cron.alter_job(jobid, schedule := '59 23 * * *') FROM cron.job"
            " WHERE jobname = 'maintain-partitions'"
        )
    shown = operator.succeeds("refresh")
    assert "maintain-partitions" in shown
    assert "1 differences" in shown
    watched = operator.types(
        f"{sys.executable} -m ops ci drift --dry-run --stack {operator.stack}", GITHUB_REPOSITORY="example/mundo"
    )
    assert "POST /repos/example/mundo/issues" in watched
    assert f"stack `{operator.stack}`: 1 changed" in watched
    assert "59 23 * * *" in watched
    operator.succeeds("refresh", "--apply")
    operator.succeeds("up")
    assert "no differences" in operator.succeeds("refresh")
    with psycopg.connect(operator.outputs()["postgres_url"]) as connection:
        row = connection.execute("SELECT schedule FROM cron.job WHERE jobname = 'maintain-partitions'").fetchone()
    assert row == ("15 3 * * *",)


def test_a_server_removed_by_hand_comes_back_with_its_data(operator: Operator, farm: int) -> None:
    name = f"mundo-{operator.stack}-postgres"
    client = docker.from_env()
    client.containers.get(name).remove(force=True)
    assert f"{name} was removed by hand" in operator.succeeds("preview")
    shown = operator.succeeds("refresh")
    assert "containers were removed by hand" in shown
    assert "1 differences" in shown
    assert f"removed by hand, and made anew: {name}" in operator.succeeds("up")
    assert client.containers.get(name).attrs["State"]["Health"]["Status"] == "healthy"
    client.close()
    assert count(operator) == farm
    assert "no differences" in operator.succeeds("refresh")
    assert "no differences" in operator.succeeds("preview")


def test_rotated_passwords_hold_after_one_up(operator: Operator, farm: int) -> None:
    before = operator.outputs()
    for key in ("postgresOwnerPassword", "postgresAppPassword", "redisPassword"):
        operator.succeeds("rotate", key)
    operator.succeeds("up")
    after = operator.outputs()
    assert before["redisPassword"] != after["redisPassword"]
    assert count(operator) == farm
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(before["postgres_url"])
    assert httpx.get(after["app_url"] + "/health/ready").json()["status"] == "ok"
    assert "no differences" in operator.succeeds("preview")


def test_a_new_postgres_image_replaces_its_containers_alone(operator: Operator, farm: int) -> None:
    recipe = operator.checkout / "images/postgres/Dockerfile"
    recipe.write_text(recipe.read_text() + 'LABEL mundo.bump="1"\n')
    before = operator.containers()
    operator.succeeds("up")
    after = operator.containers()
    assert {name for name in before if before[name] != after[name]} == {"postgres", "backup"}
    assert count(operator) == farm
    assert "no differences" in operator.succeeds("preview")


def test_a_migration_that_fails_half_way_changes_nothing(operator: Operator, farm: int) -> None:
    folder = operator.checkout / "sql/migrations"
    bad = folder / "9999_half.sql"
    bad.write_text(
        "-- rewrites: catalogo\nUPDATE catalogo SET nome = 'x';\nCREATE TABLE half (id bigint);\n"
        "SELECT nothing_of_the_kind();\n"
    )
    (folder / "9999_half.rollback.sql").write_text("DROP TABLE half;\n")
    answer = operator.mundo("up")
    line = answer.error_line
    assert "9999_half.sql" in line
    assert "nothing_of_the_kind" in line
    assert "9999_half rewrites catalogo: a backup comes first" in answer.out
    with psycopg.connect(operator.outputs()["postgres_url"]) as connection:
        assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)
        assert connection.execute("SELECT count(*) FROM catalogo WHERE nome = 'x'").fetchone() == (0,)
        made = "SELECT count(*) FROM backup_log WHERE kind = 'migration' AND outcome = 'success'"
        assert connection.execute(made).fetchone() == (1,)
    bad.unlink()
    (folder / "9999_half.rollback.sql").unlink()
    operator.succeeds("up")
    assert count(operator) == farm


def test_data_of_this_release_need_no_major_upgrade(operator: Operator) -> None:
    before = operator.containers()
    assert "nothing to do: PostgreSQL 17 already" in operator.succeeds("major-upgrade")
    assert operator.containers() == before


def test_a_second_checkout_is_refused(operator: Operator) -> None:
    from tests.e2e.operator import Operator as Somebody  # noqa: PLC0415 - only the type is needed elsewhere
    from tests.e2e.operator import checkout  # noqa: PLC0415

    before = operator.containers()
    elsewhere = Somebody(checkout(operator.home / "elsewhere"), operator.home, operator.stack)
    assert "belongs to another checkout" in elsewhere.mundo("up").error_line
    assert operator.containers() == before
    assert not elsewhere.settings_file.exists()


def test_the_working_tree_stays_clean(operator: Operator) -> None:
    subprocess.run(["git", "init", "-q"], cwd=operator.checkout, check=True)
    shown = subprocess.run(
        ["git", "status", "--short", "--", "Pulumi.*", "var"],
        cwd=operator.checkout,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = {line[3:] for line in shown.splitlines()}
    assert names == {"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"}
