"""pgBackRest's configuration, and what the scripts of the image know of it."""

from __future__ import annotations

import json
import re

import pytest
import trustme

from components import settings
from components.database import backup, backup_config
from ops.backup.repository import Repository, parse
from ops.errors import OpsError
from ops.paths import ROOT
from tests.unit.stacks import configuration, context

SCRIPTS = (ROOT / "images/postgres/cluster.sh").read_text()
DOCKERFILE = (ROOT / "images/postgres/Dockerfile").read_text()
BUCKET = {"bucket": "fazenda", "endpoint": "s3.example.org", "region": "sa-east-1"}
KEYS = {"backupS3Key": "AKIA-DE-TESTE", "backupS3KeySecret": "so/um+segredo="}


def test_the_scripts_and_the_configuration_name_the_same_places() -> None:
    names = dict(re.findall(r"^([A-Z]+)=([^$\s]+)$", SCRIPTS, re.MULTILINE))
    assert names["STANZA"] == backup_config.STANZA
    assert names["REPOSITORY"] == backup_config.REPOSITORY
    assert f"PGDATA={backup_config.DATA}/pgdata" in DOCKERFILE
    assert f" {backup_config.REPOSITORY} " in DOCKERFILE


def test_the_passphrase_stands_in_its_own_file_alone() -> None:
    repository = backup_config.in_volume()
    assert "cipher-pass" not in backup_config.render(keep_full=2, compress_level=3, processes=1, repository=repository)
    assert "repo1-cipher-pass=geheim\n" in backup_config.render_secret("geheim")


def test_a_password_is_escaped_for_libpq() -> None:
    assert backup_config.render_pgpass(r"a:b\c") == "*:*:*:mundo_owner:a\\:b\\\\c\n"


def options(text: str) -> dict[str, str]:
    """Option → value."""
    return dict(line.split("=", maxsplit=1) for line in text.splitlines() if "=" in line)


def test_a_bucket_takes_the_place_of_the_volume_and_nothing_else_changes() -> None:
    volume = context(**KEYS)
    bucket = context(backups={"s3": BUCKET}, **KEYS)
    (before, after) = (options(backup.config(one)["pgbackrest.conf"]) for one in (volume, bucket))
    assert before.pop("repo1-path") == backup_config.REPOSITORY
    assert {name: value for name, value in after.items() if name not in before} == {
        "repo1-type": "s3",
        "repo1-path": "/mundo-local",
        "repo1-s3-bucket": "fazenda",
        "repo1-s3-endpoint": "s3.example.org",
        "repo1-s3-region": "sa-east-1",
        "repo1-s3-uri-style": "host",
        "repo1-storage-port": "443",
        "repo1-storage-verify-tls": "y",
    }
    assert before == {name: after[name] for name in before}


def test_the_keys_of_a_bucket_are_handed_over_with_the_passphrase_and_only_where_there_is_one() -> None:
    bucket = context(backups={"s3": BUCKET}, **KEYS)
    secret = options(backup.secrets(bucket)["pgbackrest.conf"])
    assert secret["repo1-s3-key"] == KEYS["backupS3Key"]
    assert secret["repo1-s3-key-secret"] == KEYS["backupS3KeySecret"]
    assert secret["repo1-cipher-pass"] == bucket.secrets.backupPassphrase.get_secret_value()
    assert set(options(backup.secrets(context(**KEYS))["pgbackrest.conf"])) == {"repo1-cipher-pass"}
    shown = backup.config(bucket)["pgbackrest.conf"]
    assert not any(value in shown for value in (*KEYS.values(), secret["repo1-cipher-pass"]))


def test_a_bucket_of_ones_own_has_its_folder_its_port_and_its_authority() -> None:
    authority = trustme.CA().cert_pem.bytes().decode()
    own = {"prefix": "villa/backups", "port": 9443, "uri_style": "path", "verify_tls": False, "ca": authority}
    files = backup.config(context(backups={"s3": {**BUCKET, **own}}, **KEYS))
    found = options(files["pgbackrest.conf"])
    assert found["repo1-path"] == "/villa/backups"
    assert found["repo1-storage-port"] == "9443"
    assert found["repo1-s3-uri-style"] == "path"
    assert found["repo1-storage-verify-tls"] == "n"
    assert found["repo1-storage-ca-file"] == f"/run/mundo/config/{backup_config.CERTIFICATES}"
    assert files[backup_config.CERTIFICATES] == authority


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"endpoint": "https://s3.example.org"}, "must be a host alone, such as s3.sa-east-1.amazonaws.com"),
        ({"endpoint": "s3.example.org:9000"}, "its port is backups.s3.port"),
        ({"endpoint": None}, "bucket 'fazenda' needs endpoint (a host) and region before it is named"),
        ({"region": None}, "bucket 'fazenda' needs endpoint (a host) and region before it is named"),
        ({"bucket": "Fazenda"}, 'mundo:backups.s3.bucket is "Fazenda"'),
        ({"bucket": "fazenda.villa"}, "no certificate covers bucket 'fazenda.villa' in a host's name"),
        ({"prefix": "/mundo"}, 'mundo:backups.s3.prefix is "/mundo"'),
        ({"prefix": "a/../b"}, 'mundo:backups.s3.prefix is "a/../b"'),
        ({"uri_style": "virtual"}, 'mundo:backups.s3.uri_style is "virtual"'),
        ({"port": 0}, "mundo:backups.s3.port is 0"),
        ({"ca": "/etc/ssl/ca.pem"}, "must be the text of certificates (PEM), from BEGIN CERTIFICATE on"),
        ({"key": "AKIA"}, "unknown key 'mundo:backups.s3.key'; allowed are bucket, ca, endpoint"),
    ],
)
def test_a_bucket_that_is_refused(changed: dict[str, object], said: str) -> None:
    values = {**configuration("local"), **KEYS, "backups": {"s3": {**BUCKET, **changed}}}
    with pytest.raises(settings.SettingsError) as refused:
        settings.parse(values, "local")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("missing", KEYS)
def test_a_bucket_without_its_keys_is_refused(missing: str) -> None:
    given = {name: value for name, value in KEYS.items() if name != missing}
    with pytest.raises(
        settings.SettingsError, match=f"'fazenda', whose {missing} is missing; set it first with: pulum"
    ):
        context(backups={"s3": BUCKET}, **given)
    with pytest.raises(settings.SettingsError, match=f"mundo:{missing}: a key is printable characters without spaces"):
        context(backups={"s3": BUCKET}, **given, **{missing: "two words"})


def test_what_cannot_be_read_is_no_empty_list() -> None:
    body = "[ProtocolError] HTTP request failed with 404 (Not Found):\n*** Path ***:\n<Code>NoSuchBucket</Code>"
    told = [{"status": {"code": 99}, "repo": [{"status": {"code": 99, "message": body}}], "backup": []}]
    with pytest.raises(OpsError, match=r"^the backups cannot be read: HTTP .* 404 \(Not Found\): NoSuchBucket$"):
        parse(told, {})
    told[0]["status"] = {"code": 1, "message": "missing stanza path"}
    assert parse(json.loads(json.dumps(told)), {}).reach is None


def test_backups_that_are_off_are_no_fault_of_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Repository, "run", lambda *_: "null\n")
    with pytest.raises(OpsError, match=r"^backups are off here: make config SET=backups\.enabled=true, then make up"):
        Repository.__new__(Repository).content()
