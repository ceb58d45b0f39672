"""What is refused before any database is asked."""

import hashlib
import re
from pathlib import Path

import pytest

from components.database import migrate


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text(f"SELECT '{name}'", encoding="utf-8")


def test_digests_are_of_the_files_in_order(tmp_path: Path) -> None:
    write(tmp_path, "0002_b.sql", "0002_b.rollback.sql", "0001_a.sql", "0001_a.rollback.sql")
    assert list(migrate.digests(tmp_path).items()) == [
        ("0001_a", hashlib.sha256(b"SELECT '0001_a.sql'").hexdigest()),
        ("0002_b", hashlib.sha256(b"SELECT '0002_b.sql'").hexdigest()),
    ]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "no migrations (NNNN_name.sql) found"),
        (("1_a.sql",), "1_a.sql: a migration is named NNNN_name.sql, in lower case"),
        (("0001_A.sql",), "0001_A.sql: a migration is named NNNN_name.sql, in lower case"),
        (("0001_a.sql",), "0001_a.sql: its 0001_a.rollback.sql is missing"),
        (
            ("0001_a.sql", "0001_a.rollback.sql", "0001_b.sql", "0001_b.rollback.sql"),
            "0001_b.sql: number 0001 is used by 0001_a.sql already",
        ),
    ],
)
def test_a_folder_that_does_not_fit_is_refused(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    write(tmp_path, *names)
    with pytest.raises(migrate.MigrationError, match=re.escape(said)):
        migrate.digests(tmp_path)


def test_an_unreachable_database_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, "0001_a.sql", "0001_a.rollback.sql")
    with pytest.raises(migrate.MigrationError, match="the database cannot be reached") as caught:
        migrate.apply("host=127.0.0.1 port=1 dbname=mundo user=nobody password=hidden", tmp_path)
    assert "\n" not in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_an_unknown_target_is_refused_before_connecting(tmp_path: Path) -> None:
    write(tmp_path, "0001_a.sql", "0001_a.rollback.sql")
    with pytest.raises(migrate.MigrationError, match="no migration is named 0009_z; the newest is 0001_a"):
        migrate.apply("host=127.0.0.1 port=1", tmp_path, target="0009_z")
