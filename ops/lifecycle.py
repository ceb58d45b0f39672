"""Up, preview, refresh and down of a stack."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi import automation
from rich.markup import escape

from images.base import build as base_image
from images.content import ImageError
from ops import engine_objects, first_run, heal, preflight, summary
from ops.clock import Clock
from ops.differences import Differences
from ops.errors import OpsError, one_line
from ops.paths import settings_file
from ops.progress import EngineProgress
from ops.tools import docker_engine
from ops.workspace import open_stack, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import docker
    from rich.console import Console

    from components.settings import Settings

    Listen = Callable[[automation.EngineEvent], None]

_PARALLEL = 8
_Result = TypeVar("_Result")


def prepare(stack_name: str, console: Console, clock: Clock, *, side_by_side: bool = False) -> automation.Stack:
    """Tools, engine and settings: everything that an update needs; made where it is missing.

    Raises:
        OpsError: one line says what is missing and cannot be had.
    """
    say = teller(console)
    with clock.step("tools"):
        docker_engine.ensure_engine(say)
        new = first_run.needed(stack_name)
        if new:
            _refuse_known_elsewhere(stack_name)
        heal.clear_locks(stack_name, say)
        stack = open_stack(stack_name, say, create=True)
        if new:
            say(f"first run of stack '{stack_name}': making {settings_file(stack_name).name} with generated secrets")
            first_run.make(stack, say, side_by_side=side_by_side)
        elif generated := first_run.finish(stack):
            say(f"generated the secrets that {settings_file(stack_name).name} lacked: {', '.join(generated)}")
    return stack


def up(stack_name: str, console: Console, *, side_by_side: bool = False, same_postgres: bool = True) -> None:
    """Brings the stack up, or to what its settings say now; refused where the data are of another PostgreSQL's.

    With `same_postgres` false, `make major-upgrade` has brought the data over already.
    """
    clock, say = Clock(), teller(console)
    stack = prepare(stack_name, console, clock, side_by_side=side_by_side)
    engine = engine_objects.client()
    with clock.step("checks"):
        settings, _ = settings_of(stack)
        preflight.check(engine, stack_name, settings, same_postgres=same_postgres)
        state = heal.settled(stack, say)
        heal.remove_leftovers(engine, stack_name, settings.instance or stack_name, state, say)
        _forget_removed(engine, stack, state, console, say)
        heal.free_port(engine, stack_name, settings, say)
    with clock.step("base image"):
        _base_image(say)
    with clock.step("pulumi up"):
        progress, done = _run(console, lambda listen: _update(stack, listen))
    total = sum(count for op, count in progress.changes.items() if _op(op) != "same")
    console.print(f"[green]{'nothing to change' if not total else f'{len(progress.steps)} changes made'}[/green]")
    summary.addresses(console, plain(done.outputs), stack_name)
    summary.timings(console, clock.steps)


def build_image(stack_name: str, console: Console, name: str) -> None:
    """Builds one image as `up` would, and changes nothing else: so that a later `up` need not, while people wait.

    By the engine, since what builds for it keeps a cache of its own.
    """
    say = teller(console)
    stack = open_stack(stack_name, say, create=False)
    _base_image(say)
    _run(console, lambda listen: _update(stack, listen, [f"**::image-{name}"]))


def preview(stack_name: str, console: Console) -> int:
    """Shows what `up` would change; returns how many resources that is."""
    clock = Clock()
    stack = prepare(stack_name, console, clock)
    gone = heal.missing_containers(engine_objects.client(), heal.resources(stack))
    for name in gone.values():
        console.print(f"[yellow]{name} was removed by hand: make up makes it anew[/yellow]", highlight=False)
    with clock.step("pulumi preview"):
        found = _differences(console, lambda listen: stack.preview(on_event=listen, diff=True, parallel=_PARALLEL))
    return found + len(gone)


def refresh(stack_name: str, console: Console, *, apply: bool) -> int:
    """Compares state with what really runs; writes state only where `apply`; returns the number of differences.

    Where containers were removed by hand, only they are compared.
    """
    say = teller(console)
    docker_engine.ensure_engine(say)
    heal.clear_locks(stack_name, say)
    stack = open_stack(stack_name, say, create=False)
    gone = list(heal.missing_containers(engine_objects.client(), heal.resources(stack))) or None
    if gone:
        say("containers were removed by hand; the rest is compared once make up has made them anew")
    operation = stack.refresh if apply else stack.preview_refresh
    return _differences(console, lambda listen: operation(target=gone, on_event=listen, parallel=_PARALLEL))


def down(stack_name: str, console: Console, *, confirm: Callable[[str], bool]) -> None:
    """Removes the stack with its data, after `confirm` said yes.

    Raises:
        OpsError: refused by the operator, or the stack's data are protected.
    """
    clock, say = Clock(), teller(console)
    docker_engine.ensure_engine(say)
    heal.clear_locks(stack_name, say)
    stack = open_stack(stack_name, say, create=False)
    settings, _ = settings_of(stack)
    engine = engine_objects.client()
    if settings.protect:
        raise OpsError(
            f"stack '{stack_name}' protects its data (mundo:protect is true): nothing is removed; set it to false and "
            "run make up first, if that is really meant"
        )
    _refuse_foreign(engine, stack_name, settings)
    found = engine_objects.find(engine, stack_name, settings.instance or stack_name)
    if not confirm(
        f"{len(found.containers)} containers and {len(found.volumes)} volumes of '{stack_name}', WITH THEIR DATA"
    ):
        raise OpsError("nothing was removed")
    with clock.step("pulumi destroy"):
        _run(console, lambda listen: stack.destroy(on_event=listen, parallel=_PARALLEL))
    with clock.step("left over"):
        for kind in vars(heal.remove_all(engine, stack_name, settings.instance or stack_name)).values():
            for name in kind:
                say(f"removed {name}, which state did not know")
        stack.workspace.remove_stack(stack_name, preserve_config=True)
    console.print(f"[green]stack '{stack_name}' is gone[/green]; its settings stay in {settings_file(stack_name).name}")
    summary.timings(console, clock.steps)


def _base_image(say: Callable[[str], None]) -> None:
    """Has the image that all others begin with; what cannot be had is one line."""
    try:
        base_image.ensure(say)
    except ImageError as error:
        raise OpsError(str(error)) from None


def _update(stack: automation.Stack, listen: Listen, target: list[str] | None = None) -> automation.UpResult:
    # Without secrets: what is read of the stack's history afterwards would be decrypted, and nobody looks at it.
    return stack.up(on_event=listen, target=target, parallel=_PARALLEL, show_secrets=False)


def _forget_removed(
    engine: docker.DockerClient,
    stack: automation.Stack,
    state: heal.Resources,
    console: Console,
    say: Callable[[str], None],
) -> None:
    """Takes the containers that somebody removed by hand out of state, so that the update makes them anew."""
    gone = heal.missing_containers(engine, state)
    if not gone:
        return
    say(f"removed by hand, and made anew: {', '.join(gone.values())}")
    _run(console, lambda listen: stack.refresh(target=list(gone), on_event=listen, parallel=_PARALLEL))


def plain(outputs: automation.OutputMap) -> dict[str, Any]:
    """Stack outputs, key → value, secrets in clear."""
    return {key: output.value for key, output in outputs.items()}


def teller(console: Console) -> Callable[[str], None]:
    """A progress callback that prints one dim line a call."""
    width = shutil.get_terminal_size().columns if console.is_terminal else 200

    def say(text: str) -> None:
        console.print(f"[dim]· {escape(text[: max(width - 4, 40)])}[/dim]", highlight=False)

    return say


def _run(console: Console, operation: Callable[[EngineProgress], _Result]) -> tuple[EngineProgress, _Result]:
    """Runs an engine operation under progress; gives what it told and its result. Its failure is one line."""
    with EngineProgress(console) as progress:
        try:
            result = operation(progress)
        except automation.CommandError as error:
            raise OpsError(one_line([*progress.errors, str(error)])) from None
    for warning in dict.fromkeys(progress.warnings):
        console.print(f"[yellow]{escape(warning.strip())}[/yellow]", highlight=False)
    return progress, result


def _differences(console: Console, operation: Callable[[Listen], object]) -> int:
    """Runs a preview and lists what differs, property by property."""
    found = Differences()
    with EngineProgress(console) as progress:

        def listen(event: automation.EngineEvent) -> None:
            found(event)
            if event.diagnostic_event:
                progress(event)

        try:
            operation(listen)
        except automation.CommandError as error:
            raise OpsError(one_line([*progress.errors, str(error)])) from None
    found.show(console)
    return len(found.rows)


def _refuse_known_elsewhere(stack_name: str) -> None:
    """A stack without a settings file here, but alive on the engine, is another checkout's."""
    engine = engine_objects.client()
    other = engine_objects.foreign(engine, stack_name, instance="")
    if other:
        raise OpsError(
            f"stack '{stack_name}' belongs to another checkout on this machine ({other} is its): work there, or take "
            "another name here: make up STACK=NAME"
        )


def _refuse_foreign(engine: docker.DockerClient, stack_name: str, settings: Settings) -> None:
    other = engine_objects.foreign(engine, stack_name, settings.instance or stack_name)
    if other:
        raise OpsError(f"{other} belongs to another checkout's stack '{stack_name}': nothing was removed")


def _op(key: str) -> str:
    return key.rsplit(".", 1)[-1].lower()
