"""What every command shares: the terminal, errors in one line, consent, and the way into a stack's database."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from pulumi import automation
from rich.console import Console
from rich.markup import escape

from components.settings import SettingsError
from images.content import ImageError
from ops import workspace
from ops.errors import OpsError, one_line
from ops.tools import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Mundo Virtual: the farm's digital twin, as code.")
StackName = Annotated[str, typer.Option("--stack", help="name of the stack")]
_PAGE = 160
"""Columns of tables where the output is not a terminal."""
OUT = Console() if sys.stdout.isatty() else Console(width=_PAGE)
ERR = Console(stderr=True, soft_wrap=True)


@contextmanager
def plainly() -> Iterator[None]:
    """Foreseen errors end in one line and exit status 1; an interruption says that it is safe."""
    try:
        yield
    except (OpsError, ToolError, ImageError, SettingsError) as error:
        _fail(str(error))
    except automation.CommandError as error:
        _fail(one_line([str(error)]))
    except KeyboardInterrupt:
        _fail("interrupted; the same command goes on from where it was")


def _fail(text: str) -> None:
    if os.environ.get("MUNDO_DEBUG"):
        raise  # noqa: PLE0704 - only ever called from an except block
    ERR.print(f"[red]error:[/red] {escape(text)}", highlight=False)
    raise typer.Exit(1) from None


def confirmation(stack: str, *, force: bool, verb: str = "remove") -> Callable[[str], bool]:
    """Asks for the stack's name before something is removed (or stopped); scripts say yes beforehand."""

    def confirm(what: str) -> bool:
        if force:
            return True
        if not sys.stdin.isatty():
            raise OpsError(f"this would {verb} {what}: FORCE=1 says yes where nobody can be asked")
        return bool(typer.prompt(f"This {verb}s {what}. Type the stack's name to go on") == stack)

    return confirm


def owner(stack: str) -> str:
    """Connection string of the database's owner, from the stack's outputs."""
    found = workspace.open_stack(stack, quiet, create=False).outputs()
    if "postgres_url" not in found:
        raise OpsError(f"stack '{stack}' is not up: make up STACK={stack}")
    return str(found["postgres_url"].value)


def numbers(name: str, text: str) -> list[float]:
    """The numbers of a list with commas.

    Raises:
        OpsError: one of them is none.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise OpsError(f"{name}={text}: allowed are numbers with commas between them, such as 200,300") from None


def quiet(_: str) -> None:
    """Progress that nobody asked to see."""


def to_stderr(text: str) -> None:
    """A line of progress, kept apart from what a command prints."""
    ERR.print(text, highlight=False, markup=False)
