"""The text of PostgreSQL's configuration; that a server takes it is shown by tests/database."""

import re
from typing import Any

import pytest

from components.database.config import render_pg_hba, render_postgresql_conf

SIZES: dict[str, Any] = {"max_connections": 50, "shared_buffers_mb": 128, "work_mem_mb": 8, "max_wal_size_mb": 512}


def settings(text: str) -> dict[str, str]:
    found = [re.fullmatch(r"([a-z_.]+) = '?([^']*)'?", line) for line in text.splitlines() if line and line[0] != "#"]
    return {match[1]: match[2] for match in found if match}


def test_sizes_arrive_with_their_units() -> None:
    got = settings(render_postgresql_conf(**SIZES))
    assert got["max_connections"] == "50"
    assert got["shared_buffers"] == "128MB"
    assert got["work_mem"] == "8MB"
    assert got["max_wal_size"] == "512MB"
    assert got["effective_cache_size"] == "384MB"


def test_jobs_need_no_password_and_passwords_are_not_recorded() -> None:
    got = settings(render_postgresql_conf(**SIZES))
    assert got["cron.database_name"] == "mundo"
    assert got["cron.use_background_workers"] == "on"
    assert got["pg_stat_statements.track_utility"] == "off"
    assert got["log_statement"] == "none"
    assert got["timezone"] == got["log_timezone"] == got["cron.timezone"] == "UTC"


def test_every_job_and_every_parallel_worker_finds_a_process() -> None:
    got = settings(render_postgresql_conf(**SIZES, jobs=7, parallel_workers=6))
    assert got["cron.max_running_jobs"] == "7"
    assert got["max_parallel_workers"] == "6"
    assert int(got["max_worker_processes"]) >= 7 + 6 + 2


def test_neither_the_log_nor_temporary_files_fill_the_disk() -> None:
    got = settings(render_postgresql_conf(**SIZES, temp_file_limit_mb=100))
    assert got["max_slot_wal_keep_size"] == "1024MB"
    assert got["wal_keep_size"] == "0"
    assert got["temp_file_limit"] == "100MB"


def test_the_owners_connections_are_said_where_they_are_limited() -> None:
    assert "mundo.owner_connections" not in settings(render_postgresql_conf(**SIZES))
    assert settings(render_postgresql_conf(**SIZES, owner_connections=9))["mundo.owner_connections"] == "9"


def test_the_same_sizes_give_the_same_text() -> None:
    assert render_postgresql_conf(**SIZES) == render_postgresql_conf(**SIZES)


@pytest.mark.parametrize(
    ("name", "value", "least"),
    [("max_connections", 19, 20), ("shared_buffers_mb", 15, 16), ("work_mem_mb", 0, 1), ("max_wal_size_mb", 63, 64)],
)
def test_a_size_too_small_is_named(name: str, value: int, least: int) -> None:
    with pytest.raises(ValueError, match=f"postgres {name} is {value}, allowed is {least} or more"):
        render_postgresql_conf(**{**SIZES, name: value})


def test_only_the_subnet_gets_in_with_a_password_and_the_superuser_never() -> None:
    rows = [line.split() for line in render_pg_hba("10.88.3.0/24").splitlines() if not line.startswith("#")]
    assert rows[0] == ["local", "all", "postgres", "peer"]
    assert rows[1] == ["host", "all", "postgres", "all", "reject"]
    assert [row[3] for row in rows[2:]] == ["127.0.0.1/32", "::1/128", "10.88.3.0/24"]
    assert {row[-1] for row in rows[2:]} == {"scram-sha-256"}


@pytest.mark.parametrize("subnet", ["", "10.88.3.1/24", "all", "10.88.3.0/33", "10.0.0.0/24 trust"])
def test_a_subnet_that_is_none_is_refused(subnet: str) -> None:
    with pytest.raises(ValueError, match=r"network|host bits"):
        render_pg_hba(subnet)
