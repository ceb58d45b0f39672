"""The app as a process of its own, on the servers of `conftest.py`."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(environment: dict[str, str], *, log: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run the app until it answers; its output goes to `log`, or to the process's pipe."""
    with (
        contextlib.nullcontext(subprocess.PIPE) if log is None else log.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-m", "app"], env=environment, stdout=output, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        try:
            _wait_for_answer(process, environment, log)
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def _wait_for_answer(process: subprocess.Popen[str], environment: dict[str, str], log: Path | None) -> None:
    until = time.monotonic() + 20
    while True:
        assert process.poll() is None, "it ended at once"
        assert time.monotonic() < until, "it does not answer"
        # Where an address is shared, only the log tells who is ready.
        if log is None or "startup complete" in log.read_text():
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{environment['MUNDO_PORT']}/health/live")
                return
        time.sleep(0.05)
