"""Commands of the backups: made, listed, restored, tried."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import psycopg
import typer
from rich.filesize import decimal

from components import cache
from components.context import StackContext
from components.database import connection
from ops import engine_objects, workspace
from ops.backup import forget, listing, request, restore
from ops.backup.flush import flush
from ops.backup.repository import Repository
from ops.cli.terminal import OUT, StackName, app, confirmation, owner, plainly, quiet
from ops.errors import OpsError
from ops.upgrade import command as upgrade_command

if TYPE_CHECKING:
    import docker

Force = Annotated[bool, typer.Option(help="do not ask")]


@app.command("backup")
def make_backup(
    stack: StackName = "local",
    kind: Annotated[
        Literal["full", "incr"], typer.Option(help="full, or what has changed since the last one")
    ] = "incr",
) -> None:
    """Make a backup now, and wait for it."""
    with plainly():
        ended = request.wait_for(owner(stack), kind, OUT)
        OUT.print(
            f"{ended.label}: {decimal(ended.repository_bytes or 0)} in {ended.seconds or 0:.1f} s", highlight=False
        )


@app.command()
def backups(
    stack: StackName = "local",
    as_json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False,  # noqa: FBT002
) -> None:
    """List the backups, and say which moments can be reached."""
    with plainly():
        content = _opened(stack)[1].content()
        if as_json:
            sys.stdout.write(listing.as_json(content) + "\n")
        else:
            listing.show(content, stack, OUT)


@app.command("restore")
def restore_database(
    to: Annotated[str, typer.Option(help="a moment, such as '2026-11-24 10:15Z', or latest")],
    stack: StackName = "local",
    force: Force = False,  # noqa: FBT002
) -> None:
    """Bring the database back to a moment; the present one is kept beside it (asks first)."""
    with plainly():
        wanted = restore.target(to)
        engine, repository, context = _opened(stack)
        conninfo = connection.owner_conninfo_of(context.settings, context.secrets)
        content, answered = restore.prepared(wanted, repository, conninfo)
        if not answered and wanted.moment is None:
            last = listing.moment(content.reach[1]) if content.reach else ""
            OUT.print(f"PostgreSQL does not answer: what was committed after {last} may be lost", highlight=False)
        if not confirmation(stack, force=force)(f"what was committed after {wanted.text} from the database in use"):
            raise OpsError("nothing was restored")

        def afterwards() -> None:
            flush(cache.sentinel_addresses(context), context.secrets.redisPassword.get_secret_value())
            with psycopg.connect(conninfo, autocommit=True, connect_timeout=10) as server:
                # A database of before the backups' own tables has none to ask.
                if server.execute("SELECT to_regprocedure('request_backup(text)')").fetchone() != (None,):
                    server.execute("SELECT request_backup('full')")

        restore.restore(engine, context.prefix, repository, wanted, afterwards=afterwards, console=OUT)
        OUT.print(
            f"restored to {wanted.text}; the former cluster is kept until make restore-forget STACK={stack}",
            highlight=False,
        )


@app.command("restore-forget")
def restore_forget(stack: StackName = "local", force: Force = False) -> None:  # noqa: FBT002
    """Remove the clusters that restores have put aside (asks first)."""
    with plainly():
        forget.forget(_opened(stack)[1], OUT, confirm=confirmation(stack, force=force))


@app.command("restore-drill")
def restore_drill(stack: StackName = "local") -> None:
    """Restore the newest backup into a throw-away server and compare it with the living database."""
    with plainly():
        ended = request.wait_for(owner(stack), "drill", OUT)
        OUT.print(f"{ended.label}: {ended.compared} facts are equal, in {ended.seconds or 0:.1f} s", highlight=False)


@app.command("major-upgrade")
def major_upgrade(stack: StackName = "local", force: Force = False) -> None:  # noqa: FBT002
    """Bring the data to the major version of PostgreSQL that this release has, then the stack up (asks first)."""
    with plainly():
        engine, repository, context = _opened(stack)
        upgrade_command.run(
            stack,
            engine,
            repository,
            connection.owner_conninfo_of(context.settings, context.secrets),
            OUT,
            backups=context.settings.backups.enabled,
            confirm=confirmation(stack, force=force, verb="stop"),
        )


def _opened(stack: str) -> tuple[docker.DockerClient, Repository, StackContext]:
    """The engine, the stack's repository, and the stack."""
    engine = engine_objects.client()
    settings, secrets = workspace.settings_of(workspace.open_stack(stack, quiet, create=False))
    context = StackContext(stack, settings, secrets)
    return engine, Repository(engine, stack, context.prefix), context
