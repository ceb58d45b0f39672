"""Commands of the machine and the checkout: what is there, tools, images, the settings' schema."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from components import settings as stack_settings
from images import builder
from ops import clean, engine_objects, lifecycle, vendor, workspace
from ops.cli.terminal import ERR, OUT, StackName, app, plainly, quiet, to_stderr
from ops.paths import ROOT
from ops.picture import draw
from ops.tools import browser, docker_engine, pulumi_cli


@app.command("start-engine", hidden=True)
def start_engine() -> None:
    """Start an engine where none answers."""
    with plainly():
        docker_engine.ensure_engine(lifecycle.teller(OUT))


@app.command("prepare-tests", hidden=True)
def prepare_tests() -> None:
    """Start an engine, have Pulumi and a browser, and build every image, with progress."""
    with plainly():
        say = lifecycle.teller(OUT)
        docker_engine.ensure_engine(say)
        pulumi_cli.ensure_pulumi(say)
        browser.ensure_browser(say)
        for name in builder.names():
            builder.ensure(name, say)


@app.command("vendor", hidden=True)
def vendor_command(
    release: Annotated[list[str] | None, typer.Option(help="another release: NAME=VERSION")] = None,
) -> None:
    """Lay the scripts that the pages take from npm anew, as app/web/vendor.json says."""
    with plainly():
        vendor.renew(dict(given.split("=", 1) for given in release or ()), lifecycle.teller(OUT))


@app.command("doctor")
def doctor_command() -> None:
    """Say what is there, what is missing, and what each missing thing costs; change nothing."""
    from ops.doctor import run_doctor  # noqa: PLC0415 - its probes need modules that no other command does

    raise typer.Exit(run_doctor(OUT))


@app.command()
def env() -> None:
    """Print the environment for typing `pulumi` by hand: eval "$(make -s env)"."""
    with plainly():
        workspace.ensure_backend()
        for key, value in workspace.environment(pulumi_cli.ensure_pulumi(to_stderr)).items():
            sys.stdout.write(f"export {key}={shlex.quote(value)}\n")


@app.command("clean-images")
def clean_images() -> None:
    """Remove the images of the project that no container uses."""
    with plainly():
        for tag in clean.unused_images(engine_objects.client()):
            OUT.print(f"removed {tag}", highlight=False)


@app.command(hidden=True)
def picture(target: Path, stack: StackName = "local") -> None:
    """Draw the running stack for the README."""
    with plainly():
        outputs = lifecycle.plain(workspace.open_stack(stack, quiet, create=False).outputs())
        draw(engine_objects.client(), stack, outputs, target)


@app.command()
def schema() -> None:
    """Print the JSON schema of a stack's settings."""
    sys.stdout.write(json.dumps(stack_settings.json_schema(), indent=2) + "\n")


@app.command()
def traceability(
    write: Annotated[bool, typer.Option("--write", help="write the page and the service's numbers")] = False,  # noqa: FBT002
) -> None:
    """Check that every requirement leads to artifacts, tests and evidence, and that no link is dead."""
    from ops.traceability.command import run  # noqa: PLC0415 - it loads the service's modules

    with plainly():
        raise typer.Exit(run(ROOT, OUT, ERR, write=write))


@app.command()
def evidence(
    write: Annotated[bool, typer.Option("--write", help="gather them and write the service's file")] = False,  # noqa: FBT002
) -> None:
    """Show the KPIs that benchmarks, drills and tests measured of this release, and check them."""
    from ops.evidence.command import run  # noqa: PLC0415 - it loads the linters' and the tests' machinery

    with plainly():
        run(ROOT, OUT, write=write)


@app.command("metrics-page")
def metrics_page(
    write: Annotated[bool, typer.Option("--write", help="write the page")] = False,  # noqa: FBT002
) -> None:
    """Check that the page of the metrics is what the service and the exporter show."""
    from ops.metrics_page import run  # noqa: PLC0415 - it loads the service's modules

    with plainly():
        run(ROOT, OUT, write=write)
