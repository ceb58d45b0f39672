"""pgBackRest's configuration, and what the scripts of the image know of it."""

from __future__ import annotations

import re

from components.database import backup_config
from ops.paths import ROOT

SCRIPTS = (ROOT / "images/postgres/cluster.sh").read_text()
DOCKERFILE = (ROOT / "images/postgres/Dockerfile").read_text()


def test_the_scripts_and_the_configuration_name_the_same_places() -> None:
    names = dict(re.findall(r"^([A-Z]+)=([^$\s]+)$", SCRIPTS, re.MULTILINE))
    assert names["STANZA"] == backup_config.STANZA
    assert names["REPOSITORY"] == backup_config.REPOSITORY
    assert f"PGDATA={backup_config.DATA}/pgdata" in DOCKERFILE
    assert f" {backup_config.REPOSITORY} " in DOCKERFILE


def test_the_passphrase_stands_in_its_own_file_alone() -> None:
    assert "cipher-pass" not in backup_config.render(keep_full=2, compress_level=3, processes=1)
    assert "repo1-cipher-pass=geheim\n" in backup_config.render_secret("geheim")


def test_a_password_is_escaped_for_libpq() -> None:
    assert backup_config.render_pgpass(r"a:b\c") == "*:*:*:mundo_owner:a\\:b\\\\c\n"
