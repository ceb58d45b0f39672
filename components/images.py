"""The images of the services, built from `images/NAME` and tagged by content."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_docker as docker
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider

from images import content
from images.base import build


class BaseImageProvider(ResourceProvider):
    """Makes the base image where it is missing. State holds this class by its import path: do not move it."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Pulls or makes the base image."""
        try:
            build.ensure()
        except content.ImageError as error:
            raise RuntimeError(str(error)) from None
        return CreateResult(id_=props["tag"], outs=dict(props))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Another tag is another image; one that somebody removed is made again."""
        changed = _olds.get("tag") != _news["tag"] or not build.exists(_news["tag"])
        return DiffResult(changes=changed, replaces=["tag"] if changed else [], delete_before_replace=False)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """An empty id where the engine answers that it has no such image."""
        return ReadResult(id_=id_ if build.exists(id_) else "", outs=props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Keeps the image: stacks share it."""


class BaseImage(Resource, module="images", name="BaseImage"):
    """`mundo/base:DIGEST`: Debian trixie with this host's certificates."""

    tag: pulumi.Output[str]

    def __init__(self, name: str, tag: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(BaseImageProvider(), name, {"tag": tag}, opts)


class Images(pulumi.ComponentResource):
    """Images by the name of their folder; each is declared once, when first asked for.

    Promises that a tag names its content, that images are shared by the stacks of one engine, and that `down` keeps
    them (`make clean-images` removes the unused).
    """

    def __init__(self, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mundo:images:Images", "images", None, opts)
        self.base_tag = build.tag()
        self.base = BaseImage("base", self.base_tag, pulumi.ResourceOptions(parent=self))
        self._built: dict[str, docker.RemoteImage] = {}
        self.register_outputs({"base": self.base_tag})

    def get(self, name: str) -> docker.RemoteImage:
        """The image of `images/NAME`; a name with a tag is an image of a registry."""
        if name not in self._built:
            self._built[name] = self._pulled(name) if ":" in name else self._build(name)
        return self._built[name]

    def _build(self, name: str) -> docker.RemoteImage:
        return docker.RemoteImage(
            f"image-{name}",
            name=content.tag(name, self.base_tag),
            build=docker.RemoteImageBuildArgs(
                context=".",
                dockerfile=str(content.dockerfile(name)),
                build_args={"BASE": self.base_tag},
                remove=True,
            ),
            keep_locally=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.base]),
        )

    def _pulled(self, reference: str) -> docker.RemoteImage:
        return docker.RemoteImage(
            f"image-{reference.split(':', maxsplit=1)[0].rsplit('/', maxsplit=1)[-1]}",
            name=reference,
            keep_locally=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
