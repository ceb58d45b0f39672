"""A stack of its own for previews by the real engine: volumes and database objects of a program the test writes."""

from __future__ import annotations

import contextlib
import os
import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml
from pulumi import automation

from ops import workspace
from ops.preview.read import Reader
from ops.tools import pulumi_cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ops.preview.model import Preview

STACK = "unit"
_HEAD = """
import pulumi
import pulumi_docker as docker
from pulumi import ResourceOptions as Options
from tests.unit.preview.things import Files, Group, Thing
"""


@dataclass(frozen=True)
class SmallStack:
    """The stack and the folder of its program."""

    folder: Path
    stack: automation.Stack

    def program(self, text: str) -> None:
        """What the stack declares from now on."""
        (self.folder / "__main__.py").write_text(_HEAD + textwrap.dedent(text))

    def up(self) -> None:
        """Brings it up for real."""
        self.stack.up()

    def preview(self) -> Preview:
        """What an `up` would do, as the engine's events tell."""
        reader = Reader(STACK)
        with contextlib.suppress(automation.CommandError):
            self.stack.preview(on_event=reader, diff=True)
        return reader.preview()


@contextlib.contextmanager
def small_stack(folder: Path) -> Iterator[SmallStack]:
    """A stack in a backend of its own; what it made is destroyed at the end."""
    (folder / "state").mkdir()
    project = {"name": "small", "runtime": {"name": "python", "options": {}}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (folder / "__main__.py").write_text("")
    (folder / ".venv").symlink_to(sys.prefix)
    values = {
        **workspace.environment(pulumi_cli.ensure_pulumi(lambda _: None)),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "unit",
    }
    before = dict(os.environ)
    os.environ["PATH"] = values["PATH"]
    stack = automation.create_stack(STACK, work_dir=str(folder), opts=automation.LocalWorkspaceOptions(env_vars=values))
    try:
        yield SmallStack(folder, stack)
    finally:
        (folder / "__main__.py").write_text("")
        stack.workspace.pulumi_command.run(
            ["state", "unprotect", "--all", "--yes", "--stack", STACK], str(folder), values
        )
        stack.destroy()
        os.environ["PATH"] = before["PATH"]
