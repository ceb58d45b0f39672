"""Resources of a test's own program: a group, and a thing whose `shape` cannot be changed in place."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class ThingProvider(ResourceProvider):
    """Keeps its properties in state and nowhere else."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """It exists by being declared."""
        return CreateResult(id_="thing", outs=props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Another shape is another thing."""
        changed = [key for key in ("shape", "size", "token", "volume") if olds.get(key) != news.get(key)]
        return DiffResult(changes=bool(changed), replaces=[key for key in changed if key == "shape"])


class Thing(Resource, module="small", name="Thing"):
    """A thing."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        super().__init__(ThingProvider(), name, props, opts)


class Group(pulumi.ComponentResource):
    """A component like the platform's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"mundo:{name}:Group", name)


class Files(Resource, module="placement", name="Files"):
    """Has the type of what fills a volume in the platform."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        super().__init__(ThingProvider(), name, props, opts)
