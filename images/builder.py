"""Builds the service images without Pulumi: for tests, and ahead of them with progress."""

from __future__ import annotations

import io
import re
import tarfile
from typing import TYPE_CHECKING

import docker
import docker.errors

from images import content
from images.base import build as base_image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST = 400
"""Characters of an error."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""With which the engine marks what a build says on standard error."""


def names() -> list[str]:
    """Every service image: the folders of `images/` with a Dockerfile, without the base."""
    return sorted(path.parent.name for path in content.ROOT.glob("images/*/Dockerfile") if path.parent.name != "base")


def ensure(
    name: str,
    progress: Callable[[str], None] = lambda _: None,
    *,
    base: str | None = None,
    arguments: Mapping[str, str] | None = None,
) -> str:
    """Builds the image of `images/NAME` unless the engine has it under its content tag; returns the tag.

    The tag is the one that the platform itself uses, so whoever builds first serves both.

    Args:
        name: of the image.
        progress: told what is being done.
        base: another image to begin with than the project's own.
        arguments: other arguments of its Dockerfile than those that stand there.

    Raises:
        ImageError: it does not build, its base cannot be made, or there is no such image; one line says why.
    """
    base = base or base_image.ensure(progress)
    given = {**(arguments or {}), "BASE": base}
    tag = content.tag(name, " ".join([base, *(f"{key}={value}" for key, value in (arguments or {}).items())]))
    if base_image.exists(tag):
        return tag
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for path in content.inputs(name):
            archive.add(content.ROOT / path, arcname=str(path))
    context.seek(0)
    client = docker.from_env(timeout=1200)
    try:
        progress(f"building {tag}")
        lines = client.api.build(
            fileobj=context,
            custom_context=True,
            dockerfile=str(content.dockerfile(name)),
            buildargs=given,
            tag=tag,
            rm=True,
            forcerm=True,
            decode=True,
        )
        said, complaint = "", ""
        for line in lines:
            if "error" in line:
                why = [text for text in (complaint or said, str(line["error"])) if text]
                raise content.ImageError(f"image {name}: {' '.join(': '.join(why).split())}"[:_LONGEST])
            raw = str(line.get("stream", ""))
            step = _COLOUR.sub("", raw).strip()
            if step.startswith("Step "):
                progress(f"{name}: {step[:100]}")
                said, complaint = "", ""
            elif step and not step.startswith(("--->", "Removing intermediate container")):
                # The last that a failing command says is why, on standard error above all.
                said = step.splitlines()[-1]
                complaint = said if _COLOUR.match(raw) else complaint
    except docker.errors.APIError as error:
        raise content.ImageError(f"image {name}: {' '.join(str(error.explanation).split())}"[:_LONGEST]) from None
    finally:
        client.close()
    return tag
