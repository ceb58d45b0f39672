"""Commands of a stack: up, preview, refresh, down, what it shows, and its settings."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from components import cache
from components import settings as stack_settings
from components.context import StackContext
from ops import engine_objects, first_run, lifecycle, summary, switch, workspace
from ops.cli.terminal import ERR, OUT, StackName, app, confirmation, plainly, quiet
from ops.clock import Clock
from ops.errors import OpsError
from ops.paths import settings_file
from ops.preview import command as preview_command
from ops.preview import markdown


@app.command()
def up(
    stack: StackName = "local",
    side_by_side: Annotated[bool, typer.Option(help="on a first run: choose a free subnet and free ports")] = False,  # noqa: FBT002
) -> None:
    """Bring the stack up, or to what its settings say now."""
    with plainly():
        lifecycle.up(stack, OUT, side_by_side=side_by_side)


@app.command()
def preview(
    stack: StackName = "local",
    form: Annotated[str, typer.Option("--format", help="table, or markdown for a reviewer")] = "table",
    output: Annotated[Path | None, typer.Option(help="file of the Markdown; standard output if none")] = None,
    limit: Annotated[int, typer.Option(help="bytes of the Markdown; a line says what was cut")] = markdown.LIMIT,
    link: Annotated[str, typer.Option(help="where the whole of it is, for that line")] = "",
) -> None:
    """Show what `up` would change; ends with 1 when what is protected would be replaced or deleted."""
    with plainly():
        preview_command.check_format(form, output)
        if form == "table":
            lifecycle.preview(stack, OUT)
        else:
            preview_command.run(stack, ERR, output=output, limit=limit, link=link)


@app.command()
def refresh(
    stack: StackName = "local",
    apply: Annotated[bool, typer.Option(help="write what was found to state")] = False,  # noqa: FBT002
) -> None:
    """Show the drift between state and what really runs (read-only unless --apply)."""
    with plainly():
        lifecycle.refresh(stack, OUT, apply=apply)


@app.command()
def down(
    stack: StackName = "local",
    force: Annotated[bool, typer.Option(help="do not ask")] = False,  # noqa: FBT002
) -> None:
    """Remove the stack with its data (asks first)."""
    with plainly():
        lifecycle.down(stack, OUT, confirm=confirmation(stack, force=force))


@app.command()
def status(stack: StackName = "local") -> None:
    """Show every container of the stack: state, health, restarts."""
    with plainly():
        engine = engine_objects.client()
        table = summary.containers(engine, stack)
        if not table.row_count:
            raise OpsError(f"stack '{stack}' is not up: make up STACK={stack}")
        OUT.print(table)


@app.command()
def outputs(
    stack: StackName = "local",
    show_secrets: Annotated[bool, typer.Option(help="show passwords")] = False,  # noqa: FBT002
) -> None:
    """Print the stack's outputs as JSON."""
    with plainly():
        found = workspace.open_stack(stack, quiet, create=False).outputs()
        if not found:
            raise OpsError(f"stack '{stack}' is not up: make up STACK={stack}")
        values = {
            key: output.value if show_secrets or not output.secret else _hidden(output.value)
            for key, output in found.items()
        }
        values.setdefault("grafana_url", None)
        sys.stdout.write(json.dumps(values, indent=2, sort_keys=True) + "\n")


@app.command("init")
def init(
    stack: StackName = "local",
    side_by_side: Annotated[bool, typer.Option(help="choose a free subnet and free ports")] = False,  # noqa: FBT002
) -> None:
    """Make the settings file of a new stack, with generated secrets, and nothing else."""
    with plainly():
        if not first_run.needed(stack):
            raise OpsError(f"{settings_file(stack).name} exists already")
        lifecycle.prepare(stack, OUT, Clock(), side_by_side=side_by_side)


@app.command()
def config(
    setting: Annotated[str, typer.Argument(help="KEY=VALUE, such as database.schedules.refresh='30 * * * *'")],
    stack: StackName = "local",
) -> None:
    """Set one setting of the stack; refused when the outcome would not be allowed."""
    with plainly():
        key, separator, value = setting.partition("=")
        if not separator:
            raise OpsError(f"'{setting}': expected KEY=VALUE, such as ports.app=8081")
        first_run.set_checked(workspace.open_stack(stack, quiet, create=False), key, value)
        OUT.print(f"{key} is set; make up applies it", highlight=False, markup=False)


@app.command()
def rotate(
    secret: Annotated[str, typer.Argument(help=f"one of {', '.join(stack_settings.SECRETS)}")],
    stack: StackName = "local",
) -> None:
    """Give one secret a new generated value; the next `up` makes it hold everywhere."""
    with plainly():
        first_run.rotate(workspace.open_stack(stack, quiet, create=False), secret)
        OUT.print(f"{secret} has a new value; make up makes it hold", highlight=False)


@app.command("switch-master")
def switch_master(stack: StackName = "local") -> None:
    """Make a replica the Redis master; writes pause for less than 100 ms, none is lost."""
    with plainly():
        if not summary.containers(engine_objects.client(), stack).row_count:
            raise OpsError(f"stack '{stack}' is not up: make up STACK={stack}")
        settings, secrets = workspace.settings_of(workspace.open_stack(stack, quiet, create=False))
        context = StackContext(stack, settings, secrets)
        password = secrets.redisPassword.get_secret_value()
        OUT.print(switch.switch_master(cache.sentinel_addresses(context), password).text, highlight=False)


@app.command("init-secrets")
def init_secrets(stack: StackName) -> None:
    """Generate the secrets that the stack's settings file lacks; keep those that are there."""
    with plainly():
        added = first_run.fill_secrets(workspace.open_stack(stack, quiet, create=True))
        OUT.print(f"generated: {', '.join(added) or 'nothing, all are there'}", highlight=False)


def _hidden(value: object) -> str:
    text = str(value)
    return summary.masked(text) if "://" in text else "***"
