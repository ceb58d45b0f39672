"""Removes images of the project that nothing uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import docker
import docker.errors

if TYPE_CHECKING:
    from collections.abc import Iterator


def unused_images(engine: docker.DockerClient) -> Iterator[str]:
    """Removes every `mundo/*` image that no container (running or not) was made from; yields their tags."""
    used = {
        container.image.id for container in engine.containers.list(all=True, ignore_removed=True) if container.image
    }
    for image in engine.images.list(filters={"reference": "mundo/*"}):
        if image.id in used:
            continue
        for tag in image.tags:
            try:
                engine.images.remove(tag)
            except docker.errors.APIError:
                continue  # another image is built on it
            yield tag
