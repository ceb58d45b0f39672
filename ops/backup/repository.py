"""What a stack's backup repository holds. It is asked through a container of its own, so the server need not run."""

from __future__ import annotations

import json
import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import docker
import docker.errors

from components.database import backup, backup_config
from components.database.postgres import USER
from components.service import FILES_MOUNT
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

# A bucket that is away is told of within a minute. The newest segment is the last of the newest cluster's.
_SCRIPT = rf"""
[[ -e {backup.FOLDER}/{backup_config.FILE} ]] || {{ echo null; exit; }}
ask=(pgbackrest --stanza={backup_config.STANZA} --io-timeout=5 --output=json)
told=$("${{ask[@]}}" info)
echo "$told"
newest=$(sed -nE 's|.*"id":"([0-9]+-[0-9]+)","max":"([0-9A-F]{{16}})([0-9A-F]{{8}})".*|\1/\2 \2\3|p' <<<"$told")
read -r folder segment <<<"$newest"
[[ -z $newest ]] || "${{ask[@]}}" --filter="^$segment-" repo-ls "archive/{backup_config.STANZA}/$folder"
"""
_UNREADABLE = 99
"""Status that `pgbackrest info` gives a stanza that it cannot read; its own exit status says nothing of it."""


@dataclass(frozen=True, kw_only=True)
class Backup:
    """One backup; sizes in bytes.

    Attributes:
        label: its name in the repository.
        kind: full or incr.
        begun, ended: when it was made. Any moment from its end on can be reached, as far as the log goes.
        database_bytes: size of the cluster that it holds.
        repository_bytes: what it takes of the repository by itself.
        error: whether a page of it has a wrong checksum.
    """

    label: str
    kind: str
    begun: datetime
    ended: datetime
    database_bytes: int
    repository_bytes: int
    error: bool


@dataclass(frozen=True, kw_only=True)
class Content:
    """The backups, oldest first, and when the newest segment of the log was archived."""

    backups: tuple[Backup, ...]
    archived: datetime | None

    @property
    def reach(self) -> tuple[datetime, datetime] | None:
        """The first and the last moment that can be reached; None where there is no backup."""
        if not self.backups:
            return None
        return self.backups[0].ended, max(self.archived or self.backups[-1].ended, self.backups[-1].ended)


class Repository:
    """The repository of one stack on one Docker engine."""

    def __init__(self, engine: docker.DockerClient, stack: str, prefix: str) -> None:
        """Finds the stack's server, whose volumes and image are used.

        Args:
            engine: the Docker engine.
            stack: the stack's name, for error texts.
            prefix: begins the names of the stack's containers and volumes.

        Raises:
            OpsError: the stack has no server, or one without backups.
        """
        self._engine = engine
        self.prefix = prefix
        try:
            self.server = engine.containers.get(f"{prefix}-{backup.SERVER}")
        except docker.errors.NotFound:
            raise OpsError(f"stack '{stack}' has no PostgreSQL: make refresh APPLY=1, then make up, make one") from None
        if all(mount["Destination"] != backup_config.REPOSITORY for mount in self.server.attrs["Mounts"]):
            raise OpsError(f"stack '{stack}' keeps no backups yet: make up brings it up to date")

    @contextmanager
    def tool(self, *command: str, image: str | None = None) -> Iterator[Container]:
        """A container of the server's image, or of `image`, on its volumes that runs `command`; not started."""
        volumes = {
            f"{self.prefix}-{backup.SERVER}-{name}": {"bind": path, "mode": "rw"}
            for name, path in (
                ("data", backup.DATA_PATH),
                ("backups", backup_config.REPOSITORY),
                ("files", FILES_MOUNT),
            )
        }
        labels = {key: text for key, text in self.server.labels.items() if key.startswith("mundo.")}
        made = self._engine.containers.create(
            image or self.server.attrs["Image"],
            command=list(command),
            name=f"{self.prefix}-restore-{secrets.token_hex(3)}",
            user=f"{USER}:{USER}",
            volumes=volumes,
            tmpfs={"/tmp": "rw,nosuid,nodev,size=64m"},  # noqa: S108 - the container's own
            shm_size=self.server.attrs["HostConfig"]["ShmSize"],
            network=next(iter(self.server.attrs["NetworkSettings"]["Networks"])),  # to a bucket
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            healthcheck={"test": ["NONE"]},  # the image's asks for a server
            labels=labels,
        )
        try:
            yield made
        finally:
            made.remove(force=True, v=True)

    def run(self, *command: str) -> str:
        """What `command` prints in such a container.

        Raises:
            OpsError: it failed; with its last line.
        """
        with self.tool(*command) as tool:
            tool.start()
            status = tool.wait()["StatusCode"]
            if status != 0:
                said = tool.logs().decode().strip().splitlines()
                raise OpsError(f"the backups cannot be read: {said[-1] if said else f'exit status {status}'}")
            return str(tool.logs(stdout=True, stderr=False).decode())

    def content(self) -> Content:
        """What is there.

        Raises:
            OpsError: the repository cannot be read, or backups are off.
        """
        told, _, newest = self.run("bash", "-euc", _SCRIPT).strip().partition("\n")
        found = json.loads(told)
        if found is None:
            raise OpsError("backups are off here: make config SET=backups.enabled=true, then make up, make them again")
        return parse(found, json.loads(newest or "{}"))


def parse(told: list[dict[str, Any]], newest: dict[str, dict[str, Any]]) -> Content:
    """The content from what `pgbackrest info` tells, and the listing of the newest segment.

    Raises:
        OpsError: it tells why it could not read them.
    """
    for stanza in told:
        if stanza["status"]["code"] == _UNREADABLE:
            raise OpsError(f"the backups cannot be read: {_reason(stanza['repo'][0]['status']['message'])}")
    archived = [_moment(file["time"]) for file in newest.values() if file["type"] == "file"]
    return Content(
        backups=tuple(_backup(one) for stanza in told for one in stanza.get("backup", ())),
        archived=max(archived, default=None),
    )


def _reason(message: str) -> str:
    """One line of an error of pgBackRest, with a bucket's own word for it where it has one."""
    first = re.sub(r"^\[\w+\] ", "", message.splitlines()[0]).removesuffix(":")
    word = re.search(r"<Code>([^<]+)", message)
    return f"{first}: {word[1]}" if word else first


def _backup(told: dict[str, Any]) -> Backup:
    return Backup(
        label=told["label"],
        kind=told["type"],
        begun=_moment(told["timestamp"]["start"]),
        ended=_moment(told["timestamp"]["stop"]),
        database_bytes=told["info"]["size"],
        repository_bytes=told["info"]["repository"]["delta"],
        error=bool(told.get("error")),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
