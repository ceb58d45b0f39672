"""A PostgreSQL of the project's image for tests: volumes, passwords and a free port of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

import docker
import psycopg
from psycopg.conninfo import make_conninfo
from testcontainers.core.container import DockerContainer

from components.database import config
from components.placement import handover
from tests.built_images import built

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

LABELS = {"mundo.test": "database"}
ROLES = ("owner", "app", "ingest", "exporter", "reader")
START_SECONDS = 120


def image() -> str:
    """The image under test: MUNDO_TEST_POSTGRES_IMAGE, else the one of this checkout, built when missing."""
    return os.environ.get("MUNDO_TEST_POSTGRES_IMAGE") or built("postgres")


@dataclass
class Server:
    """One server; `passwords` is what its secret files hold."""

    name: str = field(default_factory=lambda: f"db-test-{secrets.token_hex(4)}")
    passwords: dict[str, str] = field(default_factory=lambda: {role: secrets.token_urlsafe(12) for role in ROLES})
    started: DockerContainer | None = None

    @property
    def container(self) -> Container:
        """The container in Docker's own terms."""
        assert self.started is not None, "the server was not started"
        found: Container = self.started.get_wrapped_container()
        return found

    def hand_over(self, **texts: str) -> None:
        """Fills the files volume; `texts` replaces or, when empty, leaves out files by their name."""
        conf = config.render_postgresql_conf(
            max_connections=40, shared_buffers_mb=64, work_mem_mb=8, max_wal_size_mb=256
        )
        files = {
            "config/postgresql.conf": conf,
            "config/pg_hba.conf": config.render_pg_hba("172.16.0.0/12"),
            **{f"secrets/{role}_password": password for role, password in self.passwords.items()},
        }
        files |= {path: texts[key] for path in files if (key := path.rsplit("/", 1)[1].replace(".", "_")) in texts}
        handed = {
            path: {"text": text, "mode": "0400" if path.startswith("secrets") else "0444"}
            for path, text in files.items()
            if text
        }
        handover.fill(f"{self.name}-files", image(), handed, 999, LABELS)

    def create(self) -> DockerContainer:
        """A container on this server's volumes, as a placement makes it; not started."""
        container = (
            DockerContainer(image())
            .with_name(f"{self.name}-{secrets.token_hex(2)}")
            .with_volume_mapping(f"{self.name}-data", "/var/lib/postgresql/data", "rw")
            .with_volume_mapping(f"{self.name}-files", "/run/mundo", "ro")
            .with_tmpfs_mount("/tmp", "size=64m,nosuid,nodev")
            .with_kwargs(
                labels=LABELS,
                read_only=True,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                shm_size="128m",
            )
        )
        container.ports["5432/tcp"] = ("127.0.0.1",)  # type: ignore[assignment]  # a free port on loopback only
        return container

    def start(self) -> None:
        """Starts the server on its volumes and waits until it is healthy."""
        self.started = self.create()
        self.started.start()
        self.wait_healthy()

    def wait_healthy(self) -> None:
        """Waits for the image's own health check to pass; an exited container fails at once with its log."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            self.container.reload()
            if self.container.status == "exited":
                break
            if self.run("healthcheck")[0] == 0:
                return
            time.sleep(0.2)
        raise AssertionError(f"the server did not become healthy: {self.logs()}")

    def logs(self) -> str:
        """Everything the container wrote."""
        return self.container.logs().decode()

    def conninfo(self, role: str, dbname: str = "mundo") -> str:
        """Connection string of a role (owner, app, exporter, reader) over TCP."""
        self.container.reload()
        published = self.container.ports["5432/tcp"]
        assert published, "the port is not published"
        port = published[0]["HostPort"]
        return make_conninfo(
            host="127.0.0.1", port=port, dbname=dbname, user=f"mundo_{role}", password=self.passwords[role]
        )

    def run(self, *command: str) -> tuple[int, str]:
        """Runs a command in the container and gives its exit code and output."""
        code, output = self.container.exec_run(list(command))
        assert isinstance(output, bytes)
        return int(code or 0), output.decode()

    def superuser(self, sql: str, dbname: str = "mundo") -> str:
        """Runs SQL as the superuser, over the container's own socket, and gives psql's output."""
        code, output = self.run("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", dbname, "-c", sql)
        assert code == 0, output
        return output.strip()

    def dump(self, dbname: str) -> str:
        """The schema `public` of a database, as pg_dump writes it."""
        code, output = self.run("pg_dump", "--schema-only", "--schema=public", "--restrict-key=test", "-d", dbname)
        assert code == 0, output
        return output

    def remove(self) -> None:
        """Removes the container and its volumes."""
        client = docker.from_env()
        for found in client.containers.list(all=True, filters={"name": self.name}):
            found.remove(force=True, v=True)
        for volume in client.volumes.list(filters={"name": self.name}):
            volume.remove(force=True)
        client.close()


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A fresh server for the length of the block."""
    server = Server()
    try:
        server.hand_over()
        server.start()
        yield server
    finally:
        server.remove()


def rows(conninfo: str, sql: str, *params: object) -> list[tuple[object, ...]]:
    """Runs one statement in a connection of its own and gives its rows."""
    with psycopg.connect(conninfo) as connection:
        cursor = connection.execute(sql.encode(), params or None)
        return cursor.fetchall() if cursor.description else []
