"""The image of the peer: the project's PostgreSQL and one Debian package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import docker
import docker.errors

from images import builder, content
from images.base.build import exists

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLDER = Path(__file__).resolve().parent


def ensure(say: Callable[[str], None]) -> str:
    """Builds the image unless the engine has it; returns its tag.

    Raises:
        ImageError: it does not build; one line says why.
    """
    base = builder.ensure("postgres", say)
    tag = f"mundo/bench-partman:{content.digest(base.encode(), (_FOLDER / 'Dockerfile').read_bytes())}"
    if exists(tag):
        return tag
    say(f"building {tag}")
    client = docker.from_env(timeout=1200)
    try:
        client.images.build(path=str(_FOLDER), buildargs={"BASE": base}, tag=tag, rm=True, forcerm=True)
    except docker.errors.DockerException as error:
        raise content.ImageError(f"image bench-partman: {' '.join(str(error).split())[:300]}") from None
    finally:
        client.close()
    return tag
