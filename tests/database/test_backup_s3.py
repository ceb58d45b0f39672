"""Backups in a bucket, on the real image and a real S3-compatible server: the same promises as in a volume."""

from __future__ import annotations

import contextlib
import re
import sys
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import docker
import psycopg
import pytest
from pydantic import SecretStr

from components.database import backup, backup_metrics, postgres
from images import builder
from ops.cell import cell
from ops.errors import OpsError
from tests.database.farm import WAIT_SECONDS, Farm, start, until
from tests.database.s3 import KEY, KEY_SECRET, S3

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="rclone is installed for this system, and the container needs Linux's"
)
REFUSED = r"HTTP request failed with 403 \(Forbidden\): SignatureDoesNotMatch"
PART_BYTES = 5 * 1024**2
"""From which pgBackRest uploads an object in parts."""
ROW = "Curral do segredo, que ninguém mais lê"


@pytest.fixture(scope="module")
def s3() -> S3:
    return S3()


@pytest.fixture(scope="module")
def farm(s3: S3) -> Iterator[Farm]:
    backups = {"archive_timeout_seconds": 5, "compress_level": 1, "keep_full": 1, "s3": s3.settings}
    with cell("test-s3", backups=backups, backupS3Key=KEY, backupS3KeySecret=KEY_SECRET) as own:
        s3.start(own.placement.prefix, dict(own.placement.labels))
        own.start_postgres()
        made = Farm(own)
        # What no compression makes small is uploaded in parts.
        made.ask("CREATE TABLE noise AS SELECT sha512(random()::text::bytea) AS value FROM generate_series(1, 200000)")
        made.start_service()
        made.ask("INSERT INTO catalogo (nome, tipo) VALUES (%s, 'LAYER')", ROW)
        yield made


def archive(farm: Farm) -> dict[str, float]:
    """What the metrics say of the archive, as its exporter asks for them."""
    (question,) = [one for one in backup_metrics.questions(farm.cell.context.settings.backups) if one.name == "archive"]
    with psycopg.connect(farm.cell.conninfo("exporter")) as server:
        row = server.execute(question.sql.encode()).fetchone()
    assert row is not None
    return dict(zip(question.gauges, row, strict=True))


def restarted(farm: Farm, key_secret: str) -> None:
    """The server and its service started anew with another secret of the bucket's key, as `make up` does."""
    secrets = farm.cell.context.secrets.model_copy(update={"backupS3KeySecret": SecretStr(key_secret)})
    context = replace(farm.cell.context, secrets=secrets)
    address = context.address(postgres.HOST_NUMBER)
    services = (postgres.service(context), backup.service(context, address, postgres.USER))
    server, agent = (docker.from_env().containers.get(f"{farm.prefix}-{service.name}") for service in services)
    agent.kill()
    server.stop(timeout=60)
    for service in services:
        farm.cell.placement.hand_over(service, builder.ensure(service.image))
    agent.start()
    start(server)


def logs(farm: Farm, service: str) -> str:
    """What a service has said."""
    return str(docker.from_env().containers.get(f"{farm.prefix}-{service}").logs().decode())


def test_backups_lie_in_the_bucket_alone_encrypted_and_are_tried(farm: Farm, s3: S3) -> None:
    until(lambda: farm.ask("SELECT 1 FROM backup_log WHERE kind = 'full' AND outcome = 'success'"))
    farm.backup("incr")
    drill = farm.backup("drill")
    content = farm.repository.content()
    assert [one.kind for one in content.backups] == ["full", "incr"]
    assert drill.label == content.backups[-1].label
    assert content.archived is not None
    assert content.archived > content.backups[-1].begun
    assert farm.repository.run("find", backup.REPOSITORY.path, "-type", "f") == ""
    objects = s3.objects()
    assert {name.split("/")[1] for name in objects} == {"archive", "backup"}
    assert {name.split("/")[0] for name in objects} == {farm.cell.context.prefix}
    assert max(len(one) for one in objects.values()) > PART_BYTES
    # Bundles and blocks are encrypted without that mark; unencrypted they would begin with zstandard's.
    assert {one[:8] for name, one in objects.items() if not re.search(r"/bundle/|\.pgbi$", name)} == {b"Salted__"}
    assert not any(ROW.encode() in one or b"\x28\xb5\x2f\xfd" in one[:64] for one in objects.values())
    container = farm.cell.running["backup"]
    shown = str(container.exec(["sh", "-c", "cat /proc/*/cmdline /proc/*/environ"])[1])
    assert not any(secret in shown + str(container.get_wrapped_container().attrs) for secret in (KEY, KEY_SECRET))


def test_a_lost_machine_costs_nothing_that_was_archived(farm: Farm, s3: S3) -> None:
    farm.ask("CREATE TABLE kept AS SELECT 1 AS id")
    (at,) = farm.ask("SELECT clock_timestamp()")[0]
    farm.ask("SELECT pg_sleep(0.01)")
    farm.ask("DROP TABLE kept")
    farm.ask("SELECT pg_switch_wal()")
    until(lambda: archive(farm)["waiting"] == 0)
    client = docker.from_env()
    for name in ("backup", "postgres"):
        farm.cell.running.pop(name).get_wrapped_container().remove(force=True)
    for name in ("data", "backups"):
        client.volumes.get(f"{farm.prefix}-postgres-{name}").remove()
    with contextlib.suppress(Exception):
        farm.cell.start_postgres()
    assert "to begin anew without them: another backups.s3.prefix" in logs(farm, "postgres")
    s3.container.stop(timeout=0)
    server = client.containers.get(f"{farm.prefix}-postgres")
    server.start()
    assert server.wait(timeout=WAIT_SECONDS)["StatusCode"] != 0
    assert re.search(r"is empty, and whether there are backups cannot be read: \S", logs(farm, "postgres"))
    s3.container.start()
    farm.restore(at.astimezone(UTC).isoformat())
    farm.start_service()
    assert farm.ask("TABLE kept") == [(1,)]
    assert farm.ask("SELECT count(*) FROM catalogo WHERE nome = %s", ROW) == [(1,)]


def test_a_wrong_key_is_said_in_one_line_and_stops_no_server(farm: Farm) -> None:
    restarted(farm, "outro-segredo")
    assert "nothing is archived: HTTP request failed with 403 (Forbidden)\n" in logs(farm, "postgres")
    farm.ask("CREATE TABLE meanwhile AS SELECT 1 AS id")
    farm.ask("SELECT pg_switch_wal()")
    until(lambda: archive(farm)["failures"] > 0 and archive(farm)["waiting"] > 0)
    with pytest.raises(OpsError, match=f"^the backups cannot be read: {REFUSED}$"):
        farm.repository.content()
    with pytest.raises(OpsError, match=f"^the full backup failed: {REFUSED}$"):
        farm.backup("full")
    assert farm.ask("SELECT failures_since_success FROM v_backup_status WHERE backup_kind = 'any'") == [(1,)]


def test_a_bucket_that_was_away_gets_what_it_missed(farm: Farm, s3: S3) -> None:
    restarted(farm, KEY_SECRET)
    until(lambda: archive(farm)["waiting"] == 0)
    s3.container.stop(timeout=0)
    farm.ask("INSERT INTO meanwhile SELECT generate_series(2, 1000)")
    farm.ask("SELECT pg_switch_wal()")
    assert farm.ask("SELECT count(*) FROM meanwhile") == [(1000,)]
    assert archive(farm)["waiting"] > 0
    s3.container.start()
    until(lambda: archive(farm)["waiting"] == 0)
    newest = farm.backup("full")
    assert [one.label for one in farm.repository.content().backups] == [newest.label]
