"""What the program declares, as a graph: the real `__main__.py`, run with nothing behind it but Pulumi's mocks."""

from __future__ import annotations

import asyncio
import functools
import runpy
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime.settings import get_root_resource

from components import settings as stack_settings
from ops.paths import ROOT

STACK: Final = "local"
SECRET_VALUES: Final = {key: f"docs-only-{number}-{key}" for number, key in enumerate(stack_settings.SECRETS)}
"""What the secrets are during the run: strings that nothing else can be mistaken for."""

_IMAGE: Final = "docker:index/remoteImage:RemoteImage"
_STACK_TYPE: Final = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Resource:
    """One declared resource.

    Attributes:
        urn: its identity within the graph.
        kind: last part of its type, such as `Container`.
        name: its name in the program.
        parent: urn of the component that it belongs to, the stack's for the components themselves.
        needs: urns of what must be there before it, sorted.
        inputs: what it is declared with.
    """

    urn: str
    kind: str
    name: str
    parent: str
    needs: tuple[str, ...]
    inputs: dict[str, Any]


@dataclass(frozen=True)
class Output:
    """One output of the stack: its value, and whether the program says that it is a secret."""

    value: Any
    secret: bool


@dataclass(frozen=True)
class Graph:
    """Everything that is declared, in an order of its own: resources run beside each other, and come as they like."""

    resources: tuple[Resource, ...]
    outputs: dict[str, Output]

    @property
    def components(self) -> list[Resource]:
        """The components, in the order of `__main__.py`."""
        program = (ROOT / "__main__.py").read_text(encoding="utf-8")
        found = [one for one in self.resources if one.parent.endswith(f"::{stack_settings.PROJECT}-{STACK}")]
        return sorted(found, key=lambda one: (program.find(f"{one.kind}(context"), one.kind))

    def of(self, component: Resource) -> list[Resource]:
        """What belongs to a component, by kind and name."""
        return sorted((one for one in self.resources if one.parent == component.urn), key=lambda one: one.urn)

    def kind(self, kind: str) -> dict[str, dict[str, Any]]:
        """Name → inputs of the resources of a kind, by name."""
        return {one.name: one.inputs for one in sorted(self.resources, key=lambda o: o.name) if one.kind == kind}


class _Answers(pulumi.runtime.Mocks):
    """Answers every registration as the engine would after an `up`."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        known = {"imageId": f"sha256:{args.name}"} if args.typ == _IMAGE else {}
        return f"{args.name}-id", {**args.inputs, **known}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError(f"the program calls {args.token}, for which ops/docs/graph.py has no answer")


class _Monitor(mocks.MockMonitor):
    """Keeps what the mocks are not told: to whom a resource belongs, and what it needs."""

    def __init__(self) -> None:
        super().__init__(_Answers())
        self.kept: list[Resource] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's own name
        """Registers as usual and keeps the request."""
        answer: Any = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != _STACK_TYPE:
            inputs = rpc.deserialize_properties(request.object)
            kind = request.type.rsplit(":", 1)[-1]
            needs = tuple(sorted(request.dependencies))
            self.kept.append(Resource(answer.urn, kind, request.name, request.parent, needs, inputs))
        return answer


@functools.cache
def declared() -> Graph:
    """The graph of a stack with default settings."""
    monitor = _Monitor()
    # Pulumi takes the thread's event loop, and whoever ran before may have closed it.
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(monitor.mocks, project=stack_settings.PROJECT, stack=STACK, preview=False, monitor=monitor)
    values = {**SECRET_VALUES, "instance": "docs"}
    pulumi.runtime.set_all_config(
        {f"{stack_settings.PROJECT}:{key}": value for key, value in values.items()},
        [f"{stack_settings.PROJECT}:{key}" for key in SECRET_VALUES],
    )
    outputs: dict[str, Output] = {}

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> None:
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    async def read() -> None:
        exported: dict[str, Any] = getattr(get_root_resource(), "outputs")  # noqa: B009 - the root is a Stack
        for name, value in exported.items():
            output = pulumi.Output.from_input(value)
            outputs[name] = Output(await output.future(), await output.is_secret())

    program()
    read()
    return Graph(tuple(monitor.kept), outputs)
