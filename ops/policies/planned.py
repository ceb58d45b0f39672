"""A stack as the engine would make it: its resources out of `pulumi preview --json`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CONTAINER = "docker:index/container:Container"
VOLUME = "docker:index/volume:Volume"
IMAGE = "docker:index/remoteImage:RemoteImage"
NETWORK = "docker:index/network:Network"
FILES = "pulumi-python:dynamic/placement:Files"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource: its type, its name in the program, its inputs, and what they come from.

    Attributes:
        kind: its type token.
        name: its name in the program.
        inputs: its inputs; secrets are the engine's mark.
        protect: whether the engine would refuse to remove it.
        sources: input → names of the resources that it comes from.
    """

    kind: str
    name: str
    inputs: Mapping[str, Any]
    protect: bool = False
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Planned:
    """Everything of one stack.

    Attributes:
        name: the stack's name.
        resources: its resources.
        secrets: its secrets in clear, to be looked for.
        bind_address: the address that its settings publish ports on.
        protects: whether its settings protect what holds data.
        left_out: what of its settings this machine cannot preview, with the reason.
    """

    name: str
    resources: Sequence[Resource]
    secrets: Sequence[str] = ()
    bind_address: str = "127.0.0.1"
    protects: bool = False
    left_out: tuple[str, ...] = ()

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these types."""
        return [one for one in self.resources if one.kind in kinds]

    def image(self, container: Resource) -> str | None:
        """The reference of the image that a container runs; None where none of the program's own is."""
        images = {one.name: str(one.inputs["name"]) for one in self.of(IMAGE)}
        return next((images[name] for name in container.sources.get("image", ()) if name in images), None)

    def holds_data(self, volume: str) -> bool:
        """Whether the volume of this name holds data: it is declared, and nothing fills it anew with every `up`."""
        declared = {one.inputs["name"] for one in self.of(VOLUME)}
        filled = {one.inputs["volume"] for one in self.of(FILES)}
        return volume in declared - filled


def resources(steps: Iterable[Mapping[str, Any]]) -> list[Resource]:
    """The resources of the `steps` of `pulumi preview --json`, without groups and the engine's own."""
    return [
        Resource(
            kind=state["type"],
            name=_name(state["urn"]),
            inputs=state.get("inputs", {}),
            protect=state.get("protect", False),
            sources={key: tuple(map(_name, urns or ())) for key, urns in state.get("propertyDependencies", {}).items()},
        )
        for state in (step["newState"] for step in steps if "newState" in step)
        if state.get("custom") and "::pulumi:" not in state["urn"]
    ]


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]
