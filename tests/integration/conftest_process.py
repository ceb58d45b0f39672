"""Fixtures of the app as a process of its own, over the servers of `conftest.py`."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from app.settings import Address
from tests.integration.app_process import ROOT, free_port, running


@pytest.fixture
def environment(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, tmp_path: Path
) -> dict[str, str]:
    """What the container hands to the app: addresses in the environment, secrets as files."""
    parts = conninfo_to_dict(postgres_app)
    (tmp_path / "postgres_password").write_text(str(parts["password"]))
    (tmp_path / "redis_password").write_text(redis_password)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "MUNDO_POSTGRES_HOST": str(parts["host"]),
        "MUNDO_POSTGRES_PORT": str(parts.get("port") or 5432),
        "MUNDO_SENTINELS": ",".join(f"{host}:{port}" for host, port in redis_sentinels),
        "MUNDO_SECRETS_DIR": str(tmp_path),
        "MUNDO_PORT": str(free_port()),
        "MUNDO_STACK": "test",
        "MUNDO_MISSPELT": "1",
    }


@pytest.fixture
def process(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The running app."""
    with running(environment) as process:
        yield process
