"""A PostgreSQL whose volumes are bounded: file systems in memory, of a size of their own, with a farm inside.

The machine's own disks and every other stack are out of reach: a full volume is full for this server alone. What lies
in memory is gone with the last container that has it mounted, so a keeper has it mounted throughout; it is also where
the ballast is put that fills a volume.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import psycopg

from app.ingest.pipeline import ingest
from app.ingest.sample import write_sample
from components.database import backup, postgres
from images import builder
from ops.cell import cell
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from docker.models.containers import Container

    from ops.cell import Cell

ENTRIES = 400
"""Entries of the farm: about as many as the real one has."""

DATA, ARCHIVE = "data", backup.REPOSITORY.name
"""The two volumes."""

SIZES_MB = {DATA: 320, ARCHIVE: 128}
_SIZE = {"memory_mb": 1536, "shared_buffers_mb": 64, "max_wal_size_mb": 64}
_READY_SECONDS = 180
_BALLAST = "ballast"
_TRIES = 50


@dataclass
class Volumes:
    """The server and its volumes.

    Attributes:
        cell: the server.
        keeper: what keeps the volumes mounted.
        since: when the last fault was made (seconds since 1970).
        counted: restarts before the server was last started by hand, with which Docker counts anew.
    """

    cell: Cell
    keeper: Container
    since: int = 0
    counted: int = 0

    @property
    def server(self) -> Container:
        """The server's container."""
        return self.cell.running["postgres"].get_wrapped_container()

    @property
    def conninfo(self) -> str:
        """How the schema's owner connects."""
        return self.cell.conninfo("owner")

    def free_bytes(self, volume: str) -> int:
        """What is left in a volume."""
        blocks, size = self.keep("stat", "--file-system", "--format=%a %S", f"/{volume}").split()
        return int(blocks) * int(size)

    def fill(self, volume: str, left: int) -> None:
        """Puts ballast into a volume so that only so many bytes are left.

        Raises:
            OpsError: it does not go in.
        """
        said = ""
        for _ in range(_TRIES):  # the server takes space too
            size = self.free_bytes(volume) - left
            status, said = self.try_beside(["fallocate", "--length", str(max(size, 1)), f"/{volume}/{_BALLAST}"])
            if status == 0:
                return
        raise OpsError(f"the volume cannot be filled: {said.strip()}")

    def empty(self, volume: str) -> None:
        """Takes the ballast out again."""
        self.keep("rm", "--force", f"/{volume}/{_BALLAST}")

    def keep(self, *command: str) -> str:
        """Runs a command beside the server, on its volumes: what it says.

        Raises:
            OpsError: it fails.
        """
        status, said = self.try_beside(command)
        if status:
            raise OpsError(f"{' '.join(command[:2])} fails: {said.strip()}")
        return said

    def try_beside(self, command: Sequence[str]) -> tuple[int, str]:
        """Exit status and output of a command on the volumes."""
        return self._run(self.keeper, command)

    def try_in_server(self, command: Sequence[str]) -> tuple[int, str]:
        """Exit status and output of a command in the server's container."""
        return self._run(self.server, command)

    @staticmethod
    def _run(container: Container, command: Sequence[str]) -> tuple[int, str]:
        status, output = container.exec_run(list(command))
        assert isinstance(output, bytes)  # noqa: S101 - not streamed
        return int(status or 0), output.decode()

    def ask(self, query: str) -> Any:
        """The first column of the one row that the owner of the schema is given."""
        with psycopg.connect(self.conninfo, connect_timeout=2) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None  # noqa: S101 - every query here has one row
        return row[0]

    def switch_log(self) -> None:
        """Ends the segment of the log that is being written, so that it has to be archived and another is begun."""
        something = "SELECT pg_logical_emit_message(true, 'drill', 'an empty segment is not ended')"
        status, said = self.try_in_server(["psql", "-X", "-q", "-c", something, "-c", "SELECT pg_switch_wal()"])
        if status:
            raise OpsError(f"the log cannot be switched: {said.strip()}")

    def remount(self, volume: str, option: str) -> None:
        """Mounts a volume anew with `ro` or `rw`, for everybody; it has to be free of open files for `ro`."""
        with contextlib.closing(docker.from_env()) as client:
            client.containers.run(
                builder.ensure("postgres"),
                ["mount", "-o", f"remount,{option}", f"/{volume}"],
                entrypoint=[],
                user="0:0",
                cap_drop=["ALL"],
                cap_add=["SYS_ADMIN"],
                security_opt=["apparmor=unconfined"],
                volumes=_mounts(self.cell),
                network_mode="none",
                labels=dict(self.cell.placement.labels),
                remove=True,
            )

    def log(self) -> list[str]:
        """Lines of the server's log since the last fault was made."""
        return str(self.server.logs(since=self.since).decode(errors="replace")).splitlines()

    def restarts(self) -> int:
        """How often Docker has started the server again, of itself."""
        server = self.server
        server.reload()
        return self.counted + int(server.attrs["RestartCount"])

    def start(self) -> None:
        """Starts the server that was stopped."""
        self.counted = self.restarts()
        self.server.start()

    def whole(self) -> None:
        """Waits until the server takes a write.

        Raises:
            OpsError: it does not within three minutes.
        """
        end = time.monotonic() + _READY_SECONDS
        while True:
            try:
                with psycopg.connect(self.conninfo, connect_timeout=2) as connection:
                    connection.execute("UPDATE catalogo SET descricao = descricao WHERE id = 1")
            except psycopg.Error as error:
                if time.monotonic() > end:
                    raise OpsError(f"the server does not take a write: {str(error).splitlines()[0]}") from None
            else:
                return
            time.sleep(0.1)


@contextlib.contextmanager
def volumes(entries: int = ENTRIES) -> Iterator[Volumes]:
    """A server with so many entries on bounded volumes, with its log archived; removed at the end."""
    with cell("drill", backups={"enabled": True}, postgres=_SIZE) as own:
        keeper = _keeper(own)
        own.start_postgres()
        placed = Volumes(own, keeper)
        # As on the platform: whatever ends the server, Docker starts it again.
        policy: Any = {"Name": "unless-stopped"}
        placed.server.update(restart_policy=policy)
        with tempfile.TemporaryDirectory(prefix="mundo-drill-") as folder:
            path = Path(folder) / "farm.geojsonl"
            write_sample(path, entries)
            ingest(own.conninfo("owner"), path)
        yield placed


def _mounts(own: Cell) -> dict[str, dict[str, str]]:
    return {f"{own.placement.prefix}-postgres-{name}": {"bind": f"/{name}", "mode": "rw"} for name in SIZES_MB}


def _keeper(own: Cell) -> Container:
    client = docker.from_env()
    labels = dict(own.placement.labels)
    for name, size in SIZES_MB.items():
        options = f"size={size}m,uid={postgres.USER},gid={postgres.USER},mode=0700"
        client.volumes.create(
            f"{own.placement.prefix}-postgres-{name}",
            driver="local",
            driver_opts={"type": "tmpfs", "device": "tmpfs", "o": options},
            labels=labels,
        )
    return client.containers.run(
        builder.ensure("postgres"),
        entrypoint=["sleep", "infinity"],
        name=f"{own.placement.prefix}-keeper",
        user=f"{postgres.USER}:{postgres.USER}",
        cap_drop=["ALL"],
        init=True,
        healthcheck={"test": ["NONE"]},  # that of the image is the server's
        volumes=_mounts(own),
        network_mode="none",
        labels=labels,
        detach=True,
    )
