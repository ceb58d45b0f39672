"""An operator at a checkout: types commands and reads what they print."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
MINUTE = 60


@dataclass(frozen=True)
class Answer:
    """How a command ended: exit status, standard output, standard error."""

    status: int
    out: str
    err: str

    @property
    def error_line(self) -> str:
        """The one line of a refusal.

        Raises:
            AssertionError: the command did not fail, or said more than one line on standard error, or shows a trace.
        """
        lines = [line for line in self.err.splitlines() if line.strip()]
        assert self.status != 0, f"expected a refusal, got: {self.out}"
        assert len(lines) == 1, f"expected one line, got: {self.err}\n{self.out}"
        assert lines[0].startswith("error: "), lines
        assert "Traceback" not in self.out
        return lines[0]


@dataclass(frozen=True)
class Operator:
    """Somebody who works in one checkout, with a state folder and a passphrase of their own."""

    checkout: Path
    home: Path
    stack: str

    @property
    def settings_file(self) -> Path:
        """The settings file of the stack."""
        return self.checkout / f"Pulumi.{self.stack}.yaml"

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of every command; tools come from the machine's own cache."""
        return {
            # Whoever runs the tests through make is not the make that is typed here.
            **{name: text for name, text in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}},
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "COLUMNS": "200",
            **more,
        }

    def mundo(self, *words: str, seconds: int = 15 * MINUTE, **more: str) -> Answer:
        """Runs `mundo WORDS --stack …` to its end; `more` are environment variables."""
        done = subprocess.run(
            [*self.command(*words)],
            cwd=self.checkout,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def succeeds(self, *words: str) -> str:
        """Runs a command that must succeed; returns what it printed."""
        answer = self.mundo(*words)
        assert answer.status == 0, f"{words}: {answer.err}\n{answer.out}"
        return answer.out

    def command(self, *words: str) -> list[str]:
        """The command line of `mundo WORDS` for this stack."""
        return [sys.executable, "-m", "ops", words[0], "--stack", self.stack, *words[1:]]

    def killed(self, *words: str, when: Callable[[], bool]) -> None:
        """Starts a command; as soon as `when` holds, kills it and all its children with -9."""
        process = subprocess.Popen(
            self.command(*words),
            cwd=self.checkout,
            env=self.environment(),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 5 * MINUTE
        while not when():
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until, "the moment to kill it never came"
            time.sleep(0.2)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def pulumi(self, *words: str) -> Answer:
        """Types `pulumi WORDS --stack …`, in the environment that `mundo env` gives."""
        script = f'eval "$({sys.executable} -m ops env)" && exec pulumi "$@"'
        done = subprocess.run(
            ["sh", "-c", script, "sh", *words, "--stack", self.stack],
            cwd=self.checkout,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=10 * MINUTE,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def types(self, command: str, cwd: Path | None = None, **more: str) -> str:
        """Types a command as it stands on a page, `make` taking this stack for its own; returns what it printed.

        Raises:
            AssertionError: it failed.
        """
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=cwd or self.checkout,
            env=self.environment(**{"STACK": self.stack, **more}),
            capture_output=True,
            text=True,
            timeout=15 * MINUTE,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}\n{self.said()}"
        return done.stdout

    def said(self) -> str:
        """What the services that answer requests wrote in the last minute: it tells why one was refused."""
        client = docker.from_env()
        since = datetime.now(UTC) - timedelta(minutes=1)
        try:
            return "\n".join(
                f"-- {service}\n{client.containers.get(id_).logs(since=since, tail=40).decode(errors='replace')}"
                for service, id_ in sorted(self.containers().items())
                if service.startswith(("catalog", "proxy")) or service == "postgres"
            )
        finally:
            client.close()

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, passwords included."""
        found: dict[str, Any] = json.loads(self.succeeds("outputs", "--show-secrets"))
        return found

    def containers(self) -> dict[str, str]:
        """Service → container id, without the helpers that fill files volumes."""
        client = docker.from_env()
        try:
            found = client.containers.list(
                all=True, filters={"label": f"mundo.stack={self.stack}"}, ignore_removed=True
            )
            names = {str(c.name).removeprefix(f"mundo-{self.stack}-"): str(c.id) for c in found}
            return {name: id_ for name, id_ in names.items() if "-files-" not in name}
        finally:
            client.close()

    def left_over(self) -> list[str]:
        """Names of whatever of the stack is on the Docker engine."""
        client = docker.from_env()
        wanted: dict[str, str | list[str] | bool] = {"label": f"mundo.stack={self.stack}"}
        try:
            everything: list[Any] = [
                *client.containers.list(all=True, filters=wanted, ignore_removed=True),
                *client.volumes.list(filters=wanted),
                *client.networks.list(filters=wanted),
            ]
            return [str(one.name) for one in everything]
        finally:
            client.close()

    def state(self) -> str:
        """The state file's text."""
        return (self.home / "data/mundo/state/.pulumi/stacks/mundo" / f"{self.stack}.json").read_text()


@contextlib.contextmanager
def another_stack(someone: Operator) -> Iterator[Operator]:
    """The same operator with another stack, which does not exist yet, and of which nothing is left at the end."""
    other = Operator(someone.checkout, someone.home, f"e2e-{secrets.token_hex(3)}")
    try:
        yield other
    finally:
        if other.settings_file.exists():
            other.mundo("down", "--force")
        nothing_left(other)


def nothing_left(someone: Operator) -> None:
    """Checks that nothing of a stack is on the Docker engine."""
    left = someone.left_over()
    assert not left, f"still there after down: {left}"


def checkout(target: Path) -> Path:
    """A copy of this checkout as it is now, for tests that change files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / ".venv").symlink_to(ROOT / ".venv")
    return target
