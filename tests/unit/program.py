"""Runs the real program under Pulumi's mocks and keeps what it declares."""

from __future__ import annotations

import asyncio
import functools
import json
import runpy
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc

from components import settings as stack_settings
from tests.unit.stacks import ROOT, configuration


@dataclass(frozen=True)
class Declared:
    """One resource: its type, its name and its resolved inputs."""

    type: str
    name: str
    inputs: dict[str, Any]


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Answers every registration as the engine would after an `up`, and keeps it."""

    resources: list[Declared] = field(default_factory=list)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """The resource's id and state: its inputs, and what only the provider knows."""
        self.resources.append(Declared(args.typ, args.name, _in_clear(args.inputs)))
        known = {"imageId": f"sha256:{args.name}"} if args.typ == "docker:index/remoteImage:RemoteImage" else {}
        return f"{args.name}-id", {**args.inputs, **known}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """The program calls no function of a provider."""
        raise AssertionError(f"unexpected call of {args.token}")

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Name → inputs of every resource whose type ends in `kind`."""
        return {one.name: one.inputs for one in self.resources if one.type.rsplit(":", 1)[-1] == kind}


def _in_clear(value: Any) -> Any:
    """The value with every secret unwrapped, however deep."""
    if rpc.is_rpc_secret(value):
        return _in_clear(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: _in_clear(member) for key, member in value.items()}
    return [_in_clear(member) for member in value] if isinstance(value, list) else value


@functools.cache
def run(stack: str) -> Recorder:
    """Everything that the program declares for `stack`, its outputs awaited."""
    recorder = Recorder()
    # Pulumi takes the thread's event loop, and an earlier test may have closed it.
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(recorder, project=stack_settings.PROJECT, stack=stack, preview=False)
    values = configuration(stack)
    pulumi.runtime.set_all_config(
        {
            f"{stack_settings.PROJECT}:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in values.items()
        },
        [f"{stack_settings.PROJECT}:{key}" for key in stack_settings.SECRETS],
    )

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> None:
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")

    program()
    return recorder
