"""Commands of the flow of changes: messages of commits, the changelog, the README's sections."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from ops.cli.terminal import ERR, OUT, app, plainly
from ops.paths import ROOT


@app.command()
def commits(
    among: Annotated[str, typer.Option("--range", help="A..B, or all commits up to one")] = "HEAD",
    file: Annotated[Path | None, typer.Option("--file", help="the message that is about to be committed")] = None,
) -> None:
    """Refuse commits whose messages break the convention, with the reason."""
    from ops.commits import command  # noqa: PLC0415 - only this command needs it

    with plainly():
        if file is not None:
            command.check_message(ROOT, file)
        else:
            raise typer.Exit(command.check_range(ROOT, OUT, ERR, among))


@app.command()
def changelog(
    write: Annotated[bool, typer.Option("--write", help="write the page")] = False,  # noqa: FBT002
    version: Annotated[str | None, typer.Option("--version", help="what is not released yet becomes this")] = None,
    release: Annotated[str | None, typer.Option("--release", help="print the notes of this tag")] = None,
    links: Annotated[str | None, typer.Option("--links", help="address of commits in the notes")] = None,
) -> None:
    """Check CHANGELOG.md, write it, or print the notes of a release."""
    from ops.commits import changelog as page  # noqa: PLC0415 - only this command needs it

    with plainly():
        if release is not None:
            sys.stdout.write(page.release(ROOT, release, links))
        elif write or version is not None:
            page.write(ROOT, OUT, version)
        else:
            page.check(ROOT, OUT)


@app.command()
def readme(
    write: Annotated[bool, typer.Option("--write", help="write the sections")] = False,  # noqa: FBT002
) -> None:
    """Check that the README's sections are what their sources say, or write them."""
    from ops.readme.command import run  # noqa: PLC0415 - it loads the service's modules

    with plainly():
        run(ROOT, OUT, write=write)
