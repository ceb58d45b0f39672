"""Hands files to a service: a small volume, filled before its container starts.

The Docker provider's own upload is refused by a container whose root is read-only, so the files go into their volume
through a helper container that lives for a moment. Nothing of them is in an environment variable, a command line, or in
what `docker inspect` shows.
"""

from __future__ import annotations

import io
import secrets
import tarfile
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider

from components.service import FILES_MOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIPE_SECONDS = 30


def archive(files: Mapping[str, Mapping[str, str]], owner: int) -> bytes:
    """A tar of `files` (path → `{"text", "mode"}`) with their folders, all owned by the numeric `owner`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in sorted({path.rsplit("/", 1)[0] for path in files if "/" in path}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, 0o500, owner, owner
            tar.addfile(entry)
        for path, file in sorted(files.items()):
            data = file["text"].encode()
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode, entry.uid, entry.gid = len(data), int(file["mode"], 8), owner, owner
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def fill(
    volume: str, image: str, files: Mapping[str, Mapping[str, str]], owner: int, labels: Mapping[str, str]
) -> None:
    """Empties `volume` and puts `files` into it.

    Args:
        volume: name of the Docker volume.
        image: any image of this engine that has `find`.
        files: path → `{"text": …, "mode": octal}`.
        owner: numeric uid and gid of every file.
        labels: labels of the helper container, so that one left by an interruption is recognised.
    """
    client = docker.from_env()
    try:
        helper = client.containers.create(
            image,
            name=f"{volume}-{secrets.token_hex(3)}",
            # The image's own entry point would start a server; its own user may not delete what another owns.
            entrypoint=["find"],
            command=[FILES_MOUNT, "-mindepth", "1", "-delete"],
            user="0:0",
            volumes={volume: {"bind": FILES_MOUNT, "mode": "rw"}},
            network_mode="none",
            labels=dict(labels),
        )
        try:
            helper.start()
            status = helper.wait(timeout=_WIPE_SECONDS)["StatusCode"]
            if status != 0:
                raise RuntimeError(f"volume {volume} cannot be emptied: {helper.logs().decode().strip()[:200]}")
            helper.put_archive(FILES_MOUNT, archive(files, owner))
        finally:
            helper.remove(force=True, v=True)
    finally:
        client.close()


class FilesProvider(ResourceProvider):
    """Fills a service's files volume. State holds this class by its import path: do not move it."""

    _KEYS = ("volume", "owner", "files")

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Puts the files where the service finds them."""
        fill(props["volume"], props["image"], props["files"], int(props["owner"]), props["labels"])
        return CreateResult(id_=props["volume"], outs=dict(props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Any change is a replacement, so that the service starts anew with it."""
        changed = [key for key in self._KEYS if olds.get(key) != news.get(key)]
        return DiffResult(changes=bool(changed), replaces=changed, delete_before_replace=True)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """An empty id where the engine answers that the volume is gone."""
        client = docker.from_env()
        try:
            client.volumes.get(props["volume"])
        except docker.errors.NotFound:
            return ReadResult(id_="", outs=props)
        finally:
            client.close()
        return ReadResult(id_=id_, outs=props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Leaves the volume as it is: the volume is a resource of its own."""


class Files(Resource, module="placement", name="Files"):
    """The files of one service, in their volume."""

    def __init__(
        self,
        name: str,
        *,
        volume: pulumi.Input[str],
        image: pulumi.Input[str],
        owner: int,
        files: Mapping[str, Mapping[str, pulumi.Input[str]]],
        labels: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "volume": volume,
            "image": image,
            "owner": owner,
            "files": pulumi.Output.secret({path: dict(file) for path, file in files.items()}),
            "labels": dict(labels),
        }
        super().__init__(FilesProvider(), name, props, opts)
