"""Commands of the workflows on GitHub, and the policies that they check."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from ops.cli.terminal import ERR, OUT, StackName, app, plainly
from ops.errors import OpsError

ci = typer.Typer(no_args_is_help=True, help="What the workflows on GitHub do.")
app.add_typer(ci, name="ci")
DryRun = Annotated[bool, typer.Option("--dry-run", help="print what would be written, ask nobody")]


@ci.command("comment")
def comment(
    file: Annotated[Path, typer.Option(help="the text, as Markdown")],
    marker: Annotated[str, typer.Option(help="which comment it is, such as preview-dev")],
    pull: Annotated[int, typer.Option(min=1, help="number of the pull request")],
    dry_run: DryRun = False,  # noqa: FBT002
) -> None:
    """Leave one comment on a pull request, changed in place by every run."""
    from ops.ci import comment as comments  # noqa: PLC0415 - only the workflows need a client of GitHub
    from ops.ci.github import connect  # noqa: PLC0415 - as above

    with plainly():
        if not file.is_file():
            raise OpsError(f"{file}: there is no such file")
        OUT.print(comments.stick(connect(_print if dry_run else None), pull, marker, file.read_text()), markup=False)


@ci.command("drift")
def drift(
    stack: StackName,
    link: Annotated[str, typer.Option(help="the run that looked")] = "",
    dry_run: DryRun = False,  # noqa: FBT002
) -> None:
    """Compare state with what runs, and keep one issue that says what differs."""
    from ops.ci import drift as drifts  # noqa: PLC0415 - as above
    from ops.ci.github import connect  # noqa: PLC0415 - as above
    from ops.preview import command  # noqa: PLC0415 - as above

    with plainly():
        github = connect(_print if dry_run else None)
        OUT.print(drifts.report(github, command.drift(stack, ERR), link), markup=False)


@app.command()
def policies(
    stack: Annotated[list[str] | None, typer.Option("--stack", help="which stacks; every one if none")] = None,
) -> None:
    """Hold what the engine would make of every stack against the policies; ends with 1 when one is broken."""
    from ops.policies.command import run  # noqa: PLC0415 - it asks the engine for previews

    with plainly():
        run(stack or [], OUT)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
