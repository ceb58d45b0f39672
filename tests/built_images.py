"""The service images for tests that need them: the same content tags as the platform's, built only when missing."""

import functools
import io
import tarfile
from collections.abc import Mapping

import docker

from images import builder


@functools.cache
def built(name: str) -> str:
    """The tag of the image of `images/NAME`, built first where the engine lacks it (`images.builder.ensure`)."""
    return builder.ensure(name)


def run_in(name: str, command: list[str], files: Mapping[str, str]) -> tuple[int, str]:
    """Runs a program of the image of `images/NAME` once, in a folder with `files`: its exit status and what it printed.

    Args:
        name: folder in `images/`.
        command: the program and its arguments, instead of the image's entry point.
        files: file name → text.
    """
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(text.encode()), 0o444
            tar.addfile(info, io.BytesIO(text.encode()))
    client = docker.from_env()
    try:
        container = client.containers.create(
            built(name), command[1:], entrypoint=command[:1], working_dir="/srv", network_mode="none"
        )
        try:
            container.put_archive("/srv", archive.getvalue())
            container.start()
            status = int(container.wait(timeout=120)["StatusCode"])
            return status, container.logs().decode()
        finally:
            container.remove(force=True, v=True)
    finally:
        client.close()
