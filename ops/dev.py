"""`make dev`: the app from this checkout, on this machine, against the parts of a running stack.

It is started exactly as the stack's own container starts it, with the same settings and secrets, and anew whenever one
of its files changes. Uploads stay with the stack's app, whose spool cannot be seen from here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import watch

from components import catalog
from components.context import StackContext
from ops import workspace
from ops.errors import OpsError
from ops.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from rich.console import Console

_OF_IMPORTS = ("MUNDO_IMPORTS_", "import_token", "postgres_ingest_")
_PATIENCE_S = 3
_END_S = 10


def run(stack: str, console: Console, port: int | None = None) -> None:
    """Serves the app on this machine until interrupted; `port` None takes the one after the stack's own, or any.

    Raises:
        OpsError: the stack is not up, its parts cannot be reached from here, or the port is taken.
    """
    context = _context(stack)
    service = catalog.service(context)
    host = service.env["MUNDO_POSTGRES_HOST"]
    _check_reachable(stack, host, int(service.env["MUNDO_POSTGRES_PORT"]))
    port = _port(port, context.settings.ports.app + 1)
    mine = {key: value for key, value in service.env.items() if not key.startswith(_OF_IMPORTS)}
    ours = {key: value for key, value in os.environ.items() if not key.startswith("MUNDO_")}
    with _ending_on_signals() as ended, _secret_files(service.secrets) as folder:
        environment = {
            **ours,
            **mine,
            "MUNDO_SECRETS_DIR": str(folder),
            "MUNDO_HOST": "127.0.0.1",
            "MUNDO_PORT": str(port),
            "MUNDO_VERSION": "dev",
            "MUNDO_SHUTDOWN_GRACE_S": "1",
        }
        console.print(
            f"http://127.0.0.1:{port} is this checkout's app on the parts of stack '{stack}' (http://127.0.0.1:{port}"
            "/docs); it starts anew when a file in app/ changes; Ctrl-C ends it",
            highlight=False,
            soft_wrap=True,
        )
        _serve(environment, console, ended)


def _context(stack: str) -> StackContext:
    opened = workspace.open_stack(stack, lambda _: None, create=False)
    if "app_url" not in opened.outputs():
        raise OpsError(f"stack '{stack}' is not up: make up STACK={stack}")
    settings, secrets = workspace.settings_of(opened)
    return StackContext(stack, settings, secrets)


def _check_reachable(stack: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=_PATIENCE_S).close()
    except OSError as error:
        raise OpsError(
            f"the database of stack '{stack}' does not answer at {host}:{port} ({error.strerror or error}): it must run"
            f" on this machine's Docker engine; make status STACK={stack} shows what runs"
        ) from None


def _port(wanted: int | None, usual: int) -> int:
    """A port that is free now; the usual one if it is."""
    for port in (wanted,) if wanted is not None else (usual, 0):
        with socket.socket() as probe, contextlib.suppress(OSError, OverflowError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OpsError(f"PORT={wanted} cannot be had on 127.0.0.1: choose a free one from 1024 to 65535, or none")


@contextlib.contextmanager
def _secret_files(secrets: Mapping[str, str]) -> Iterator[Path]:
    """The secrets as files that only this user can read, in a folder that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="mundo-dev-") as name:
        folder = Path(name)
        for key, value in secrets.items():
            if not key.startswith(_OF_IMPORTS):
                descriptor = os.open(folder / key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
                with os.fdopen(descriptor, "w") as file:
                    file.write(value)
        yield folder


@contextlib.contextmanager
def _ending_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set, instead of ending this process in the middle."""
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _serve(environment: dict[str, str], console: Console, ended: threading.Event) -> None:
    """Runs the app, anew after each change of its files, until `ended`."""
    process = _start(environment)
    try:
        # Ctrl-C reaches the app too (one process group): it ends by itself, and is waited for below.
        for changes in watch(ROOT / "app", stop_event=ended, raise_interrupt=False, rust_timeout=200):
            names = ", ".join(sorted({str(Path(path).relative_to(ROOT)) for _, path in changes})[:3])
            console.print(f"changed: {names}; starting anew", highlight=False, markup=False)
            _end(process)
            process = _start(environment)
    finally:
        _end(process)


def _start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "app"], env=environment, cwd=ROOT)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
