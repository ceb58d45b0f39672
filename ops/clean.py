"""Removes images of the project that nothing uses."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

import docker
import docker.errors

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = "mundo/*"


def unused_images(engine: docker.DockerClient) -> Iterator[str]:
    """Removes every `mundo/*` image that no container (running or not) was made from; yields their tags."""
    # The id as the container has it: its image itself may have been removed by force.
    used = {container.attrs["Image"] for container in engine.containers.list(all=True, ignore_removed=True)}
    for image in engine.images.list(filters={"reference": _OURS}):
        if image.id in used:
            continue
        for tag in fnmatch.filter(image.tags, f"{_OURS}:*"):
            try:
                engine.images.remove(tag)
            except docker.errors.APIError:
                continue  # another image is built on it
            yield tag
