"""Images that only a benchmark needs: a Dockerfile of its own on top of one of the project's images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import docker
import docker.errors

from images import content
from images.base.build import exists

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def ensure(name: str, folder: Path, base: str, say: Callable[[str], None]) -> str:
    """Builds `mundo/bench-NAME` from `folder` on top of the image `base` unless the engine has it; returns its tag.

    Raises:
        ImageError: it does not build; one line says why.
    """
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and file.suffix != ".py"]
    tag = f"mundo/bench-{name}:{content.digest(base.encode(), *(file.read_bytes() for file in files))}"
    if exists(tag):
        return tag
    say(f"building {tag}")
    client = docker.from_env(timeout=1200)
    try:
        client.images.build(path=str(folder), buildargs={"BASE": base}, tag=tag, rm=True, forcerm=True)
    except docker.errors.DockerException as error:
        raise content.ImageError(f"image bench-{name}: {' '.join(str(error).split())[:300]}") from None
    finally:
        client.close()
    return tag
