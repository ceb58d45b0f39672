"""Commands of what is in the database: loading, asking, planning, drills."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from ops import rollback, sql, workspace
from ops.cli.terminal import ERR, OUT, StackName, app, confirmation, numbers, owner, plainly, quiet, to_stderr
from ops.errors import OpsError
from ops.tools import docker_engine


@app.command()
def ingest(file: Annotated[Path, typer.Argument(help="the file to load")], stack: StackName = "local") -> None:
    """Load a file of features into the catalogue."""
    from ops.ingest import ingest_file  # noqa: PLC0415 - GDAL and GEOS load only where they are needed

    with plainly():
        raise typer.Exit(ingest_file(owner(stack), file, OUT, ERR))


@app.command()
def sample(
    stack: StackName = "local",
    n: Annotated[int, typer.Option("-n", help="number of features")] = 1000,
) -> None:
    """Make a synthetic farm of N features and load it."""
    from ops.ingest import sample as sample_farm  # noqa: PLC0415 - as above

    with plainly():
        raise typer.Exit(sample_farm(owner(stack), n, OUT, ERR))


@app.command()
def dev(
    stack: StackName = "local",
    port: Annotated[
        int | None, typer.Option(help="port on this machine; the one after the stack's own if none")
    ] = None,
) -> None:
    """Serve the app from this checkout against the running stack, anew when one of its files changes."""
    from ops.dev import run as run_dev  # noqa: PLC0415 - as above

    with plainly():
        run_dev(stack, OUT, port)


@app.command("sql")
def run_sql(query: Annotated[str, typer.Argument(help="one statement")], stack: StackName = "local") -> None:
    """Run one SQL statement as the owner of the schema and print its rows."""
    with plainly():
        sql.run(owner(stack), query, OUT)


@app.command("rollback")
def rollback_schema(
    to: Annotated[str, typer.Option(help="the migration that stays the newest")],
    stack: StackName = "local",
    force: Annotated[bool, typer.Option(help="do not ask")] = False,  # noqa: FBT002
) -> None:
    """Undo migrations, newest first (asks first)."""
    with plainly():
        rollback.rollback(owner(stack), to, OUT, confirm=confirmation(stack, force=force))


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

    with plainly():
        conninfo = owner(stack)
        if compare:
            command.run_compare(conninfo, stack, OUT, as_json=as_json)
            return
        settings = workspace.settings_of(workspace.open_stack(stack, quiet, create=False))[0].capacity
        request = command.Request(
            stack, dict(settings.growth), settings.last_year, output or command.default_output(stack), rows_per_year
        )
        command.run_plan(conninfo, request, OUT, as_json=as_json)


@app.command()
def kpis(
    stack: StackName = "local",
    as_json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False,  # noqa: FBT002
) -> None:
    """Show each KPI against its target; ends with 1 when one is missed."""
    from ops.kpis import run  # noqa: PLC0415 - as above

    with plainly():
        url = workspace.open_stack(stack, quiet, create=False).outputs().get("prometheus_url")
        if url is None:
            raise OpsError(f"stack {stack} has no Prometheus: `make up` brings it up")
        run(str(url.value), OUT, as_json=as_json)


@app.command()
def drill(
    name: Annotated[str, typer.Argument(help="which: cache (every fault of it), master-killed, … or postgres-crash")],
    times: Annotated[int | None, typer.Option("-n", help="faults of each kind")] = None,
    page: Annotated[Path | None, typer.Option(help="write the result as a page of the documentation")] = None,
) -> None:
    """Break a part of the platform of its own on purpose and count what holds."""
    from ops.drills.command import drill as run_drill  # noqa: PLC0415 - as above

    with plainly():
        docker_engine.ensure_engine(to_stderr)
        run_drill(name, times, OUT, page)


@app.command()
def soak(
    minutes: Annotated[float, typer.Option(help="how long")] = 60,
    down_after: Annotated[str, typer.Option(help="down-after values, ms")] = "200,300,500",
    bursts: Annotated[str, typer.Option(help="seconds in which every core is kept busy, and seconds between")] = "5,5",
    page: Annotated[Path | None, typer.Option(help="write the result as a page of the documentation")] = None,
) -> None:
    """Watch Redis groups on a busy machine for false failovers, one group for each down-after value."""
    from ops.soak.command import soak as run_soak  # noqa: PLC0415 - as above

    with plainly():
        values = [int(value) for value in numbers("DOWN_AFTER", down_after)]
        seconds = numbers("BURSTS", bursts)
        if len(seconds) != len(("on", "off")):
            raise OpsError(f"BURSTS={bursts}: allowed are two numbers, seconds on and seconds off, such as 5,5")
        run_soak(minutes, values, (seconds[0], seconds[1]), OUT, page=page)
