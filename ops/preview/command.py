"""Previews a stack for a reviewer: Markdown to a file or to standard output."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pulumi import automation

from ops import engine_objects, heal, lifecycle
from ops.clock import Clock
from ops.errors import OpsError, one_line
from ops.preview import markdown
from ops.preview.read import Reader
from ops.tools import docker_engine
from ops.workspace import open_stack, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from components.settings import Secrets
    from ops.preview.model import Preview

FORMATS = ("table", "markdown")


def check_format(name: str, output: Path | None) -> None:
    """Refuses what is no format, before anything is begun.

    Raises:
        OpsError: one line that names what is allowed.
    """
    if name not in FORMATS:
        raise OpsError(f"FORMAT={name}: allowed are {', '.join(FORMATS)}")
    if output and name == "table":
        raise OpsError(f"OUTPUT={output}: a table goes to the terminal; FORMAT=markdown goes to a file")


def run(stack_name: str, progress: Console, *, output: Path | None, limit: int, link: str) -> None:
    """Writes the preview as Markdown to `output`, or to standard output; progress goes to `progress`.

    Raises:
        OpsError: a protected resource would be replaced or deleted, or the engine failed. The preview is written
            before, as far as the engine came.
    """
    stack = lifecycle.prepare(stack_name, progress, Clock())
    found = read(stack, lambda listen: stack.preview(on_event=listen, diff=True))
    deliver(found, output, limit=limit, link=link)
    refuse(found)


def deliver(found: Preview, output: Path | None, *, limit: int, link: str) -> None:
    """Writes the preview to `output`, or to standard output; the log gets the whole of what was cut in the file."""
    text = markdown.render(found, limit=limit, link=link)
    whole = markdown.render(found, limit=sys.maxsize)
    if output is None:
        sys.stdout.write(text)
        return
    output.write_text(text, encoding="utf-8")
    if text != whole:
        sys.stdout.write(whole)


def drift(stack_name: str, progress: Console) -> Preview:
    """How what really runs differs from state; nothing is written to either.

    Where containers were removed by hand, only they are compared.

    Raises:
        OpsError: the stack is not up, or the engine failed.
    """
    say = lifecycle.teller(progress)
    docker_engine.ensure_engine(say)
    heal.clear_locks(stack_name, say)
    stack = open_stack(stack_name, say, create=False)
    gone = list(heal.missing_containers(engine_objects.client(), heal.resources(stack))) or None
    found = read(stack, lambda listen: stack.preview_refresh(target=gone, on_event=listen))
    if found.errors:
        raise OpsError(one_line(found.errors))
    return found


def read(stack: automation.Stack, operation: Callable[[Callable[[automation.EngineEvent], None]], object]) -> Preview:
    """What the engine tells in `operation`, secrets masked.

    Raises:
        OpsError: it failed without telling of any change.
    """
    reader = Reader(stack.name, _values(settings_of(stack)[1]))
    try:
        operation(reader)
    except automation.CommandError as error:
        found = reader.preview()
        if not found.refused:
            raise OpsError(one_line([*found.errors, str(error)])) from None
    return reader.preview()


def refuse(found: Preview) -> None:
    """Ends with an error where a protected resource would go, or the engine stopped.

    Raises:
        OpsError: one line that names the resources.
    """
    if found.refused:
        names = ", ".join(f"{change.name} ({change.op.value})" for change in found.refused)
        raise OpsError(f"stack '{found.stack}' protects what would be replaced or deleted: {names}")
    if found.errors:
        raise OpsError(one_line(found.errors))


def _values(secrets: Secrets) -> list[str]:
    """Every secret of the stack in clear, the longest first, so that none is masked in part."""
    held = [one for value in dict(secrets).values() for one in (value.values() if isinstance(value, dict) else [value])]
    values = {one.get_secret_value() for one in held if one}
    return sorted((value for value in values if value), key=len, reverse=True)
