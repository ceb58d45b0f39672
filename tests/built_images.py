"""The service images for tests that need them: the same content tags as the platform's, built only when missing."""

import functools
import io
import tarfile

import docker
import docker.errors

from images import content
from images.base import build


@functools.cache
def built(name: str) -> str:
    """The tag of the image of `images/NAME`, built first where the engine lacks it.

    Raises:
        docker.errors.BuildError: the image does not build.
        images.content.ImageError: the base image cannot be made, or there is no such image.
    """
    base = build.ensure()
    tag = content.tag(name, base)
    if build.exists(tag):
        return tag
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for path in content.inputs(name):
            archive.add(content.ROOT / path, arcname=str(path))
    context.seek(0)
    client = docker.from_env()
    try:
        client.images.build(
            fileobj=context,
            custom_context=True,
            dockerfile=str(content.dockerfile(name)),
            buildargs={"BASE": base},
            tag=tag,
            rm=True,
        )
    finally:
        client.close()
    return tag
