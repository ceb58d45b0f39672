"""Commands of the documentation: its generated pages, and its site."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.cli.terminal import OUT, app, plainly
from ops.paths import ROOT


@app.command()
def docs(
    check: Annotated[bool, typer.Option("--check", help="write nothing; end with 1 if a page is stale")] = False,  # noqa: FBT002
) -> None:
    """Write the generated pages of the documentation, or name those that are stale."""
    from ops.docs import command  # noqa: PLC0415 - it loads the service's modules
    from ops.docs.registry import PAGES  # noqa: PLC0415 - as above

    with plainly():
        (command.check if check else command.write)(ROOT, PAGES, OUT)


@app.command()
def site(
    serve: Annotated[bool, typer.Option("--serve", help="show it until Ctrl-C")] = False,  # noqa: FBT002
    port: Annotated[int, typer.Option(help="where it is shown, on this machine only")] = 8000,
) -> None:
    """Build the documentation as a static site that needs no internet; a dead link is an error."""
    from ops.docs import site as built  # noqa: PLC0415 - only here are the generators needed

    with plainly():
        entry = built.build(ROOT)
        OUT.print(f"{entry.relative_to(ROOT)} is built", highlight=False)
        if serve:
            OUT.print(f"http://127.0.0.1:{port}/index.html (Ctrl-C ends it)", highlight=False)
            built.serve(entry.parent, port)
