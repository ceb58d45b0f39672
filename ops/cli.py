"""The `mundo` command: what `make` calls."""

from __future__ import annotations

import json
import os
import shlex
import sys
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer
from pulumi import automation
from rich.console import Console
from rich.markup import escape

from components import settings as stack_settings
from images import builder
from images.content import ImageError
from ops import clean, engine_objects, first_run, lifecycle, rollback, sql, summary, workspace
from ops.clock import Clock
from ops.errors import OpsError, one_line
from ops.paths import settings_file
from ops.picture import draw
from ops.tools import ToolError, docker_engine, pulumi_cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Mundo Virtual: the farm's digital twin, as code.")
StackName = Annotated[str, typer.Option("--stack", help="name of the stack")]
_PAGE = 160
"""Columns of tables where the output is not a terminal."""
_out = Console() if sys.stdout.isatty() else Console(width=_PAGE)
_err = Console(stderr=True, soft_wrap=True)


@contextmanager
def _plainly() -> Iterator[None]:
    """Foreseen errors end in one line and exit status 1; an interruption says that it is safe."""
    try:
        yield
    except (OpsError, ToolError, ImageError, stack_settings.SettingsError) as error:
        _fail(str(error))
    except automation.CommandError as error:
        _fail(one_line([str(error)]))
    except KeyboardInterrupt:
        _fail("interrupted; the same command goes on from where it was")


def _fail(text: str) -> None:
    if os.environ.get("MUNDO_DEBUG"):
        raise  # noqa: PLE0704 - only ever called from an except block
    _err.print(f"[red]error:[/red] {escape(text)}", highlight=False)
    raise typer.Exit(1) from None


@app.command()
def up(
    stack: StackName = "local",
    side_by_side: Annotated[bool, typer.Option(help="on a first run: choose a free subnet and free ports")] = False,  # noqa: FBT002
) -> None:
    """Bring the stack up, or to what its settings say now."""
    with _plainly():
        lifecycle.up(stack, _out, side_by_side=side_by_side)


@app.command()
def preview(stack: StackName = "local") -> None:
    """Show what `up` would change."""
    with _plainly():
        lifecycle.preview(stack, _out)


@app.command()
def refresh(
    stack: StackName = "local",
    apply: Annotated[bool, typer.Option(help="write what was found to state")] = False,  # noqa: FBT002
) -> None:
    """Show the drift between state and what really runs (read-only unless --apply)."""
    with _plainly():
        lifecycle.refresh(stack, _out, apply=apply)


@app.command()
def down(
    stack: StackName = "local",
    force: Annotated[bool, typer.Option(help="do not ask")] = False,  # noqa: FBT002
) -> None:
    """Remove the stack with its data (asks first)."""
    with _plainly():
        lifecycle.down(stack, _out, confirm=_confirmation(stack, force=force))


@app.command()
def status(stack: StackName = "local") -> None:
    """Show every container of the stack: state, health, restarts."""
    with _plainly():
        engine = engine_objects.client()
        table = summary.containers(engine, stack)
        if not table.row_count:
            raise OpsError(f"stack '{stack}' is not up: make up STACK={stack}")
        _out.print(table)


@app.command()
def outputs(
    stack: StackName = "local",
    show_secrets: Annotated[bool, typer.Option(help="show passwords")] = False,  # noqa: FBT002
) -> None:
    """Print the stack's outputs as JSON."""
    with _plainly():
        found = workspace.open_stack(stack, _quiet, create=False).outputs()
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
    with _plainly():
        if not first_run.needed(stack):
            raise OpsError(f"{settings_file(stack).name} exists already")
        lifecycle.prepare(stack, _out, Clock(), side_by_side=side_by_side)


@app.command()
def config(
    setting: Annotated[str, typer.Argument(help="KEY=VALUE, such as database.schedules.refresh='30 * * * *'")],
    stack: StackName = "local",
) -> None:
    """Set one setting of the stack; refused when the outcome would not be allowed."""
    with _plainly():
        key, separator, value = setting.partition("=")
        if not separator:
            raise OpsError(f"'{setting}': expected KEY=VALUE, such as ports.app=8081")
        first_run.set_checked(workspace.open_stack(stack, _quiet, create=False), key, value)
        _out.print(f"{key} is set; make up applies it", highlight=False, markup=False)


@app.command()
def rotate(
    secret: Annotated[str, typer.Argument(help=f"one of {', '.join(stack_settings.SECRETS)}")],
    stack: StackName = "local",
) -> None:
    """Give one secret a new generated value; the next `up` makes it hold everywhere."""
    with _plainly():
        first_run.rotate(workspace.open_stack(stack, _quiet, create=False), secret)
        _out.print(f"{secret} has a new value; make up makes it hold", highlight=False)


@app.command("init-secrets")
def init_secrets(stack: StackName) -> None:
    """Generate the secrets that the stack's settings file lacks; keep those that are there."""
    with _plainly():
        added = first_run.fill_secrets(workspace.open_stack(stack, _quiet, create=True))
        _out.print(f"generated: {', '.join(added) or 'nothing, all are there'}", highlight=False)


@app.command("prepare-tests", hidden=True)
def prepare_tests() -> None:
    """Start an engine, have Pulumi, and build every image, with progress."""
    with _plainly():
        say = lifecycle.teller(_out)
        docker_engine.ensure_engine(say)
        pulumi_cli.ensure_pulumi(say)
        for name in builder.names():
            builder.ensure(name, say)


@app.command("doctor")
def doctor_command() -> None:
    """Say what is there, what is missing, and what each missing thing costs; change nothing."""
    from ops.doctor import run_doctor  # noqa: PLC0415 - its probes need modules that no other command does

    raise typer.Exit(run_doctor(_out))


@app.command()
def env() -> None:
    """Print the environment for typing `pulumi` by hand: eval "$(make -s env)"."""
    with _plainly():
        workspace.ensure_backend()
        for key, value in workspace.environment(pulumi_cli.ensure_pulumi(_to_stderr)).items():
            sys.stdout.write(f"export {key}={shlex.quote(value)}\n")


@app.command("clean-images")
def clean_images() -> None:
    """Remove the images of the project that no container uses."""
    with _plainly():
        for tag in clean.unused_images(engine_objects.client()):
            _out.print(f"removed {tag}", highlight=False)


@app.command(hidden=True)
def picture(target: Path, stack: StackName = "local") -> None:
    """Draw the running stack for the README."""
    with _plainly():
        outputs = lifecycle.plain(workspace.open_stack(stack, _quiet, create=False).outputs())
        draw(engine_objects.client(), stack, outputs, target)


@app.command()
def schema() -> None:
    """Print the JSON schema of a stack's settings."""
    sys.stdout.write(json.dumps(stack_settings.json_schema(), indent=2) + "\n")


@app.command()
def ingest(file: Annotated[Path, typer.Argument(help="the file to load")], stack: StackName = "local") -> None:
    """Load a file of features into the catalogue."""
    from ops.ingest import ingest_file  # noqa: PLC0415 - GDAL and GEOS load only where they are needed

    with _plainly():
        raise typer.Exit(ingest_file(_owner(stack), file, _out, _err))


@app.command()
def sample(
    stack: StackName = "local",
    n: Annotated[int, typer.Option("-n", help="number of features")] = 1000,
) -> None:
    """Make a synthetic farm of N features and load it."""
    from ops.ingest import sample as sample_farm  # noqa: PLC0415 - as above

    with _plainly():
        raise typer.Exit(sample_farm(_owner(stack), n, _out, _err))


@app.command("sql")
def run_sql(query: Annotated[str, typer.Argument(help="one statement")], stack: StackName = "local") -> None:
    """Run one SQL statement as the owner of the schema and print its rows."""
    with _plainly():
        sql.run(_owner(stack), query, _out)


@app.command("rollback")
def rollback_schema(
    to: Annotated[str, typer.Option(help="the migration that stays the newest")],
    stack: StackName = "local",
    force: Annotated[bool, typer.Option(help="do not ask")] = False,  # noqa: FBT002
) -> None:
    """Undo migrations, newest first (asks first)."""
    with _plainly():
        rollback.rollback(_owner(stack), to, _out, confirm=_confirmation(stack, force=force))


@app.command()
def capacity(
    stack: StackName = "local",
    rows_per_year: Annotated[float | None, typer.Option(help="plan for so many a year, not what was measured")] = None,
    output: Annotated[Path | None, typer.Option(help="folder of the page and its picture")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print everything as JSON")] = False,  # noqa: FBT002
    compare: Annotated[bool, typer.Option(help="only compare the plan that is there")] = False,  # noqa: FBT002
) -> None:
    """Project the size of the catalogue for the years to come, or compare the plan with what is there."""
    from ops.capacity import command  # noqa: PLC0415 - as above

    with _plainly():
        conninfo = _owner(stack)
        if compare:
            command.run_compare(conninfo, stack, _out, as_json=as_json)
            return
        settings = workspace.settings_of(workspace.open_stack(stack, _quiet, create=False))[0].capacity
        request = command.Request(
            stack, dict(settings.growth), settings.last_year, output or command.default_output(stack), rows_per_year
        )
        command.run_plan(conninfo, request, _out, as_json=as_json)


@app.command()
def drill(
    name: Annotated[str, typer.Argument(help="which: postgres-crash")],
    times: Annotated[int, typer.Option("-n", help="faults of each kind")] = 20,
    page: Annotated[Path | None, typer.Option(help="write the result as a page of the documentation")] = None,
) -> None:
    """Break a part of the platform of its own on purpose and count what holds."""
    from ops.drills.command import drill as run_drill  # noqa: PLC0415 - as above

    with _plainly():
        docker_engine.ensure_engine(_to_stderr)
        run_drill(name, times, _out, page)


def _confirmation(stack: str, *, force: bool) -> Callable[[str], bool]:
    """Asks for the stack's name before something is removed; scripts say yes beforehand."""

    def confirm(what: str) -> bool:
        if force:
            return True
        if not sys.stdin.isatty():
            raise OpsError(f"this would remove {what}: FORCE=1 says yes where nobody can be asked")
        return bool(typer.prompt(f"This removes {what}. Type the stack's name to go on") == stack)

    return confirm


def _owner(stack: str) -> str:
    """Connection string of the database's owner, from the stack's outputs."""
    found = workspace.open_stack(stack, _quiet, create=False).outputs()
    if "postgres_url" not in found:
        raise OpsError(f"stack '{stack}' is not up: make up STACK={stack}")
    return str(found["postgres_url"].value)


def _hidden(value: object) -> str:
    text = str(value)
    return summary.masked(text) if "://" in text else "***"


def _quiet(_: str) -> None:
    """Progress that nobody asked to see."""


def _to_stderr(text: str) -> None:
    _err.print(text, highlight=False, markup=False)


if __name__ == "__main__":
    app()
